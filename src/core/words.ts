/** Texts that people write in words and lists, with the places to which errors point. */

/** A word of a text, and where it begins in it. */
export interface Word {
  readonly text: string;
  readonly at: number;
}

/** What stands between blanks. */
export const wordsOf = (text: string): readonly Word[] =>
  Array.from(text.matchAll(/\S+/g), (match) => ({ text: match[0], at: match.index }));

/** What stands between commas, empty ones too. */
export function itemsOf({ text, at }: Word): readonly Word[] {
  let next = at;
  return text.split(',').map((item) => {
    const word = { text: item, at: next };
    next += item.length + 1;
    return word;
  });
}
