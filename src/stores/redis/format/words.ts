/** Texts as words that are divided by blanks, slashes and semicolons in Redis (words.lua). */

const special = /[\p{Cc} %/;]/gu;
const hasSpecial = /[\p{Cc} %/;]/u;

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

export const numberOf = (word: string): number | null => (word === noWord ? null : wholeOf(word));

/** Throws for what is no whole number, or one that JavaScript does not reach. */
export function wholeOf(word: string | undefined): number {
  const whole = Number(word);
  if (Number.isSafeInteger(whole)) return whole;
  throw new Error(`a whole number was expected, not ${JSON.stringify(word?.slice(0, 64))}`);
}

/** The furthest time that a Date can show. */
const furthest = 8_640_000_000_000_000;

/** Throws for what is no time, in milliseconds. */
export function timeOf(word: string | undefined): number {
  const time = wholeOf(word);
  if (Math.abs(time) <= furthest) return time;
  throw new Error(`a time was expected, not ${time}`);
}

export const timeOrNull = (word: string): number | null => (word === noWord ? null : timeOf(word));

/** A whole number, or `noWord` for none. */
export const numberWord = (value: number | null): string => (value === null ? noWord : String(value));
