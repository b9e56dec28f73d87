/** Texts as words that are divided by blanks, slashes and semicolons in Redis. */

const special = /[\p{Cc} %/;]/gu;
const hasSpecial = /[\p{Cc} %/;]/u;

/** Stands between jobs that are shown in one text (lua/show.lua); what has it lies elsewhere (body.ts `isInside`). */
export const separator = '\u001e';

/** Stands for an empty text. */
export const noWord = '-';

const escaped = (char: string): string => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`;

export function wordOf(text: string): string {
  if (text === '') return noWord;
  if (text === noWord) return '%2D';
  return hasSpecial.test(text) ? text.replaceAll(special, escaped) : text;
}

export function textOf(word: string): string {
  if (word === noWord) return '';
  return word.includes('%')
    ? word.replaceAll(/%([0-9a-fA-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    : word;
}

export const numberOf = (word: string): number | null => (word === noWord ? null : Number(word));

/** Characters of an id as it is kept. */
export const idLength = 19;

/** An id as it is kept: its order as text is its order as a number. */
export const paddedId = (id: string): string => id.padStart(idLength, '0');

/** The id as callers know it. */
export const plainId = (padded: string): string => (padded.charCodeAt(0) === 0x30 ? padded.replace(/^0+(?=\d)/, '') : padded);
