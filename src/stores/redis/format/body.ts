/**
 * What does not change in a job's life, as one text that scripts only move (body.lua): a letter for where the payload is, a
 * line of JSON, and the payload itself unless it is long. A long one lies on its own, so that lists need not read it.
 */
import { isAfter } from '../../../core/after.ts';
import { isStartBefore, type StartBefore } from '../../../core/expiry.ts';
import { timeOfId } from '../../../core/id.ts';
import { type After, type Job, type JobOptions, type NewJob, onLostWords } from '../../../core/job.ts';
import { headersIn } from '../../../core/kept-json.ts';
import { isUnique, type Unique, type UniqueScope } from '../../../core/unique.ts';
import { timeOf } from './words.ts';

interface Head {
  readonly domain: string;
  readonly name: string;
  readonly comment: string;
  readonly url: string;
  readonly options: JobOptions;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly limit: string;
  readonly about: string | null;
  /** When that is not what the id says. */
  readonly createdAt: number | null;
}

/** Stands between jobs that are shown in one text (jobs/show.lua). */
export const separator = '\u001e';

/** Characters that stand beside the rest; what is longer lies on its own. */
export const longestInside = 1_024;

/** A text with the separator could not be told from two: it lies on its own, however short it is. */
export const isInside = (payload: string): boolean => payload.length <= longestInside && !payload.includes(separator);

/** `n`: no payload; `i`: behind the line; `l`: elsewhere (`isInside`; body.lua looks for this letter). */
const payloadKinds = { none: 'n', inside: 'i', long: 'l' } as const;

export interface Body {
  readonly text: string;
  /** What lies on its own; `null`: nothing. */
  readonly payload: string | null;
}

export function bodyOf(job: Omit<NewJob, 'start' | 'idempotency'>, createdAt: number | null = null): Body {
  const { domain, name, comment, url, options, headers, payload } = job;
  const head = `${quoted(domain)},${quoted(name)},${quoted(comment)},${quoted(url)},${optionsText(options)}`;
  const line = `[${head},${headers === null ? 'null' : JSON.stringify(headers)}${rareCells(job, createdAt)}]\n`;
  if (payload === null) return { text: payloadKinds.none + line, payload: null };
  if (!isInside(payload)) return { text: payloadKinds.long + line, payload };
  return { text: payloadKinds.inside + line + payload, payload: null };
}

/**
 * The body of a job without its payload, around what a script puts between the pieces of what it is about.
 *
 * @param about pieces of JSON text
 */
export function bodyAround(job: Omit<NewJob, 'start' | 'idempotency'>, about: readonly string[]): readonly string[] {
  const rest = bodyOf({ ...job, payload: null, about: '' }).text;
  let mark = '#';
  while (rest.includes(mark)) mark += '#';
  const [head = '', tail = ''] = bodyOf({ ...job, payload: null, about: mark }).text.split(mark);
  // Within the quotation marks of the whole text.
  const pieces = about.map((piece) => JSON.stringify(piece).slice(1, -1));
  return pieces.map((piece, at) => `${at === 0 ? head : ''}${piece}${at === pieces.length - 1 ? tail : ''}`);
}

/** What few jobs have. Scripts find the time of the creation at the end of the line (body.lua). */
function rareCells({ limit, about }: Pick<NewJob, 'limit' | 'about'>, createdAt: number | null): string {
  return limit === '' && about === null && createdAt === null ? '' : `,${quoted(limit)},${JSON.stringify(about)},${createdAt}`;
}

/** Most of these texts are empty. */
const quoted = (text: string): string => (text === '' ? '""' : JSON.stringify(text));

/** The time of its creation, if a body has to tell it. */
export const createdBeside = (job: Job): number | null => (timeOfId(job.id) === job.createdAt ? null : job.createdAt);

export interface ReadBody {
  readonly head: Head;
  readonly payload: string | null;
  /** The payload lies on its own. */
  readonly isLong: boolean;
}

/** Whether the payload of the body that begins at `from` lies on its own. */
export const hasLongPayload = (text: string, from: number): boolean => text[from] === payloadKinds.long;

/**
 * Reads the body that begins at `from`. Throws for a text that makes none.
 *
 * @param long a payload that lies on its own; `null`: it is left out
 */
export function readBody(text: string, from: number, long: string | null): ReadBody {
  const end = text.indexOf('\n', from);
  const head = headMemo.read(text.slice(from + 1, end));
  switch (text[from]) {
    case payloadKinds.inside:
      return { head, payload: text.slice(end + 1), isLong: false };
    case payloadKinds.long:
      return { head, payload: long, isLong: true };
    default:
      return { head, payload: null, isLong: false };
  }
}

/** Objects of JSON texts that repeat from job to job: the newest few are kept. They are frozen, since jobs share them. */
class HeadMemo {
  readonly #heads = new Map<string, Head>();
  #lastLine = '';
  #lastHead: Head | null = null;

  /** Most often it is the one before: comparing takes less than looking it up. */
  read(line: string): Head {
    if (this.#lastHead !== null && line === this.#lastLine) return this.#lastHead;
    if (line.length > longestInside) return parseHead(line);
    const head = this.#heads.get(line) ?? this.#add(line);
    this.#lastLine = line;
    this.#lastHead = head;
    return head;
  }

  #add(line: string): Head {
    if (this.#heads.size >= remembered) this.#heads.clear();
    const head = parseHead(line);
    this.#heads.set(line, head);
    return head;
  }
}

const remembered = 256;
const headMemo = new HeadMemo();

/** Short, because every job has them. Never changes its meaning, whatever new jobs default to. */
type OptionCells = readonly [
  timeout: number | null,
  attempts: number,
  backoff: number,
  maxBackoff: number,
  /** In the order of onLostWords, of which none ever goes. */
  onLost: number,
  hq: number,
  /** What few jobs have: the others leave it out. */
  totalTimeout?: number | null,
  unique?: readonly [scope: UniqueScope, until: Unique['until']] | null,
  startBefore?: StartBefore | null,
  after?: After,
];

const optionLength = 6;

type UsualCells = readonly [string, string, string, string, OptionCells, Readonly<Record<string, string>> | null];
type RareCells = readonly [limit?: string, about?: string | null, createdAt?: number | null];

function parseHead(line: string): Head {
  const cells = JSON.parse(line) as readonly [...UsualCells, ...RareCells];
  const [domain, name, comment, url, options, headers, limit = '', about = null, createdAt = null] = cells;
  const texts: readonly unknown[] = [domain, name, comment, url, limit, about ?? ''];
  if (!texts.every((text) => typeof text === 'string')) throw new Error('its head has something else than texts');
  const usual = { domain, name, comment, url, options: optionsOf(options), headers: headers && Object.freeze(headersIn(headers)) };
  return Object.freeze({ ...usual, limit, about, createdAt: createdAt === null ? null : timeOf(String(createdAt)) });
}

function optionsOf(cells: OptionCells): JobOptions {
  const numbers: readonly unknown[] = cells.slice(0, optionLength + 1);
  const isNone = (at: number): boolean => at === 0 || at === optionLength;
  if (!numbers.every((cell, at) => Number.isFinite(cell) || (cell === null && isNone(at))) || numbers.length < optionLength)
    throw new Error('its options are none');
  const [timeout, attempts, backoff, maxBackoff, onLost, hq, totalTimeout = null, scoped = null, startBefore = null, after] = cells;
  const retry = Object.freeze({ attempts, backoff, maxBackoff });
  const usual: JobOptions = { timeout, retry, onLost: onLostWords[onLost] ?? 'retry', rules: hq === 1 ? 'hq' : 'v1' };
  const timed = totalTimeout === null ? usual : { ...usual, totalTimeout };
  const scopedToo = scoped === null ? timed : { ...timed, unique: uniqueIn(scoped) };
  return Object.freeze({ ...scopedToo, ...beginningIn(startBefore, after) });
}

function beginningIn(startBefore: StartBefore | null, after: After | undefined): Pick<JobOptions, 'startBefore' | 'after'> {
  if (startBefore !== null && !isStartBefore(startBefore)) throw new Error('it begins before no time');
  if (after !== undefined && !isAfter(after)) throw new Error('it waits for no jobs');
  return {
    ...(startBefore === null ? {} : { startBefore: Object.freeze(startBefore) }),
    ...(after === undefined ? {} : { after: Object.freeze(after) }),
  };
}

function uniqueIn([scope, until]: NonNullable<OptionCells[7]>): Unique {
  const unique = { scope, until };
  if (isUnique(unique)) return Object.freeze(unique);
  throw new Error('it is unique in no scope');
}

/** Cells that few jobs have: up to the last one that this one has. */
function rareOptions({ totalTimeout, unique, startBefore, after }: JobOptions): string {
  const scoped = unique === undefined ? null : [unique.scope, unique.until];
  if (after !== undefined) {
    // Scripts find it (jobs/scrub-waits.lua).
    const others = { jobs: after.jobs, onFailure: after.onFailure };
    return `,${JSON.stringify([totalTimeout ?? null, scoped, startBefore ?? null, others]).slice(1, -1)}`;
  }
  if (startBefore !== undefined) return `,${JSON.stringify([totalTimeout ?? null, scoped, startBefore]).slice(1, -1)}`;
  if (scoped !== null) return `,${JSON.stringify([totalTimeout ?? null, scoped]).slice(1, -1)}`;
  return totalTimeout === undefined ? '' : `,${totalTimeout}`;
}

/** Of the options before: jobs that are pushed one after the other most often share theirs. */
let written: { readonly options: JobOptions; readonly text: string } | null = null;

function optionsText(options: JobOptions): string {
  if (written?.options !== options) written = { options, text: textOfOptions(options) };
  return written.text;
}

function textOfOptions(options: JobOptions): string {
  const { timeout, retry, onLost, rules } = options;
  return `[${timeout},${retry.attempts},${retry.backoff},${retry.maxBackoff},${onLostWords.indexOf(onLost)},${rules === 'hq' ? 1 : 0}${rareOptions(options)}]`;
}
