import type { Command } from 'commander';
import { eachMember, indentJson } from '../../core/json.ts';
import type { Attempt, JobWithHistory, UnreadableRecord } from '../client/client.ts';
import { askingServer, type ClientOptions, clientOf } from './client-command.ts';
import { forEach } from './each.ts';
import { idsOf, withIds } from './ids.ts';
import { stateColours } from './list.ts';
import { table } from './table.ts';
import { paint, plain, plainLines, print, printLine } from './terminal.ts';
import { relativeTime, runningTime } from './times.ts';

export function addInfo(program: Command): void {
  const command = withIds(program.command('info').description('show jobs, with their results and all their attempts'));
  command.option('--raw', 'show what is left of a record that nobody can read, as the store had it');
  askingServer(
    command,
    ['hatstand info 109192606348480512', 'hatstand info 109192606348480512 --json', 'hatstand info 109192606348480512 --raw'],
    'each job on a line, as `GET /v1/jobs/<id>` has it',
  ).action(async (ids: readonly string[], options: ClientOptions & { readonly raw?: true }) => {
    const client = clientOf(options);
    let isFirst = true;
    await forEach(idsOf(ids), options.json, async (id) => {
      if (options.raw === true) return showRaw(await client.jobs.raw(id), options.json === true);
      const text = (await client.jobs.getText(id)).trim();
      if (options.json === true) return printLine(text);
      await print(`${isFirst ? '' : '\n'}${described(text, Date.now())}`);
      isFirst = false;
    });
  });
}

async function showRaw(record: UnreadableRecord, isJson: boolean): Promise<void> {
  if (isJson) return printLine(JSON.stringify(record));
  await printLine(`${paint('dim', 'id      ')}${record.id}`);
  await printLine(`${paint('dim', 'aside   ')}${record.at}`);
  await printLine(`${paint('dim', 'reason  ')}${plain(record.reason)}`);
  await printLine(plainLines(record.raw));
}

/** For people; the payload and a JSON output are shown indented, with all digits of their numbers. */
function described(text: string, now: number): string {
  const job = JSON.parse(text) as JobWithHistory;
  const rows = [...whatItIs(job), ...howItIsRun(job), ...whatBecameOfIt(job, now), ['payload', payloadText(text)] as const];
  const shown = rows.filter(([, value]) => value !== '');
  const width = Math.max(...shown.map(([name]) => name.length)) + 2;
  const lines = shown.map(([name, value]) => `${paint('dim', name.padEnd(width))}${value.replaceAll('\n', `\n${' '.repeat(width)}`)}\n`);
  return `${lines.join('')}${historyOf(job, now)}`;
}

type Row = readonly [name: string, value: string];

function whatItIs({
  id,
  state,
  reason,
  name,
  comment,
  worker,
  url,
  headers,
  queue,
  domain,
  limit,
  priority,
  manual,
  unserved,
}: JobWithHistory): readonly Row[] {
  const colour = stateColours[state];
  return [
    ['id', id],
    ['state', `${colour === undefined ? state : paint(colour, state)}${reason === '' ? '' : ` (${plain(reason)})`}`],
    ['unserved', unserved ? `no live node serves the worker ${worker}: it waits until one does` : ''],
    ['name', plain(name)],
    ['comment', plain(comment)],
    ['worker', worker],
    ['url', plain(url)],
    [
      'headers',
      Object.entries(headers)
        .map(([header, value]) => `${plain(header)}: ${plain(value)}`)
        .join('\n'),
    ],
    ['queue', `${queue}${priority === 0 ? '' : `, priority ${priority}`}${manual ? ', manual' : ''}`],
    ['domain', domain],
    ['limit', plain(limit)],
  ];
}

/** A duration counts from the push. */
const untilWords = (until: string): string => (until === 'started' || until === 'ended' ? until : `${until} from its push`);

const afterWords = ({ jobs, onFailure, left }: NonNullable<JobWithHistory['after']>): string =>
  `${left} of ${jobs.length} left${onFailure === 'start' ? ', starts also when one fails' : ''}: ${jobs.join(', ')}`;

function howItIsRun({
  attempt,
  attempts,
  run,
  lost,
  retry,
  timeout,
  totalTimeout,
  onLost,
  rules,
  unique,
  after,
}: JobWithHistory): readonly Row[] {
  const restarts = run === 1 ? '' : `, run ${run}`;
  const losses = lost === 0 ? '' : `, ${lost} lost with their node`;
  return [
    ['attempts', `${attempt} of ${attempts}${restarts}${losses}`],
    ['retry', retry.attempts === 1 ? 'none' : `after ${retry.backoff}, then twice as long each time, at most ${retry.maxBackoff}`],
    ['timeout', `${timeout ?? 'none'}${totalTimeout === null ? '' : `, ${totalTimeout} in all`}`],
    ['unique', unique === null ? '' : `${unique.scope}, until ${untilWords(unique.until)}`],
    ['after', after === null ? '' : afterWords(after)],
    ['on loss', onLost === 'fail' ? 'fails' : ''],
    ['rules', rules === 'hq' ? "HQ's: only a 200 succeeds, redirects are followed" : ''],
  ];
}

function whatBecameOfIt(job: JobWithHistory, now: number): readonly Row[] {
  const time = (at: string | null): string => (at === null ? '' : `${at}  ${relativeTime(at, now)}`);
  return [
    ['created', time(job.createdAt)],
    ['before', job.startBefore === null ? '' : `${time(job.startBefore)}: it begins before this or never`],
    ['due', job.state === 'scheduled' ? time(job.dueAt) : ''],
    ['started', time(job.startedAt)],
    ['ended', time(job.endedAt)],
    ['duration', runningTime(job.startedAt, job.endedAt, now)],
    [
      'progress',
      job.progress === null ? '' : `${plain(JSON.stringify(job.progress))}  ${relativeTime(job.progressAt ?? job.createdAt, now)}`,
    ],
    ['holder', job.holder],
    ['status', job.statusCode === null ? '' : String(job.statusCode)],
    ['cause', job.cause ?? ''],
    ['error', plainLines(job.error.trimEnd())],
    ['stack', plainLines((job.history[0]?.stack ?? '').trimEnd())],
    ['output', `${plainLines(indented(job.output).trimEnd())}${job.outputCut ? `\n${paint('dim', '(cut)')}` : ''}`],
  ];
}

function payloadText(job: string): string {
  let payload = '';
  eachMember(job, 0, (key, { start, end }) => {
    if (key === 'payload') payload = job.slice(start, end);
  });
  return payload === 'null' ? '' : plainLines(indentJson(payload));
}

function indented(output: string): string {
  try {
    JSON.parse(output);
    return indentJson(output);
  } catch {
    return output;
  }
}

function historyOf({ history }: JobWithHistory, now: number): string {
  if (history.length === 0) return '';
  const rows = history.map((attempt: Attempt) => [
    String(attempt.run),
    String(attempt.attempt),
    attempt.end,
    relativeTime(attempt.startedAt, now),
    runningTime(attempt.startedAt, attempt.endedAt, now),
    attempt.statusCode === null ? '-' : String(attempt.statusCode),
    attempt.cause ?? '-',
    attempt.holder,
    attempt.error,
  ]);
  return `\n${table(['RUN', 'TRY', 'END', 'STARTED', 'DURATION', 'STATUS', 'CAUSE', 'HOLDER', 'ERROR'], rows)}`;
}
