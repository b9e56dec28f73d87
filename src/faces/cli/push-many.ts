/** Pushes jobs as they come, each by the rules it is meant for, many in one request where the server can. */
import { HatstandError, messageOf } from '../../core/errors.ts';
import type { Client } from '../client/client.ts';
import { type Dialect, dialectOf } from './dialect.ts';
import { hqBatchLine } from './hq-batch-line.ts';
import type { JsonText } from './json-values.ts';

/** The ids of jobs in the order they were given, and what stopped the others. */
interface Sent {
  readonly ids: readonly string[];
  readonly fault: unknown;
}

/** Jobs and characters of one request. */
const perRequest = { jobs: 1_000, characters: 4 * 1024 * 1024 };
/** Requests under way at once. */
const inFlight = 4;

/**
 * Tells of ids in the order of the values. Ends at the first value that is refused and throws why; what travelled beside
 * or behind it may have been kept, and its ids are told.
 *
 * @param source names the values in errors
 */
export async function pushMany(
  client: Client,
  chunks: AsyncIterable<readonly JsonText[]>,
  source: string,
  onIds: (ids: readonly string[]) => Promise<void>,
): Promise<void> {
  const pusher = makePusher(client, source);
  const underWay: Promise<Sent>[] = [];
  let failed: Sent | null = null;

  async function settleOldest(): Promise<void> {
    const sent = await underWay.shift();
    if (sent === undefined) return;
    await onIds(sent.ids);
    if (sent.fault !== null) failed ??= sent;
  }

  try {
    for await (const values of chunks) {
      for (const group of groupsOf(values)) {
        if (underWay.length === inFlight) await settleOldest();
        if (failed !== null) break;
        underWay.push(pusher(group));
      }
      if (failed !== null) break;
    }
  } finally {
    while (underWay.length > 0) await settleOldest();
  }
  if (failed !== null) throw (failed as Sent).fault;
}

function* groupsOf(values: readonly JsonText[]): Generator<readonly JsonText[]> {
  let from = 0;
  let size = 0;
  for (const [at, value] of values.entries()) {
    if (at > from && (at - from === perRequest.jobs || size + value.text.length > perRequest.characters)) {
      yield values.slice(from, at);
      from = at;
      size = 0;
    }
    size += value.text.length;
  }
  if (from < values.length) yield values.slice(from);
}

function makePusher(client: Client, source: string): (values: readonly JsonText[]) => Promise<Sent> {
  /** HQ's own server has no `/v1`; then every job travels alone. */
  let batches = true;

  async function pushGroup(values: readonly JsonText[]): Promise<Sent> {
    const ids: string[] = [];
    try {
      for (const run of runsOf(values, source)) {
        if (batches && run.lines.length > 1) await pushRun(run, ids);
        else for (const value of run.values) ids.push(await pushOne(value));
        if (run.fault !== null) return { ids, fault: run.fault };
      }
      return { ids, fault: null };
    } catch (fault) {
      return { ids, fault };
    }
  }

  async function pushRun(run: Run, ids: string[]): Promise<void> {
    const answer = await client.jobs.pushMany(run.lines).catch((error: unknown) => {
      if (error instanceof HatstandError && error.code === 'not_found') return null;
      throw error;
    });
    if (answer === null) {
      batches = false;
      for (const value of run.values) ids.push(await pushOne(value));
      return;
    }
    let fault: unknown = null;
    for (const [at, pushed] of answer.jobs.entries()) {
      const value = run.values[at];
      if ('id' in pushed) ids.push(pushed.id);
      // Refused here, it may still be a job by HQ's rules; the answer to it alone tells why it is none.
      else if (fault === null && value !== undefined) {
        await pushOne(value).then(
          (id) => ids.push(id),
          (error: unknown) => {
            fault = error;
          },
        );
      }
    }
    if (fault !== null) throw fault;
  }

  async function pushOne(value: JobText): Promise<string> {
    try {
      return (await client[value.dialect === 'v1' ? 'jobs' : 'hq'].push(value.text)).id;
    } catch (error) {
      throw atValue(error, value, source);
    }
  }

  return pushGroup;
}

interface JobText extends JsonText {
  readonly dialect: Dialect;
}

/** Values that travel together, or one alone (then without lines); a fault ends the run. */
interface Run {
  readonly values: readonly JobText[];
  readonly lines: readonly string[];
  readonly fault: HatstandError | null;
}

function* runsOf(values: readonly JsonText[], source: string): Generator<Run> {
  let run: { values: JobText[]; lines: string[] } = { values: [], lines: [] };
  for (const value of values) {
    const parsed = parse(value, source);
    if (parsed instanceof HatstandError) {
      yield { ...run, fault: parsed };
      return;
    }
    const job = { ...value, dialect: dialectOf(parsed.value) };
    const line = job.dialect === 'v1' ? oneLine(value.text) : hqBatchLine(value.text, parsed.value);
    if (line !== null) {
      run.values.push(job);
      run.lines.push(line);
      continue;
    }
    yield { ...run, fault: null };
    yield { values: [job], lines: [], fault: null };
    run = { values: [], lines: [] };
  }
  yield { ...run, fault: null };
}

/** `null`: it takes several, so it travels alone. */
const oneLine = (text: string): string | null => (/[\r\n]/.test(text) ? null : text);

function parse(value: JsonText, source: string): { readonly value: object } | HatstandError {
  try {
    const parsed: unknown = JSON.parse(value.text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { value: parsed };
  } catch (error) {
    return new HatstandError('invalid_json', `${placeOf(value, source)} is not valid JSON: ${messageOf(error)}`, { line: value.line });
  }
  const hint = value.text.startsWith('[') ? ' Write many jobs one after the other, not as an array.' : '';
  return new HatstandError('invalid_request', `${placeOf(value, source)} must be an object with a url.${hint}`, { line: value.line });
}

const placeOf = (value: JsonText, source: string): string => `${source}, line ${value.line}`;

/** The same error, saying which value it was. */
function atValue(error: unknown, value: JsonText, source: string): unknown {
  if (!(error instanceof HatstandError) || error.code === 'unreachable' || error.code === 'unauthorized') return error;
  return new HatstandError(
    error.code,
    `${placeOf(value, source)}: ${error.message}`,
    { ...error.details, line: value.line },
    { cause: error },
  );
}
