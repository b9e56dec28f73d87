// Mixed load on one node for an hour: prints what it holds, minute by minute, and whether that stayed flat.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startRedis } from '../test/support/redis-server.ts';
import { startSoaked, startWorkerApp } from './demo/programs.mjs';
import { Failure } from './failure.mjs';
import { bringServices } from './services.mjs';
import { judge, lookAt, median, percentile } from './soak/flat.mjs';
import { startLoad } from './soak/load.mjs';

const { values: options } = parseArgs({
  options: {
    store: { type: 'string', default: 'sqlite' },
    minutes: { type: 'string', default: '60' },
    /** Requests in a second. */
    rate: { type: 'string', default: '50' },
    /** Seconds that ended jobs are kept, so that their number is soon steady. */
    keep: { type: 'string', default: '60' },
  },
});
const minutes = number('minutes', 2);
const rate = number('rate', 1);
const keep = number('keep', 1);
if (!['sqlite', 'redis'].includes(options.store)) throw new Failure(`--store must be sqlite or redis, not ${options.store}.`, 2);
/** Minutes that are not judged. */
const warmUp = Math.min(10, Math.floor(minutes / 2));

function number(name, least) {
  const value = Number(options[name]);
  if (Number.isInteger(value) && value >= least) return value;
  throw new Failure(`--${name} must be a whole number from ${least} on, not ${options[name]}.`, 2);
}

const asked = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => asked.abort());

const folder = mkdtempSync(join(tmpdir(), 'hatstand-soak-'));
const programs = [];
try {
  process.exitCode = await soak();
} catch (error) {
  if (!asked.signal.aborted && !(error instanceof Failure)) throw error;
  console.error(asked.signal.aborted ? 'Ended before its time.' : error.message);
  process.exitCode = asked.signal.aborted ? 130 : 1;
} finally {
  for (const program of programs.reverse()) await program.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function soak() {
  const app = begun(await startWorkerApp());
  const redis = options.store === 'redis' ? await bringRedis() : null;
  const where = redis === null ? ['--path', join(folder, 'data')] : ['--redis', redis.url];
  const server = begun(await startSoaked([...where, '--keep', `${keep}s`]));
  const load = await startLoad(server.address, app.address, rate);
  programs.push(load);
  console.log(`${options.store}: ${rate} requests a second for ${minutes} min on ${server.address} (process ${server.child.pid}).`);
  console.log(
    columns([
      'min',
      'rss MiB',
      'heap MiB',
      'descriptors',
      'jobs',
      'p50 ms',
      'p99 ms',
      'answered',
      'left out',
      'redis MiB',
      'load',
      'unexpected',
    ]),
  );
  const seen = [];
  const unexpected = new Set();
  while (seen.length < minutes) {
    const minute = await watch(server, load, redis);
    seen.push(minute);
    for (const what of minute.unexpected.keys()) unexpected.add(what);
    console.log(columns(rowOf(seen.length, minute)));
  }
  return verdict(judge(seen, warmUp), unexpected);
}

function begun(program) {
  programs.push(program);
  return program;
}

async function bringRedis() {
  await bringServices([{ program: 'redis-server', needs: 'redis-server' }]);
  return begun(await startRedis({ flags: ['--appendonly', 'yes'] }));
}

/** One minute: the medians of its seconds. */
async function watch({ address, child }, load, redis) {
  const looks = [];
  for (let second = 0; second < 60; second++) {
    await pause(1_000, undefined, { signal: asked.signal });
    if (child.exitCode !== null || child.signalCode !== null) throw new Failure('The server has ended.');
    child.send('memory');
    const [{ heapUsed }] = await once(child, 'message', { signal: asked.signal });
    looks.push({ ...lookAt(child.pid), heapUsed, redis: redis === null ? 0 : lookAt(redis.pid).rss });
  }
  const middle = (name) => median(looks.map((look) => look[name]));
  const { millis, answered, leftOut, unexpected } = load.figures();
  const stats = await fetch(`${address}/v1/stats`, { signal: asked.signal });
  const { total } = await stats.json();
  return {
    ...{ rss: middle('rss'), heap: middle('heapUsed'), descriptors: middle('descriptors'), redis: middle('redis') },
    ...{ jobs: total, p50: percentile(millis, 0.5), p99: percentile(millis, 0.99), answered, leftOut, unexpected, machine: loadavg()[0] },
  };
}

function mebibytes(bytes) {
  return (bytes / 1_024 / 1_024).toFixed(1);
}

function rowOf(minute, { rss, heap, descriptors, jobs, p50, p99, answered, leftOut, redis, machine, unexpected }) {
  const strange = [...unexpected].map(([what, count]) => `${count} × ${what}`).slice(0, 3);
  return [
    ...[minute, mebibytes(rss), mebibytes(heap), descriptors, jobs, p50.toFixed(1), p99.toFixed(1), answered, leftOut],
    ...[redis === 0 ? '-' : mebibytes(redis), machine.toFixed(1), strange.join('; ') || '-'],
  ];
}

function columns(cells) {
  return cells.map((cell, at) => String(cell).padStart(at === 0 ? 3 : 11)).join(' ');
}

function verdict({ rss, descriptors }, unexpected) {
  const word = (flat) => (flat ? 'flat' : 'NOT FLAT');
  console.log(`Memory ${word(rss.flat)}: ${mebibytes(rss.base)} MiB in the warm-up's second half, at most ${mebibytes(rss.worst)} later.`);
  console.log(`Descriptors ${word(descriptors.flat)}: ${descriptors.base}, at most ${descriptors.worst} later.`);
  for (const what of unexpected) console.log(`Unexpected: ${what}`);
  return rss.flat && descriptors.flat && unexpected.size === 0 ? 0 : 1;
}
