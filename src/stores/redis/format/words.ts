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

export const numberOf = (word: string): number | null => (word === noWord ? null : Number(word));

/** A whole number, or `noWord` for none. */
export const numberWord = (value: number | null): string => (value === null ? noWord : String(value));
