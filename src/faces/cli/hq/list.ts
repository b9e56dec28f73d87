import { type Command, InvalidArgumentError } from 'commander';
import { didYouMean } from '../../../core/nearest.ts';
import type { Hq, HqJob, HqListQuery } from '../../client/client.ts';
import type { ServerOptions } from '../client-command.ts';
import { whole } from '../option-values.ts';
import { type Cell, table } from '../table.ts';
import { type Colour, note, print } from '../terminal.ts';
import { relativeTime, runningTime } from '../times.ts';
import { askingHq, hqClientOf } from './asking-hq.ts';

interface HqListOptions extends ServerOptions, HqListQuery {
  readonly quiet?: boolean;
  readonly detail?: boolean;
}

/** HQ's words for what a job is doing, and how they are shown. */
const colours: Readonly<Record<string, Colour | undefined>> = {
  running: 'cyan',
  waiting: undefined,
  canceling: 'gray',
  failure: 'red',
  success: 'green',
  canceled: 'gray',
  unfinished: 'dim',
  unknown: 'yellow',
};

const largest = 1_000_000_000;

export function addHqList(program: Command): void {
  const command = program
    .command('list')
    .description('list HTTP jobs, the oldest first')
    .argument('[id...]', 'only these jobs')
    .option('-n, --name <regexp>', 'only jobs whose name matches')
    .option('-t, --term <regexp>', 'only jobs whose name, comment, url or status matches')
    .option('-s, --status <status>', `only jobs with this status: ${Object.keys(colours).join(', ')}`, status)
    .option('-b, --begin <id>', 'begin with this job')
    .option('-l, --limit <n>', 'list at most n jobs', whole(-largest, largest))
    .option('-r, --reverse', 'the newest first')
    .option('-q, --quiet', 'print ids only')
    .option('-d, --detail', 'print more columns');
  askingHq(command, ['list', 'list -r -l 20', 'list --status failure -q', "list --name '^report-' --detail"]).action(list);
}

/** HQ answers an empty list for a word that no job has. */
function status(word: string): string {
  if (Object.hasOwn(colours, word)) return word;
  const known = Object.keys(colours);
  throw new InvalidArgumentError(`There is no such status${didYouMean(word, known) || '.'} There are: ${known.join(', ')}.`);
}

async function list(ids: readonly string[], options: HqListOptions): Promise<void> {
  const { hq } = hqClientOf(options);
  const { jobs, next } = ids.length > 0 ? await named(hq, ids) : await matching(hq, options);
  if (options.quiet === true) return print(jobs.map((job) => `${job.id}\n`).join(''));
  await print(tableOf(jobs, options.detail === true));
  if (next !== undefined) note(`There are more: --begin ${next}`);
}

type Listed = { readonly jobs: readonly HqJob[]; readonly next?: string | undefined };

const named = async (hq: Hq, ids: readonly string[]): Promise<Listed> => ({ jobs: await Promise.all(ids.map((id) => hq.info(id))) });

async function matching(hq: Hq, { name, term, status: word, begin, limit, reverse }: HqListOptions): Promise<Listed> {
  const { jobs, hasNext, next } = await hq.list({ name, term, status: word, begin, limit, reverse });
  return { jobs, next: hasNext ? next : undefined };
}

type Column = readonly [head: string, cell: (job: HqJob, now: number) => string | Cell];

const identity: readonly Column[] = [
  ['ID', ({ id }) => id],
  ['NAME', ({ name }) => name],
];
const target: readonly Column[] = [
  ['COMMENT', ({ comment }) => comment],
  ['URL', ({ url }) => url],
];
const created: Column = ['CREATED', ({ createdAt }, now) => relativeTime(createdAt, now)];
const times: readonly Column[] = [
  ['STARTED', ({ startedAt }, now) => relativeTime(startedAt, now)],
  ['FINISHED', ({ finishedAt }, now) => relativeTime(finishedAt, now)],
];
const end: readonly Column[] = [
  ['DURATION', ({ startedAt, finishedAt }, now) => runningTime(startedAt, finishedAt, now)],
  ['STATUS', (job) => ({ text: job.status, colour: colours[job.status] })],
];
const short = [...identity, created, ...end];
const detailed = [...identity, ...target, created, ...times, ...end];

function tableOf(jobs: readonly HqJob[], isDetailed: boolean): string {
  const now = Date.now();
  const columns = isDetailed ? detailed : short;
  return table(
    columns.map(([head]) => head),
    jobs.map((job) => columns.map(([, cell]) => cell(job, now))),
  );
}
