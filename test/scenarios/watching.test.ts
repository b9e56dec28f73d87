/** Watching from a node that does not run what is watched, over links, while that moves. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeClient } from '../../src/client.ts';
import { defineTask, defineWorker, Hatstand, openMemory, openRedis, type Watched } from '../../src/index.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { until } from '../support/until.ts';

let redis: RedisServer;
let nodes: Hatstand[] = [];
/** Who has told that it is linked. */
let linked = 0;

beforeEach(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  for (const node of nodes) await node.stop(0);
  nodes = [];
  linked = 0;
  await redis.stop();
});

const counting = defineTask({
  name: 'counting',
  async run({ emit, logger, progress, checkpoint, resumeFrom, signal }) {
    for (let n = Number(resumeFrom ?? 0) + 1; !signal.aborted; n++) {
      emit('n', n);
      if (n % 10 === 0) logger.info(`line ${n}`);
      progress(n);
      await checkpoint(n);
      await new Promise((resolve) => void setImmediate(resolve));
    }
  },
});

async function startNode(name: string, serves: boolean, links: boolean): Promise<Hatstand> {
  const log = { debug() {}, info: (event: string) => void (event === 'link.made' && linked++), warn() {}, error() {} };
  const store = await openRedis({ url: redis.url, cluster: 'watching' });
  const node = new Hatstand({ store, name, log, ...(links ? {} : { links: false }) });
  if (serves) node.worker(counting);
  nodes.push(node);
  await node.start();
  return node;
}

function watch(node: Hatstand, signal: AbortSignal): readonly Watched[] {
  const seen: Watched[] = [];
  void (async () => {
    for await (const each of node.watch({ task: 'a' }, { signal })) seen.push(each);
  })();
  return seen;
}

const numbersIn = (seen: readonly Watched[]): readonly unknown[] => seen.flatMap((each) => (each.kind === 'event' ? [each.data] : []));

it('tells all that an attempt emits, in its order, from another node, and goes on when it runs elsewhere', {
  timeout: 60_000,
}, async () => {
  const one = await startNode('one', true, true);
  const eyes = await startNode('eyes', false, true);
  await until('they are linked', () => linked === 2, 10_000);
  await eyes.tasks.start('counting', undefined, { id: 'a' });
  const ending = new AbortController();
  const seen = watch(eyes, ending.signal);
  await until('it is heard', () => numbersIn(seen).length > 20);
  const first = numbersIn(seen);
  expect(first).toEqual(first.map((_, at) => Number(first[0]) + at));
  expect(seen.some((each) => each.kind === 'line')).toBe(true);
  await startNode('two', true, true);
  await until('all are linked', () => linked === 6, 10_000);
  const before = numbersIn(seen).length;
  await one.stop('5s');
  await until('it is heard from there', () => seen.findLast((each) => each.kind === 'job')?.job.holder.startsWith('two.') === true, 10_000);
  await until('it goes on', () => numbersIn(seen).length > before + 20);
  ending.abort();
  const numbers = numbersIn(seen);
  // What is not seen of a move is told as missed.
  expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => Number(a) - Number(b)));
  expect(seen.filter((each) => each.kind === 'missed')).toEqual([{ kind: 'missed', count: null }]);
});

it('tells progress and lines from the store where nodes are not linked', { timeout: 60_000 }, async () => {
  await startNode('one', true, false);
  const eyes = await startNode('eyes', false, false);
  await eyes.tasks.start('counting', undefined, { id: 'a' });
  const ending = new AbortController();
  const seen = watch(eyes, ending.signal);
  await until('it is heard', () => seen.filter((each) => each.kind === 'line').length > 3, 20_000);
  ending.abort();
  const lines = seen.flatMap((each) => (each.kind === 'line' ? [each.text] : []));
  expect(lines).toEqual([...new Set(lines)]);
  expect(seen.some((each) => each.kind === 'progress')).toBe(true);
  expect(numbersIn(seen)).toEqual([]);
});

it('delays nobody, and costs bounded memory, when half of those who watch never read', { timeout: 120_000 }, async () => {
  const node = new Hatstand({ store: openMemory(), log: null });
  nodes.push(node);
  const pad = 'x'.repeat(1_024);
  const events = 20_000;
  const begin = Promise.withResolvers<void>();
  const chatty = defineWorker({
    name: 'chatty',
    timeout: null,
    async run({ emit }) {
      await begin.promise;
      for (let n = 1; n <= events; n++) {
        emit('n', { at: performance.now(), pad });
        if (n % 20 === 0) await new Promise((resolve) => void setImmediate(resolve));
      }
    },
  });
  node.worker(chatty);
  await node.start();
  const { address } = await node.listen({ port: 0 });
  const { id } = await node.push(chatty);
  const { port } = new URL(address);
  const still = Array.from({ length: 50 }, () => connect({ host: '127.0.0.1', port: Number(port) }).pause());
  for (const socket of still) socket.on('error', () => {}).write(`GET /v1/jobs/${id}/watch HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`);
  const lags: number[] = [];
  let [missed, ready] = [0, 0];
  const readers = Array.from({ length: 5 }, async () => {
    for await (const each of makeClient({ address }).watch(id)) {
      if (each.kind === 'event') lags.push(performance.now() - (each.data as { at: number }).at);
      if (each.kind === 'missed') missed += each.count ?? 0;
      if (each.kind === 'job' && each.state === 'running' && ++ready === 5) begin.resolve();
    }
  });
  const before = process.memoryUsage.rss();
  await Promise.all(readers);
  const grown = (process.memoryUsage.rss() - before) / 2 ** 20;
  for (const socket of still) socket.destroy();
  expect(lags.length + missed).toBe(5 * events);
  // A process that kept all for those that do not read would have a gigabyte more.
  expect(grown).toBeLessThan(400);
  expect(lags.toSorted((a, b) => a - b)[lags.length >> 1]).toBeLessThan(1_000);
});

it('ends with the process of who watches, and nothing is left of it', { timeout: 60_000 }, async () => {
  await startNode('one', true, true);
  const eyes = await startNode('eyes', false, true);
  await until('they are linked', () => linked === 2, 10_000);
  await eyes.tasks.start('counting', undefined, { id: 'a' });
  const seen = watch(eyes, new AbortController().signal);
  await until('it is heard', () => numbersIn(seen).length > 5);
  await eyes.stop(0);
  const count = seen.length;
  await once(AbortSignal.timeout(200), 'abort');
  expect(seen.length).toBe(count);
});
