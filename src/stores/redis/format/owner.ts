/**
 * Definitions and owners of jobs as words: `kind/domain!!key`. Blanks, exclamation marks and what is below them are written
 * as `!` and two hexadecimal digits, so that words of one kind are in the order of domains and of the bytes of keys. An owner
 * that no definition can have is one word, too.
 */
import { type DefinitionKey, keyOfOwner } from '../../../core/definition.ts';
import { noWord } from './words.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is written otherwise
const special = /[\u0000-!\u007f]/g;
const between = '!!';

const escaped = (text: string): string => text.replaceAll(special, (char) => `!${char.charCodeAt(0).toString(16).padStart(2, '0')}`);

const unescaped = (text: string): string =>
  text.replaceAll(/!([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

export const definitionWord = ({ kind, domain, key }: DefinitionKey): string => `${kind}/${escaped(domain)}${between}${escaped(key)}`;

/** All words of a kind and domain lie between these two: the first inclusive, the second exclusive. */
export function domainRange({ kind, domain }: Pick<DefinitionKey, 'kind' | 'domain'>): readonly [from: string, to: string] {
  const place = `${kind}/${escaped(domain)}`;
  return [`${place}${between}`, `${place}!"`];
}

export function keyOfWord(word: string): DefinitionKey {
  const key = keyOfOwner(ownerOfWord(word));
  if (key === null) throw new Error(`a definition was expected, not ${word}`);
  return key;
}

export function ownerWord(owner: string): string {
  if (owner === '') return noWord;
  const key = keyOfOwner(owner);
  if (key !== null) return definitionWord(key);
  return owner === noWord ? '!2d' : escaped(owner);
}

export function ownerOfWord(word: string): string {
  if (word === noWord) return '';
  const [place = '', key] = word.split(between, 2);
  return key === undefined ? unescaped(place) : `${unescaped(place)}/${unescaped(key)}`;
}
