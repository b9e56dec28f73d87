/** How a job and an attempt lie in their columns, and how they are made of them again. */
import type { Attempt, Job, JobOptions } from '../../core/job.ts';
import type { RetryPolicy } from '../../core/retry.ts';
import { endOf, stateOf } from './codes.ts';
import type { TapeReader } from './tape.ts';

/** All but the two columns that may be large. Ids and fences leave as text: a JavaScript number would lose digits. */
const briefColumns =
  'CAST(id AS TEXT), state, domain, queue, worker, name, comment, url, manual, priority, due_at, created_at, started_at, ' +
  'ended_at, run, attempt, lost, CAST(fence AS TEXT), holder, reason, status_code, error, output_cut, options, headers';

/** What `readJob` reads, in its order. */
export const jobColumns = `${briefColumns}, payload, output`;
/** The same without payload and output. */
export const briefJobColumns = `${briefColumns}, NULL, ''`;
/** Where callers find what they need of a row before it becomes a job. */
export const jobColumn = { id: 0, state: 1, queue: 3, worker: 4, manual: 8, startedAt: 12, attempt: 15, fence: 17, holder: 18 } as const;

export function readJob(tape: TapeReader): Job {
  return {
    id: tape.text(),
    state: stateOf(tape.number()),
    domain: tape.text(),
    queue: tape.text(),
    worker: tape.text(),
    name: tape.text(),
    comment: tape.text(),
    url: tape.text(),
    manual: tape.flag(),
    priority: tape.number(),
    dueAt: tape.number(),
    createdAt: tape.number(),
    startedAt: tape.numberOrNull(),
    endedAt: tape.numberOrNull(),
    run: tape.number(),
    attempt: tape.number(),
    lost: tape.number(),
    fence: tape.text(),
    holder: tape.text(),
    reason: tape.text(),
    ...readTail(tape),
  };
}

function readTail(tape: TapeReader): Pick<Job, 'result' | 'options' | 'headers' | 'payload'> {
  const statusCode = tape.numberOrNull();
  const error = tape.text();
  const outputCut = tape.flag();
  const options = optionsMemo.read(tape.text());
  const headersText = tape.textOrNull();
  const headers = headersText === null ? null : headersMemo.read(headersText);
  const payload = tape.textOrNull();
  return { options, headers, payload, result: { statusCode, error, outputCut, output: tape.text() } };
}

export const attemptColumns =
  'run, attempt, CAST(fence AS TEXT), holder, started_at, ended_at, ending, status_code, error, output_cut, output';

export function readAttempt(tape: TapeReader): Attempt {
  return {
    run: tape.number(),
    attempt: tape.number(),
    fence: tape.text(),
    holder: tape.text(),
    startedAt: tape.number(),
    endedAt: tape.numberOrNull(),
    end: endOf(tape.number()),
    result: { statusCode: tape.numberOrNull(), error: tape.text(), outputCut: tape.flag(), output: tape.text() },
  };
}

/** Values of JSON texts that repeat from job to job: the newest few are kept. They are frozen, since jobs share them. */
class JsonMemo<T extends object> {
  readonly #values = new Map<string, T>();
  readonly #make: (parsed: unknown) => T;

  constructor(make: (parsed: unknown) => T) {
    this.#make = make;
  }

  read(text: string): T {
    const known = this.#values.get(text);
    if (known !== undefined) return known;
    if (this.#values.size >= remembered) this.#values.clear();
    const value = Object.freeze(this.#make(JSON.parse(text)));
    this.#values.set(text, value);
    return value;
  }
}

const remembered = 256;

/** What the file leaves out of a job's options. Part of the file's format: it never changes, whatever new jobs default to. */
const unwritten: JobOptions = {
  timeout: null,
  retry: { attempts: 1, backoff: 1_000, maxBackoff: 3_600_000 },
  onLost: 'retry',
  rules: 'hq',
};

type WrittenOptions = Partial<Omit<JobOptions, 'retry'>> & { readonly retry?: Partial<RetryPolicy> };

const optionsMemo = new JsonMemo<JobOptions>((parsed) => {
  const written = parsed as WrittenOptions;
  return { ...unwritten, ...written, retry: Object.freeze({ ...unwritten.retry, ...written.retry }) };
});
const headersMemo = new JsonMemo((parsed) => parsed as Record<string, string>);

/** Jobs share their options more often than not. */
const writtenOptions = new WeakMap<JobOptions, string>();

export function optionsText(options: JobOptions): string {
  const known = writtenOptions.get(options);
  if (known !== undefined) return known;
  const text = JSON.stringify({ ...different(options, unwritten), retry: different(options.retry, unwritten.retry) });
  writtenOptions.set(options, text);
  return text;
}

/** The members that are not what the file leaves out, `undefined` when there are none. */
function different<T extends object>(value: T, usual: T): Partial<T> | undefined {
  let found: Partial<T> | undefined;
  for (const key in value) if (value[key] !== usual[key]) found = { ...found, [key]: value[key] };
  return found;
}

export const headersText = (headers: Readonly<Record<string, string>> | null): string | null =>
  headers === null ? null : JSON.stringify(headers);
