/** How a job and an attempt lie in their columns, and how they are made of them again. */
import type { Attempt, Job, JobOptions } from '../../core/job.ts';
import { endOf, stateOf } from './codes.ts';
import type { Cell, TapeReader } from './tape.ts';

/** All but the two columns that may be large. Ids and fences leave as text: a JavaScript number would lose digits. */
const briefColumns =
  'CAST(id AS TEXT), state, domain, queue, worker, name, comment, url, manual, priority, due_at, created_at, started_at, ' +
  'ended_at, run, attempt, lost, CAST(fence AS TEXT), holder, reason, status_code, error, output_cut, options, headers';

/** What `readJob` reads, in its order. */
export const jobColumns = `${briefColumns}, payload, output`;
/** The same without payload and output. */
export const briefJobColumns = `${briefColumns}, NULL, ''`;
export const jobWidth = 27;
/** Where callers find what they need of a row before it becomes a job. */
export const jobColumn = { id: 0, state: 1, queue: 3, worker: 4, manual: 8, priority: 9 } as const;

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

/** JSON texts repeat from job to job, so the newest few are kept in both directions. */
class JsonMemo<T extends object> {
  readonly #values = new Map<string, T>();
  readonly #texts = new WeakMap<T, string>();

  read(text: string): T {
    const known = this.#values.get(text);
    if (known !== undefined) return known;
    if (this.#values.size >= 256) this.#values.clear();
    const value = deepFreeze(JSON.parse(text) as T);
    this.#values.set(text, value);
    return value;
  }

  write(value: T): string {
    const known = this.#texts.get(value);
    if (known !== undefined) return known;
    const text = JSON.stringify(value);
    if (Object.isFrozen(value)) this.#texts.set(value, text);
    return text;
  }
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) deepFreeze(inner as object);
  return Object.freeze(value);
}

const optionsMemo = new JsonMemo<JobOptions>();
const headersMemo = new JsonMemo<Readonly<Record<string, string>>>();

export const optionsText = (options: JobOptions): string => optionsMemo.write(options);
export const headersText = (headers: Readonly<Record<string, string>> | null): Cell =>
  headers === null ? null : headersMemo.write(headers);
