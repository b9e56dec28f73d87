/**
 * JSON that somebody sent: its text, and the value of it as far as one is built. A short text is parsed at once. A long one is
 * read in pieces (core/json-scan.ts), so that others have their turn, counted before anything is built, and members such as its
 * payload, which go through the system as text, are never built at all.
 */
import { HatstandError } from '../../../core/errors.ts';
import { eachMember, nestsDeeper, type Span } from '../../../core/json.ts';
import { faultAt, findJsonFault, type JsonFault } from '../../../core/json-fault.ts';
import { JsonScan, type Part } from '../../../core/json-scan.ts';
import { jobLimits } from '../../../core/new-job.ts';
import { inSteps } from '../long-work.ts';

/** Characters of a text that is parsed at once, which takes no millisecond. */
export const shortText = 32 * 1024;
/** Characters that are read before others have their turn. */
const pieceLength = 128 * 1024;
/** Fields of one object: no schema has as many, and looking at each of a hundred thousand takes seconds. */
export const mostFields = 128;
/** Of a job. */
const payload: readonly string[] = ['payload'];
/** Characters that all members that are built may have together: more than the longest comment and headers with all escapes. */
const mostBuilt = 1024 * 1024;

/** Levels that are followed at all: whatever is told of a text is told of fewer. */
const mostScanned = 1_000;

export const tooDeep = (): HatstandError =>
  new HatstandError(
    'invalid_request',
    `payload may nest ${jobLimits.depth} levels of objects and arrays, this one nests deeper. Send it as a text, or flatten it.`,
    { field: 'payload', limit: jobLimits.depth },
  );

export class JsonText {
  readonly text: string;
  /** Of a long one, what stays text is `null`, and an array is empty. */
  readonly value: unknown;
  /** `null`: it is short. */
  readonly #scan: Pick<JsonScan, 'parts' | 'deepest'> | null;

  private constructor(text: string, value: unknown, scan: Pick<JsonScan, 'parts' | 'deepest'> | null) {
    this.text = text;
    this.value = value;
    this.#scan = scan;
  }

  /** Throws `invalid_json` with the position of the fault. */
  static ofShort(text: string): JsonText {
    return new JsonText(text, parseJson(text), null);
  }

  /**
   * Throws `invalid_json`, and `too_large` for what has more members, or larger ones, than a request may have.
   *
   * @param stayText members that may be as long as they like, since nothing is built of them
   */
  static async read(text: string, stayText = payload): Promise<JsonText> {
    if (text.length <= shortText) return JsonText.ofShort(text);
    const scan = await scanned(text, mostFields);
    return new JsonText(text, built(text, scan, stayText), scan);
  }

  nestsDeeper(levels: number): boolean {
    return this.#scan === null ? nestsDeeper(this.text, levels) : this.#scan.deepest > levels;
  }

  /** Visits every member of the object, repeated ones too; nothing of another value. */
  eachMember(visit: (key: string, value: Span) => void): void {
    if (this.#scan === null) eachMember(this.text, 0, visit);
    else for (const part of this.#scan.parts) if (part.key !== null) visit(keyOf(this.text, part.key), part);
  }

  /** The text of a member of the object, exactly as it came; `null`: it has none. Of one that stands more than once, the last. */
  member(name: string): string | null {
    let text: string | null = null;
    this.eachMember((key, { start, end }) => {
      if (key === name) text = this.text.slice(start, end);
    });
    return text;
  }
}

/**
 * What a scan finds that has come to its end, or to more parts than `parts`, behind which nothing is looked at; 0: to its end.
 * Throws `invalid_json`, and `invalid_request` for what nests beyond all measure.
 *
 * @param check is called before each step; what it throws is thrown
 */
export async function scanned(text: string, parts: number, check = (): void => undefined): Promise<JsonScan> {
  const scan = new JsonScan(text, { parts });
  const isEnough = (): boolean => parts > 0 && scan.partCount > parts;
  await inSteps(() => {
    check();
    const goesOn = scan.step(pieceLength);
    if (scan.deepest > mostScanned) throw tooDeep();
    return goesOn && !isEnough();
  });
  const fault = isEnough() ? null : faultAt(text, scan);
  if (fault !== null) throw notJson(text, fault);
  return scan;
}

/** A payload that is a whole body, of which nothing is built. Throws `invalid_json`, and `invalid_request` for one that nests too deep. */
export async function checkedPayload(text: string): Promise<string> {
  const { deepest } = await scanned(text, 0);
  if (deepest > jobLimits.depth) throw tooDeep();
  return text;
}

/** The value without what is not built of it. */
function built(text: string, { parts, partCount }: JsonScan, stayText: readonly string[]): unknown {
  const start = text.trimStart().charAt(0);
  if (start === '[') return [];
  if (start !== '{') return JSON.parse(text);
  if (partCount > mostFields) {
    throw new HatstandError('too_large', `An object may have ${mostFields} fields, this one has more.`, { limit: mostFields });
  }
  let characters = 0;
  return Object.fromEntries(
    parts.map((part) => {
      const key = part.key === null ? '' : keyOf(text, part.key);
      if (stayText.includes(key)) return [key, null];
      characters += part.end - part.start;
      if (characters > mostBuilt) throw tooLong(key, stayText);
      return [key, JSON.parse(text.slice(part.start, part.end)) as unknown];
    }),
  );
}

const tooLong = (field: string, stayText: readonly string[]): HatstandError =>
  new HatstandError(
    'too_large',
    `All fields but ${stayText.join(' and ')} may have ${mostBuilt} characters together; they end in ${JSON.stringify(field.slice(0, 40))}.`,
    {
      field: field.slice(0, 128),
      limit: mostBuilt,
    },
  );

const keyOf = (text: string, key: NonNullable<Part['key']>): string => JSON.parse(text.slice(key.start, key.end)) as string;

/** Throws `invalid_json` with the position of the fault. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const fault = findJsonFault(text);
    throw fault === null ? new HatstandError('invalid_json', 'The body is not valid JSON.') : notJson(text, fault);
  }
}

function notJson(text: string, { position, line, column, expected }: JsonFault): HatstandError {
  const came = position >= text.length ? 'its end' : JSON.stringify(text.charAt(position));
  // A text of one line may be one line of many: a line number of its own would mislead.
  const place = text.includes('\n') ? `line ${line}, column ${column} (position ${position})` : `position ${position}`;
  return new HatstandError('invalid_json', `Expected ${expected}, but came to ${came} at ${place}.`, { position, line, column });
}
