/** The scripts, put together from the files in lua/. */
import { readFileSync } from 'node:fs';
import type { Script } from './driver/driver.ts';
import { luaKeys } from './keys.ts';

const read = (name: string): string => readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8');

/** A file whose names are its own but for those that it says it gives to the files behind it. Lua allows 200 in one place. */
function part(name: string): string {
  const text = read(name);
  const given = [...text.matchAll(/^-- gives: (.*)$/gm)].map(([, names]) => `local ${names}\n`);
  return `${given.join('')}do\n${text}end\n`;
}

const shared = ['tape', 'writes', 'record'].map(part);
const jobs = [
  'journal',
  'lines',
  'ledger',
  'claims',
  'endings',
  'ids',
  'push',
  'moves',
  'show',
  'end',
  'settle',
  'queues',
  'promote',
  'share',
  'claim',
].map(part);
const upkeep = ['held', 'node', 'nodes', 'sweep', 'restore', 'scrub'].map(part);

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
export const lookScript = makeScript('look', ' flags=no-writes', [...shared, part('show'), part('look')]);

/** What opening a store writes and asks. */
export const openScript = makeScript('open', ' flags=allow-oom', [read('open')]);

/** What the lease thread calls. */
export const keepScript = makeScript('keep', ' flags=allow-oom', [part('tape'), part('node'), read('keep')]);
