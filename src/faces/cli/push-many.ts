/** Pushes jobs as they come, many in one request where many have come. */
import { type ErrorCode, HatstandError } from '../../core/errors.ts';
import type { Client, Job } from '../client/client.ts';
import { faultOfProblem } from '../client/fault.ts';
import { placeOfField } from './field-place.ts';
import type { Found, JsonText } from './json-values.ts';

/** What became of jobs, told in the order of their lines. */
export interface PushListener {
  /** @param line of the last one */
  kept(jobs: readonly Kept[], line: number): Promise<void>;
  /** One job alone; the others go on. */
  refused(fault: HatstandError): void;
}

/** A job that is kept. */
export interface Kept {
  readonly id: string;
  readonly line: number;
  /** The worker that no live node serves; `null`: one does. */
  readonly unserved: string | null;
  /** Its time lies in the past. */
  readonly isPast: boolean;
}

/** What became of one request; `fault` is what stops all that comes behind it. */
interface Sent {
  readonly kept: readonly Kept[];
  readonly refused: readonly HatstandError[];
  readonly fault: unknown;
}

/** Jobs and characters of one request. */
const perRequest = { jobs: 1_000, characters: 4 * 1024 * 1024 };
/** Requests under way at once. */
const inFlight = 4;
/** When nothing else came before, it is no file of jobs. */
const mostFaults = 100;

/** What the server says of one job alone. */
const refusals: ReadonlySet<ErrorCode> = new Set(['invalid_json', 'invalid_request', 'too_large', 'key_reused', 'conflict']);
/** What it says of none of them. */
const ofServer: ReadonlySet<ErrorCode> = new Set(['unreachable', 'unauthorized', 'forbidden']);
const isRefusal = (error: unknown): error is HatstandError => error instanceof HatstandError && refusals.has(error.code);

/**
 * Each job is on its way as soon as it is read, and told as soon as those before it are. Ends when all have come, or at the
 * first fault that is not about one job alone, which is thrown once everything that was under way is told; or at the signal.
 *
 * @param source names the jobs in errors
 */
export async function pushMany(
  client: Client,
  found: AsyncIterable<readonly Found[]>,
  source: string,
  listener: PushListener,
  signal: AbortSignal,
): Promise<void> {
  const underWay: Promise<void>[] = [];
  const broken = new AbortController();
  const stop = AbortSignal.any([signal, broken.signal]);
  let told: Promise<void> = Promise.resolve();
  let kept = 0;
  let refused = 0;
  let fault: unknown = null;

  async function tell({ kept: these, refused: those, ...sent }: Sent): Promise<void> {
    const last = these.at(-1);
    if (last !== undefined) await listener.kept(these, last.line);
    for (const each of those) listener.refused(each);
    kept += these.length;
    refused += those.length;
    fault ??= sent.fault;
    if (kept === 0 && refused >= mostFaults) {
      fault ??= new HatstandError('invalid_request', `Nothing in the first ${refused} places of ${source} is a job. Is it a file of jobs?`);
    }
    if (fault !== null) broken.abort();
  }

  for await (const some of until(stop, found)) {
    for (const group of groupsOf(some, source)) {
      if (underWay.length === inFlight) await underWay.shift();
      if (stop.aborted) break;
      const sent = pushGroup(client, group, source);
      told = Promise.all([sent, told]).then(([answer]) => tell(answer));
      underWay.push(told);
    }
  }
  await told;
  if (fault !== null) throw fault;
}

/** What comes until the signal, also when nothing comes any more. */
async function* until<T>(signal: AbortSignal, items: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  const aborted = new Promise<null>((resolve) => signal.addEventListener('abort', () => resolve(null), { once: true }));
  while (!signal.aborted) {
    const step = await Promise.race([iterator.next(), aborted]);
    if (step === null || step.done === true) return;
    yield step.value;
  }
}

/** Jobs that travel together, or one alone, or one that is none. */
type Group = readonly JsonText[] | HatstandError;

function* groupsOf(found: readonly Found[], source: string): Generator<Group> {
  let group: JsonText[] = [];
  let size = 0;
  for (const it of found) {
    const each = it instanceof HatstandError || isObject(it.value) ? it : noObject(it, source);
    const isBad = each instanceof HatstandError;
    // A job on several lines cannot be a line of a request.
    const isAlone = isBad || /[\r\n]/.test(each.text);
    const isFull = group.length === perRequest.jobs || (!isBad && size + each.text.length > perRequest.characters);
    if (group.length > 0 && (isAlone || isFull)) {
      yield group;
      group = [];
      size = 0;
    }
    if (isAlone) yield isBad ? each : [each];
    else {
      group.push(each);
      size += each.text.length;
    }
  }
  if (group.length > 0) yield group;
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

function noObject({ text, line }: JsonText, source: string): HatstandError {
  const hint = text.startsWith('[') ? ' Write many jobs one after the other, not as an array.' : '';
  return new HatstandError('invalid_request', `${source}, line ${line} must be an object, such as {"url": "http://…"}.${hint}`, { line });
}

async function pushGroup(client: Client, group: Group, source: string): Promise<Sent> {
  if (group instanceof HatstandError) return { kept: [], refused: [group], fault: null };
  const [first, ...others] = group;
  if (first === undefined) return { kept: [], refused: [], fault: null };
  try {
    return others.length === 0 ? await pushOne(client, first, source) : await pushLines(client, group, source);
  } catch (fault) {
    return { kept: [], refused: [], fault: atLines(fault, source, first.line, group.at(-1)?.line ?? first.line) };
  }
}

function keptOf({ value, line }: JsonText, { id, state, unserved }: Pick<Job, 'id' | 'state' | 'unserved'>): Kept {
  const { worker, at } = value as Readonly<Record<string, unknown>>;
  return { id, line, unserved: unserved ? String(worker ?? 'http') : null, isPast: at !== undefined && state !== 'scheduled' };
}

async function pushOne(client: Client, job: JsonText, source: string): Promise<Sent> {
  try {
    return { kept: [keptOf(job, await client.jobs.push(job.text))], refused: [], fault: null };
  } catch (error) {
    if (isRefusal(error)) return { kept: [], refused: [atJob(error, job, source)], fault: null };
    throw error;
  }
}

async function pushLines(client: Client, jobs: readonly JsonText[], source: string): Promise<Sent> {
  const { jobs: answers } = await client.jobs.pushMany(jobs.map(({ text }) => text));
  const sent = { kept: [] as Kept[], refused: [] as HatstandError[], fault: null as unknown };
  for (const [at, answer] of answers.entries()) {
    const job = jobs[at];
    if (job === undefined) continue;
    if ('id' in answer) sent.kept.push(keptOf(job, answer));
    else {
      const error = faultOfProblem(answer.error, answer.error.status);
      if (isRefusal(error)) sent.refused.push(atJob(error, job, source));
      else sent.fault ??= atLines(error, source, job.line, job.line);
    }
  }
  return sent;
}

/** The same error, saying which job it was, and where the field stands that it is about. */
function atJob(error: HatstandError, job: JsonText, source: string): HatstandError {
  const { field } = error.details;
  const place = placeOfField(job, typeof field === 'string' ? field : '');
  const where = `${source}, line ${place.line}, column ${place.column}`;
  return new HatstandError(
    error.code,
    `${where}: ${error.message}${field === 'timeout' ? hqHint(job) : ''}`,
    { ...error.details, ...place },
    { cause: error },
  );
}

/** HQ's jobs count their timeout in seconds; ours say the unit. */
function hqHint({ value }: JsonText): string {
  const isHq = typeof value === 'object' && value !== null && 'timeout' in value && typeof value.timeout === 'number';
  return isHq ? ' Files as HQ has them are pushed by: hatstand hq push' : '';
}

function atLines(error: unknown, source: string, from: number, to: number): unknown {
  if (!(error instanceof HatstandError) || ofServer.has(error.code)) return error;
  const lines = from === to ? `line ${from}` : `lines ${from} to ${to}`;
  return new HatstandError(error.code, `${source}, ${lines}: ${error.message}`, { ...error.details, line: from }, { cause: error });
}
