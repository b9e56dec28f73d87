import { type Command, Option } from 'commander';
import { type ErrorCode, errorTable, HatstandError } from '../../core/errors.ts';
import { hideLogin } from '../../core/login.ts';
import { jobLimits, namePattern } from '../../core/new-job.ts';
import type { Client } from '../client/client.ts';
import { askingServer, type ClientOptions, clientOf } from './client-command.ts';
import { textOf } from './failure.ts';
import { openInput } from './input.ts';
import { onInterrupt } from './interrupt.ts';
import { jsonValues } from './json-values.ts';
import { duration, header, jobIds, orNone, whole } from './option-values.ts';
import { makeProgress } from './progress.ts';
import { type Kept, pushMany } from './push-many.ts';
import { note, print } from './terminal.ts';
import { makeUnservedNotes } from './unserved.ts';
import { type JobOptions, jobOptionNames, jobText } from './url-job.ts';
import { waitForJobs } from './wait.ts';

interface PushOptions extends ClientOptions, JobOptions {
  readonly wait?: boolean;
}

export function addPush(program: Command): void {
  const command = program
    .command('push')
    .description('push jobs, from JSON files, from stdin (-), to one url or for one worker; print their ids')
    .argument('[file...]', 'JSON files with one or more jobs each, or - for stdin, or a url; none with --worker')
    .option('-p, --payload <json>', 'what the job is given; with a url or --worker, as all up to --idempotency-key')
    .option('-n, --name <name>', 'the name, for people and filters')
    .option('--comment <text>', 'a comment, for people')
    .addOption(new Option('-H, --header <name: value>', 'a header of the request; can be given again').argParser(header))
    .option('--worker <name>', 'the function that runs it, in the place of a url')
    .option('--queue <name>', 'the queue; `default` when not given')
    .option('--domain <name>', 'the tenant')
    .option('--limit <key>', 'a key under which it is counted, as `hatstand limits` has them')
    .option('--priority <n>', 'higher goes first', whole(-jobLimits.priority, jobLimits.priority))
    .option('--manual', 'a person asks for it: two of such jobs start for every one of the others')
    .option('--timeout <duration>', 'how long an attempt may take, such as 30s or 1m30s; none for no limit', orNone(duration))
    .option('--total-timeout <duration>', 'how long all attempts of a function may take together; none for no limit', orNone(duration))
    .option('--delay <duration>', 'not before, such as 10s or 5m', duration)
    .option('--at <time>', 'not before this time, such as 2027-01-31T12:00:00Z')
    .option('--attempts <n>', 'how often it is tried in all', whole(1, jobLimits.attempts))
    .option('--backoff <duration>', 'the wait after the first failure; it doubles with each further one', duration)
    .option('--forward-logs', 'tell its log lines as events as well: `hatstand events tail hatstand.jobs:<id>` hears them')
    .option('--start-before <when>', 'it begins before this or never: a duration from now such as 10m, or a time')
    .option('--unique <scope>', 'only one at a time: of its worker, its domain or a key, as worker, domain or key:import-7')
    .option('--unique-until <until>', 'how long it is the only one: started, ended (the default), or a duration such as 1d')
    .addOption(new Option('--after <id,…>', 'it starts when these jobs have ended; can be given again').argParser(jobIds))
    .option('--on-failure <what>', 'when one of those fails: cancel it (the default), or start it all the same')
    .option('--idempotency-key <key>', 'the same key and job again is the same job')
    .option('-w, --wait', 'wait until the jobs have ended, as `hatstand wait` does');
  askingServer(
    command,
    [
      'hatstand push job.json',
      'hatstand push http://localhost:8000/ -p \'{"message": "Hello world!"}\'',
      'hatstand push http://localhost:8000/ --queue mail --attempts 5 --timeout 1m30s --wait',
      'hatstand push - < jobs.ndjson             many jobs, one after the other',
    ],
    '`{"id": "…"}` on a line for each job; with --wait, as `hatstand wait`',
  ).action(push);
}

async function push(files: readonly string[], options: PushOptions): Promise<void> {
  const client = clientOf(options);
  const ids = collectorOf(options);
  const interrupt = onInterrupt();
  try {
    if (isOneJob(files, options)) await pushOne(client, jobText(files[0], options), options.at !== undefined, ids);
    else await pushFiles(client, files, ids, options.json === true, interrupt.signal);
    if (options.wait === true) await waitForKept(client, ids, options.json === true, interrupt.signal);
  } finally {
    await ids.tellUnseen();
    process.exitCode = interrupt.exitCode() ?? process.exitCode;
    interrupt.end();
  }
}

async function pushOne(client: Client, job: string, hasTime: boolean, ids: Collector): Promise<void> {
  const { id, kind, state, worker, unserved, dueAt, createdAt } = await client.jobs.push(job);
  await ids.add([id]);
  if (kind === 'duplicate') note(`There is such a job already, which is ${state}: this is its id, and none was made.`);
  if (unserved) note(`No live node serves the worker ${worker}: the job waits until one does.`);
  if (hasTime && dueAt <= createdAt) note('The time of --at lies in the past: the job does not wait for it.');
}

/** Ends without an error at the signal. */
async function waitForKept(client: Client, ids: Collector, json: boolean, signal: AbortSignal): Promise<void> {
  try {
    if (!signal.aborted) await waitForJobs(client, ids.kept(), { json, met: true, signal, onEnd: ids.seen });
  } catch (error) {
    if (!signal.aborted) throw error;
    note('Interrupted. What has not ended goes on; its ids:');
  }
}

/** Whether the command line itself describes the job. Throws `invalid_request` for what does not go together. */
function isOneJob(files: readonly string[], options: PushOptions): boolean {
  const [first, ...others] = files;
  const isUrl = first !== undefined && /^https?:\/\//i.test(first);
  if (first === undefined && options.worker === undefined) {
    throw new HatstandError(
      'invalid_request',
      `Say what to push: a url (hatstand push http://localhost:8000/), --worker and a name, files with jobs, or - for jobs from stdin.`,
    );
  }
  if (isUrl && others.length > 0) throw new HatstandError('invalid_request', 'Give one url, or files, not several urls.');
  if (first === undefined || isUrl) return true;
  if (/^[a-z][\w+.-]*:\/\//i.test(first)) {
    throw new HatstandError('invalid_request', `A url must begin with http:// or https://, not ${JSON.stringify(hideLogin(first))}.`);
  }
  const given = jobOptionNames.find((name) => options[name] !== undefined);
  if (given === undefined) return false;
  const what = given === 'worker' ? '--worker stands in the place of files' : `--${flagOf(given)} goes with a url or --worker`;
  throw new HatstandError('invalid_request', `${what}; in a file, write it into the job.`);
}

const flagOf = (option: string): string => option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Shows ids as they are kept; those of jobs that are waited for are shown when they end, or cannot be waited for any more. */
interface Collector {
  readonly showsIds: boolean;
  add(ids: readonly string[]): Promise<void>;
  /** Those that are waited for. */
  kept(): readonly string[];
  seen(id: string): void;
  tellUnseen(): Promise<void>;
}

function collectorOf({ wait, json }: PushOptions): Collector {
  const unseen = new Set<string>();
  const show = (ids: readonly string[]): Promise<void> =>
    print(ids.map((id) => `${json === true ? JSON.stringify({ id }) : id}\n`).join(''));
  return {
    showsIds: wait !== true,
    async add(ids) {
      if (wait === true) for (const id of ids) unseen.add(id);
      else await show(ids);
    },
    kept: () => [...unseen],
    seen: (id) => void unseen.delete(id),
    tellUnseen: () => show([...unseen]),
  };
}

async function pushFiles(client: Client, files: readonly string[], ids: Collector, json: boolean, signal: AbortSignal): Promise<void> {
  const tellUnserved = makeUnservedNotes();
  for (const file of files) {
    if (!signal.aborted) await pushFile(client, file, ids, tellUnserved, json, signal);
  }
}

/** For what stands in the place of a file and is none. */
function adviceFor(word: string): string {
  if (/^[[{]/.test(word)) return ` A job itself comes from stdin: echo '{"url": "http://…"}' | hatstand push -`;
  if (/^(localhost|[\w.-]+:\d+)(:\d+)?(\/|$)/.test(word)) return ` A url begins with http://: http://${word}`;
  return namePattern.test(word) && !word.includes('.') ? ` A job of the worker ${word}: hatstand push --worker ${word}` : '';
}

async function pushFile(
  client: Client,
  file: string,
  ids: Collector,
  tellUnserved: (workers: readonly string[]) => void,
  json: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { name: source, stream, part, close } = await openInput(file, adviceFor);
  const progress = makeProgress({
    done: 'pushed',
    part,
    // Ids on a terminal are progress enough.
    bar: process.stderr.isTTY && !(ids.showsIds && process.stdout.isTTY),
    write: (text) => process.stderr.write(text),
  });
  const tally = new Tally(source);
  let past = 0;
  const found = jsonValues(stream, source, (line) =>
    note(`${source}, line ${line}: this job goes on in the next line, which has not come yet.`),
  );
  const listener = {
    async kept(these: readonly Kept[], line: number) {
      await ids.add(these.map(({ id }) => id));
      past += these.filter(({ isPast }) => isPast).length;
      tellUnserved(these.flatMap(({ unserved }) => unserved ?? []));
      tally.add(these.length, line);
      progress.add(these.length);
    },
    refused(fault: HatstandError) {
      progress.end();
      tally.refused += 1;
      note(textOf(fault, json));
      process.exitCode ??= exitOf(fault.code);
    },
  };
  try {
    await pushMany(client, found, source, listener, signal);
  } catch (error) {
    throw tally.countedIn(error);
  } finally {
    progress.end();
    close();
  }
  if (signal.aborted) note(`Interrupted. ${tally.text()}`);
  else if (tally.refused > 0) note(`${tally.text()} Refused: ${tally.refused}.`);
  else if (tally.kept === 0) note(`${source} holds no job: nothing to do.`);
  if (past > 0) note(`${source}: of ${past} ${past === 1 ? 'job' : 'jobs'} the time (at) lies in the past: they do not wait for it.`);
}

const exitOf = (code: ErrorCode): number => errorTable[code].exit;

/** What became of the jobs of one file. */
class Tally {
  readonly #source: string;
  #line = 0;
  kept = 0;
  refused = 0;

  constructor(source: string) {
    this.#source = source;
  }

  add(count: number, line: number): void {
    this.kept += count;
    this.#line = line;
  }

  text(): string {
    if (this.kept === 0) return `Of ${this.#source}, no job is kept.`;
    return `Kept of ${this.#source}: ${this.kept} ${this.kept === 1 ? 'job' : 'jobs'}, the last one from line ${this.#line}.`;
  }

  /** What stops everything tells what was done before. */
  countedIn(error: unknown): unknown {
    if (!(error instanceof HatstandError) || this.kept === 0) return error;
    const message = /[.?]$/.test(error.message) ? error.message : `${error.message}.`;
    return new HatstandError(error.code, `${message} ${this.text()}`, { ...error.details, kept: this.kept }, { cause: error });
  }
}
