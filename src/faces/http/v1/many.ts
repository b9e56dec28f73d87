/** Many values in one body, as texts: of an array, or of lines. They are counted before any of them is read. */
import { HatstandError } from '../../../core/errors.ts';
import { inTurn } from '../long-work.ts';
import { countingLook, type Look } from '../receiving.ts';
import { scanned } from './json-text.ts';

/** Values whose texts are taken at once. */
const few = 1_000;
/** Values of one request. */
export const maxValues = 10_000;
/** Lines of one request, blank ones too. */
const maxLines = 2 * maxValues;

export class ManyTexts {
  readonly kind: 'elements' | 'lines';
  readonly texts: readonly string[];

  constructor(kind: 'elements' | 'lines', texts: readonly string[]) {
    this.kind = kind;
    this.texts = texts;
  }
}

/**
 * The elements of an array. Throws `invalid_json`, and `too_large` for more than `maxValues`.
 *
 * @param check is called again and again before they are taken; what it throws is thrown
 */
export async function elementsIn(text: string, check = (): void => undefined): Promise<ManyTexts> {
  const { parts, partCount } = await scanned(text, maxValues, check);
  if (partCount > maxValues) throw tooMany(`${maxValues} values, this one has more`);
  const taken = (): ManyTexts => {
    check();
    const texts = parts.map(({ start, end }) => text.slice(start, end));
    return new ManyTexts('elements', texts);
  };
  return parts.length < few ? taken() : await inTurn(taken);
}

/** Counts the lines of a body as it comes. Throws `too_large` for more than twice `maxValues`. */
export const lookAtLines = (): Look => countingLook(0x0a, maxLines, () => tooMany(`${maxLines} lines`));

/** All lines, blank ones too, so that their numbers are known. Throws `too_large` for more than twice `maxValues`. */
export function linesIn(text: string): ManyTexts {
  const lines: string[] = [];
  for (let from = 0; from <= text.length; ) {
    const end = text.indexOf('\n', from);
    if (lines.push(text.slice(from, end < 0 ? text.length : end)) > maxLines) throw tooMany(`${maxLines} lines`);
    from = end < 0 ? text.length + 1 : end + 1;
  }
  const values = lines.filter((line) => line.trim() !== '').length;
  if (values > maxValues) throw tooMany(`${maxValues} values, this one has ${values}`);
  return new ManyTexts('lines', lines);
}

export const tooMany = (told: string): HatstandError =>
  new HatstandError('too_large', `One request may bring ${told}. Send several.`, { limit: maxValues });
