/**
 * Characters that nobody sees and that change what is seen: they steer a terminal, turn the order of a line round, or make two
 * texts look like one. Shown by their numbers (Unicode: "Trojan source", UTS 55; UAX 9).
 */

/**
 * Controls, marks and overrides of direction, blanks without width, separators of lines, tags, and halves of a character. Not the
 * joiners (U+200C, U+200D) and variations that scripts and emoji are written with.
 */
const invisible =
  /[\p{Cc}\p{Cs}\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
const invisibleInJson =
  /[\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g;

/** The text with each of them as JSON would write it, such as `\u202e`. */
export const visible = (text: string): string => text.replace(invisible, escaped);

/** The same of a JSON text, which goes on meaning what it meant: it can hold them in strings alone. */
export const visibleJson = (json: string): string => json.replace(invisibleInJson, escaped);

const escaped = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
