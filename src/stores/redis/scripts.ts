/** The scripts, put together from the files in lua/. */
import { readFileSync } from 'node:fs';
import type { Script } from './driver/driver.ts';
import { luaKeys } from './keys.ts';

const read = (name: string): string => readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8');

/** What nobody else uses stays inside: Lua knows 200 local names at once. */
const enclosed = (...names: string[]): string => `do\n${names.map(read).join('')}end\n`;

const shared = ['tape', 'writes', 'record'].map(read);
const jobs = [
  ...['journal', 'lines', 'ledger', 'ids', 'push', 'moves', 'show'].map(read),
  enclosed('settle'),
  enclosed('queues', 'promote', 'share', 'claim'),
];
const upkeep = [read('held'), ...['nodes', 'sweep', 'restore', 'scrub'].map((name) => enclosed(name))];

function makeScript(name: string, flags: string, parts: readonly string[]): Script {
  return { name, source: [`#!lua${flags}\n${luaKeys}`, ...parts].join('\n'), writes: flags !== ' flags=no-writes' };
}

/** The calls of a job's life, which come often; a script with all calls takes longer to begin. */
const jobCalls = ['push', 'claim', 'settle', 'extend', 'change', 'remove', 'promote', 'configure'];

const batches = {
  jobs: [...shared, ...jobs, read('batch')],
  all: [...shared, ...jobs, ...upkeep, read('batch')],
};

/** A batch that adds jobs is refused as a whole when Redis has no memory left. */
const adding = { jobs: makeScript('push', '', batches.jobs), all: makeScript('push and more', '', batches.all) };
/** What needs no room, or gives some back, is always done. */
const others = { jobs: makeScript('step', ' flags=allow-oom', batches.jobs), all: makeScript('upkeep', ' flags=allow-oom', batches.all) };

/** The script for a batch of these calls. */
export function batchScript(calls: readonly { readonly name: string; readonly adds: boolean }[]): Script {
  const scripts = calls.some((call) => call.adds) ? adding : others;
  return calls.every((call) => jobCalls.includes(call.name)) ? scripts.jobs : scripts.all;
}

/** Calls that only read. */
export const lookScript = makeScript('look', ' flags=no-writes', [...shared, read('show'), read('look')]);

/** What opening a store writes and asks. */
export const openScript = makeScript('open', ' flags=allow-oom', [read('open')]);
