import { type Command, Option } from 'commander';
import { errorTable, HatstandError } from '../../core/errors.ts';
import type { JobState } from '../../core/job.ts';
import { didYouMean } from '../../core/nearest.ts';
import type { Client, JobSummary } from '../client/client.ts';
import { askingServer, type ClientOptions, clientOf } from './client-command.ts';
import { idsOf } from './ids.ts';
import { filterOf, idsAndFilter, type Narrowing, readStates } from './list-filter.ts';
import { oneOf, orWord, whole } from './option-values.ts';
import { type Cell, table } from './table.ts';
import { type Colour, note, print } from './terminal.ts';
import { relativeTime, runningTime } from './times.ts';

interface ListOptions extends ClientOptions, Narrowing {
  readonly status?: readonly JobState[];
  readonly limit: number;
  readonly order: 'newest' | 'oldest';
  readonly quiet?: boolean;
  readonly detail?: boolean;
}

const orders = ['newest', 'oldest'] as const;

/** Jobs of one request, and of one part of a table. */
const perPage = 500;
const all = Number.POSITIVE_INFINITY;

export function addList(program: Command): void {
  const command = program
    .command('list')
    .alias('ls')
    .description('list jobs of every kind, the newest first')
    .argument('[id|filter...]', 'only these jobs, or - for ids from stdin; or what jobs must match, as --filter has it')
    .option('-s, --state <state>', 'only jobs in this state, or in one of several with commas between them', readStates)
    .addOption(new Option('--status <state>').argParser(readStates).hideHelp())
    .option('--queue <name>', 'only jobs of this queue')
    .option('--worker <name>', 'only jobs of this worker; `http` are those with a url')
    .option('-n, --name <name>', 'only jobs of this name, or of names that begin with what stands before a *')
    .option('-f, --filter <filter>', 'only jobs that match: fields and values, such as "state:failed created:<2h"')
    .option('-l, --limit <n>', 'list at most n jobs, or all', limit, 50)
    .addOption(new Option('--order <order>', 'which jobs come first').choices(orders).argParser(oneOf(orders)).default('newest'))
    .option('-q, --quiet', 'print ids only')
    .option('-d, --detail', 'print more columns');
  addHqOptions(command);
  askingServer(
    command,
    [
      'hatstand list -l 20                       the newest 20 jobs',
      'hatstand list -s failed                   what failed',
      "hatstand list 'state:failed queue:mail created:<2h'",
      'hatstand list -s failed -l all -q | hatstand restart -',
    ],
    'each job on a line, as `GET /v1/jobs` has it',
  ).action(list);
}

const upTo = orWord(whole(1, 1_000_000_000), 'all');
function limit(text: string): number {
  const most = upTo(text);
  return most === 'all' ? all : most;
}

/** Options of HQ's `list` that mean something else here, or nothing: whoever gives one is told. */
function addHqOptions(command: Command): void {
  const refuse = (advice: string) => (): never => {
    throw new HatstandError('invalid_request', advice);
  };
  const options: readonly (readonly [flags: string, advice: string])[] = [
    ['-r, --reverse', 'The newest come first by themselves; --order oldest turns that round. (--reverse is for `hatstand hq list`.)'],
    ['-b, --begin <id>', 'There is no --begin: narrow the list with --filter. (`hatstand hq list` has it.)'],
    ['-t, --term <regexp>', 'There is no --term: narrow the list with --filter. (`hatstand hq list` takes regular expressions.)'],
  ];
  for (const [flags, advice] of options) {
    const option = new Option(flags).hideHelp();
    command.addOption(option);
    command.on(`option:${option.name()}`, refuse(advice));
  }
}

async function list(words: readonly string[], given: ListOptions): Promise<void> {
  const { ids, filter } = idsAndFilter(words, given.filter);
  const options = filter === undefined ? given : { ...given, filter };
  const client = clientOf(options);
  const show = shown(options);
  let count = 0;
  for await (const page of ids.length > 0 ? named(client, ids, options) : matching(client, options)) {
    if (page.length > 0) await print(show(page, count === 0));
    count += page.length;
  }
  if (count === 0 && ids.length === 0) note(await whyNone(client, options));
}

/** A queue or a worker that no job has is probably misspelt. */
async function whyNone(client: Client, options: ListOptions): Promise<string> {
  if (filterOf(narrowing(options)) === '') return 'There are no jobs.';
  const { lines } = await client.stats();
  const unknown = (['queue', 'worker'] as const).flatMap((kind) => {
    const name = options[kind];
    const known = [...new Set(lines.map((line) => line[kind]))];
    if (name === undefined || /[*,]/.test(name) || known.includes(name)) return [];
    return [` There is no job with the ${kind} ${JSON.stringify(name)}${didYouMean(name, known) || '.'}`];
  });
  return `No job matches.${unknown.join('')}`;
}

const narrowing = ({ status, ...options }: ListOptions): Narrowing => (status === undefined ? options : { ...options, state: status });

/** Page by page, up to the limit; tells when there are more. */
async function* matching(client: Client, options: ListOptions): AsyncGenerator<readonly JobSummary[]> {
  const q = filterOf(narrowing(options));
  let left = options.limit;
  let cursor: string | undefined;
  do {
    const page = await client.jobs.list({ ...(q === '' ? {} : { q }), limit: Math.min(perPage, left), cursor, order: options.order });
    left -= page.jobs.length;
    yield page.jobs;
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && left > 0);
  if (cursor !== undefined) note(`There may be more: -l all, or a larger number than ${options.limit}.`);
}

/** Jobs of one filter: what a filter may hold is bounded. */
const perFilter = 32;

async function* named(client: Client, ids: readonly string[], options: ListOptions): AsyncGenerator<readonly JobSummary[]> {
  if (filterOf(narrowing(options)) !== '') throw new HatstandError('invalid_request', 'Give ids, or what jobs must match, not both.');
  let group: string[] = [];
  for await (const id of idsOf(ids)) {
    group.push(id);
    if (group.length === perFilter) {
      yield await jobsOf(client, group);
      group = [];
    }
  }
  if (group.length > 0) yield await jobsOf(client, group);
}

/** In the order of the ids. One that is unknown is told, and gives the exit code. */
async function jobsOf(client: Client, ids: readonly string[]): Promise<readonly JobSummary[]> {
  const { jobs } = await client.jobs.list({ q: `id:${ids.join(',')}`, limit: perPage });
  const found = new Map(jobs.map((job) => [job.id, job]));
  return ids.flatMap((id) => {
    const job = found.get(id);
    if (job !== undefined) return [job];
    note(`error: There is no job ${id}.`);
    process.exitCode ??= errorTable.not_found.exit;
    return [];
  });
}

/** How a page is printed; only the first one has a head. */
function shown({ json, quiet, detail }: ListOptions): (jobs: readonly JobSummary[], isFirst: boolean) => string {
  if (json === true) return (jobs) => jobs.map((job) => `${JSON.stringify(job)}\n`).join('');
  if (quiet === true) return (jobs) => jobs.map((job) => `${job.id}\n`).join('');
  const columns = detail === true ? [...short, ...more] : short;
  return (jobs, isFirst) => {
    const now = Date.now();
    const text = table(
      columns.map(([head]) => head),
      jobs.map((job) => columns.map(([, cell]) => cell(job, now))),
    );
    return isFirst ? text : text.slice(text.indexOf('\n') + 1);
  };
}

type Column = readonly [head: string, cell: (job: JobSummary, now: number) => string | Cell];

export const stateColours: Readonly<Record<JobState, Colour | undefined>> = {
  scheduled: undefined,
  queued: undefined,
  running: 'cyan',
  stopping: 'gray',
  succeeded: 'green',
  failed: 'red',
  canceled: 'gray',
};

const short: readonly Column[] = [
  ['ID', ({ id }) => id],
  ['NAME', ({ name }) => name],
  ['QUEUE', ({ queue }) => queue],
  ['WORKER', ({ worker }) => worker],
  ['TRY', ({ attempt, attempts }) => `${attempt}/${attempts}`],
  ['CREATED', ({ createdAt }, now) => relativeTime(createdAt, now)],
  ['DURATION', ({ startedAt, endedAt }, now) => runningTime(startedAt, endedAt, now)],
  ['STATE', ({ state }) => ({ text: state, colour: stateColours[state] })],
];

const more: readonly Column[] = [
  ['REASON', ({ reason }) => reason],
  ['PRIORITY', ({ priority }) => String(priority)],
  ['DUE', ({ dueAt, state }, now) => (state === 'scheduled' ? relativeTime(dueAt, now) : '')],
  ['STARTED', ({ startedAt }, now) => relativeTime(startedAt, now)],
  ['ENDED', ({ endedAt }, now) => relativeTime(endedAt, now)],
  ['URL', ({ url }) => url],
  ['COMMENT', ({ comment }) => comment],
  ['ERROR', ({ error, statusCode }) => error || (statusCode === null ? '' : String(statusCode))],
];
