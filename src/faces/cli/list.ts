import type { Command } from 'commander';
import { HatstandError } from '../../core/errors.ts';
import type { Client, HqJob, JobSummary } from '../client/client.ts';
import { askingServer, type ClientOptions, clientOf } from './client-command.ts';
import { wholeNumber } from './option-values.ts';
import { type Cell, table } from './table.ts';
import { type Colour, note, print, printLine } from './terminal.ts';
import { relativeTime, runningTime } from './times.ts';

interface ListOptions extends ClientOptions {
  readonly name?: string;
  readonly term?: string;
  readonly status?: string;
  readonly begin?: string;
  readonly limit?: number;
  readonly reverse?: boolean;
  readonly filter?: string;
  readonly quiet?: boolean;
  readonly detail?: boolean;
}

export function addList(program: Command): void {
  const command = program
    .command('list')
    .alias('ls')
    .description('list jobs')
    .argument('[id...]', 'only these jobs')
    .option('-n, --name <regexp>', 'only jobs whose name matches')
    .option('-t, --term <regexp>', 'only jobs whose name, comment, url or status matches')
    .option('-s, --status <status>', 'only jobs with this status: running, waiting, canceling, failure, success, canceled')
    .option('-b, --begin <id>', 'begin with this job')
    .option('-l, --limit <n>', 'list at most n jobs', wholeNumber)
    .option('-r, --reverse', 'newest first')
    .option('-f, --filter <filter>', 'in the place of the options above: fields and values, such as "state:failed queue:mail created:<2h"')
    .option('-q, --quiet', 'print ids only')
    .option('-d, --detail', 'print more columns');
  askingServer(command, [
    'hatstand list -r -l 20                    the newest 20 jobs',
    'hatstand list -s failure -q               ids of what failed',
    "hatstand list -f 'state:failed queue:mail created:<2h'",
  ]).action(list);
}

/** A job as a row, from either API. */
interface Row {
  readonly id: string;
  readonly name: string;
  readonly comment: string;
  readonly url: string;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly status: string;
}

interface Page {
  readonly rows: readonly Row[];
  /** How to see more; `null`: that was all. */
  readonly more: string | null;
  /** What `--json` prints. */
  readonly answer: unknown;
}

async function list(ids: readonly string[], options: ListOptions): Promise<void> {
  const page = await pageOf(clientOf(options), ids, options);
  if (options.json === true) await printLine(JSON.stringify(page.answer, null, 2));
  else if (options.quiet === true) await print(page.rows.map((row) => `${row.id}\n`).join(''));
  else await print(options.detail === true ? detailed(page.rows) : short(page.rows));
  if (page.more !== null && options.quiet !== true && options.json !== true) note(`There are more: ${page.more}`);
}

async function pageOf(client: Client, ids: readonly string[], options: ListOptions): Promise<Page> {
  if (ids.length > 0) {
    const jobs = await Promise.all(ids.map((id) => client.hq.info(id)));
    return { rows: jobs.map(rowOfHq), more: null, answer: { jobs, hasNext: false, count: jobs.length } };
  }
  const { name, term, status, begin, limit, reverse, filter } = options;
  if (filter === undefined) {
    const answer = await client.hq.list({ name, term, status, begin, limit, reverse });
    return { rows: answer.jobs.map(rowOfHq), more: answer.hasNext ? `--begin ${answer.next ?? ''}` : null, answer };
  }
  if ([name, term, status, begin].some((each) => each !== undefined)) {
    throw new HatstandError('invalid_request', '--filter takes the place of --name, --term, --status and --begin; give one or the other.');
  }
  const answer = await client.jobs.list({ q: filter, limit, order: reverse === true ? 'newest' : 'oldest' });
  return { rows: answer.jobs.map(rowOfJob), more: answer.next === null ? null : 'give a larger --limit, or narrow the filter', answer };
}

const rowOfHq = (job: HqJob): Row => ({ ...job, endedAt: job.finishedAt });
const rowOfJob = (job: JobSummary): Row => ({ ...job, status: job.state });

function short(rows: readonly Row[]): string {
  const now = Date.now();
  return table(
    ['ID', 'NAME', 'CREATED', 'DURATION', 'STATUS'],
    rows.map((row) => [row.id, row.name, relativeTime(row.createdAt, now), duration(row, now), statusCell(row.status)]),
  );
}

function detailed(rows: readonly Row[]): string {
  const now = Date.now();
  const ago = (time: string | null): string => relativeTime(time, now);
  return table(
    ['ID', 'NAME', 'COMMENT', 'URL', 'CREATED', 'STARTED', 'FINISHED', 'DURATION', 'STATUS'],
    rows.map((row) => [
      row.id,
      row.name,
      row.comment,
      row.url,
      ago(row.createdAt),
      ago(row.startedAt),
      ago(row.endedAt),
      duration(row, now),
      statusCell(row.status),
    ]),
  );
}

const duration = (row: Row, now: number): string => runningTime(row.startedAt, row.endedAt, now);

/** HQ's words and `/v1`'s. */
const colours: Readonly<Record<string, Colour>> = {
  failure: 'red',
  failed: 'red',
  success: 'green',
  succeeded: 'green',
  running: 'cyan',
  canceled: 'gray',
  canceling: 'gray',
  stopping: 'gray',
  unfinished: 'dim',
  unknown: 'yellow',
};

export const statusCell = (status: string): Cell => ({ text: status, colour: colours[status] });
