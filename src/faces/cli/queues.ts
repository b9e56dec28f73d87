import type { Command } from 'commander';
import { HatstandError } from '../../core/errors.ts';
import type { Queue, QueueLimits, Rate } from '../client/client.ts';
import { addGroup, addListing, askingServer, type ClientOptions, clientOf } from './client-command.ts';
import { forEach } from './each.ts';
import { type None, nullOfNone, orNone, rate, whole } from './option-values.ts';
import { table } from './table.ts';
import { note, print, printLine } from './terminal.ts';
import { shortDuration } from './times.ts';

const queueJson = '`{"queue": "…"}` with what was set, on a line for each queue';

export function addQueues(program: Command): void {
  const queues = addGroup(program, 'queues', 'list queues, pause, resume and limit them');

  addListing(queues, 'queues', 'an array, as `GET /v1/queues` has it', async (options) => {
    const all = await clientOf(options).queues.list();
    await (options.json === true ? printLine(JSON.stringify(all, null, 2)) : print(queueTable(all)));
  });

  for (const verb of ['pause', 'resume'] as const) {
    const described = verb === 'pause' ? 'start no more jobs of these queues; running ones finish' : 'start jobs of these queues again';
    const command = queues.command(verb).description(described).argument('<queue...>', 'the queues');
    askingServer(command, [`hatstand queues ${verb} mail`], queueJson).action(async (names: readonly string[], options: ClientOptions) => {
      const client = clientOf(options);
      const known = new Set((await client.queues.list()).map((queue) => queue.name));
      await forEach(names, options.json, async (name) => {
        await client.queues[verb](name);
        await printLine(options.json === true ? JSON.stringify({ queue: name }) : name);
        if (verb === 'pause' && !known.has(name)) note(`No job has named the queue ${name} yet: it is paused for when one does.`);
      });
    });
  }
  addLimit(queues);
}

interface LimitOptions extends ClientOptions {
  readonly concurrency?: number | None;
  readonly rate?: Rate | None;
}

function addLimit(queues: Command): void {
  const command = queues
    .command('limit')
    .description('limit how a queue is served')
    .argument('<queue>', 'the queue')
    .option('--concurrency <n>', 'run at most n jobs at once, or none for no limit', orNone(whole(1, 1_000_000)))
    .option('--rate <n/duration>', 'start at most n jobs at once, and n per duration on average; or none for no limit', orNone(rate));
  askingServer(
    command,
    ['hatstand queues limit mail --concurrency 4 --rate 100/1s', 'hatstand queues limit mail --rate none'],
    queueJson,
  ).action(async (name: string, options: LimitOptions) => {
    const { concurrency, rate: starts } = options;
    if (concurrency === undefined && starts === undefined) {
      throw new HatstandError('invalid_request', 'Say what to limit: --concurrency, --rate, or both.');
    }
    const limits: QueueLimits = {
      ...(concurrency === undefined ? {} : { concurrency: nullOfNone(concurrency) }),
      ...(starts === undefined ? {} : { rate: nullOfNone(starts) }),
    };
    await clientOf(options).queues.limit(name, limits);
    await printLine(options.json === true ? JSON.stringify({ queue: name, ...limits }) : name);
  });
}

function queueTable(queues: readonly Queue[]): string {
  const head = ['QUEUE', 'SCHEDULED', 'QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED', 'OLDEST', 'LIMITS', 'STATE'];
  return table(
    head,
    queues.map(({ name, paused, concurrency, rate: starts, jobs, oldestWaiting }) => [
      name,
      ...[jobs.scheduled, jobs.queued, jobs.running + jobs.stopping, jobs.succeeded, jobs.failed, jobs.canceled].map(String),
      oldestWaiting === null ? '-' : shortDuration(oldestWaiting),
      [concurrency === null ? [] : [`${concurrency} at once`], starts === null ? [] : [`${starts.max}/${starts.per}`]].flat().join(', ') ||
        '-',
      paused ? { text: 'paused', colour: 'yellow' } : 'open',
    ]),
  );
}
