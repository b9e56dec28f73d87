/** The scripts, by what they can do. */
import type { Script } from './driver/driver.ts';
import { link } from './link.ts';

function makeScript(name: string, flags: string, last: readonly string[], shortcut?: string): Script {
  return { name, source: link(flags, last, shortcut), writes: flags !== 'no-writes' };
}

/** The files that answer the calls of most jobs' lives, which come often and in few combinations. */
const usual: Readonly<Record<string, string>> = { push: 'push', pushMany: 'push-many', finish: 'finish', claim: 'claim' };
const everything = [
  ...['push', 'push-many', 'finish', 'settle', 'settle-push', 'extend', 'change', 'promote', 'claim', 'configure'],
  ...['nodes', 'sweep', 'restore', 'scrub'],
];

/** Batches that lua/usual.lua may be able to do. */
const usualBatch = /^(finish )?(push )?(claim )?$/;

const scripts = new Map<string, Script>();

/**
 * The script for a batch of these calls. What needs no room in Redis's memory, or gives some back, is always done; a batch
 * that adds jobs is refused as a whole when none is left.
 */
export function batchScript(calls: readonly { readonly name: string; readonly adds: boolean }[]): Script {
  const files = new Set(calls.map((call) => usual[call.name]));
  const parts = files.has(undefined) ? everything : everything.filter((file) => files.has(file));
  const flags = calls.some((call) => call.adds) ? '' : 'allow-oom';
  const isUsual = calls.length > 0 && calls.length <= 3 && usualBatch.test(calls.map(({ name }) => `${name} `).join(''));
  const name = `${isUsual ? 'usual ' : ''}${parts === everything ? 'all' : parts.join('+')}${flags === '' ? ' with room' : ''}`;
  let script = scripts.get(name);
  if (script === undefined) {
    script = makeScript(name, flags, [...parts, 'batch'], isUsual ? 'usual' : undefined);
    scripts.set(name, script);
  }
  return script;
}

/** Calls that only read. */
export const lookScript = makeScript('look', 'no-writes', ['look']);

/** What opening a store writes and asks. */
export const openScript = makeScript('open', 'allow-oom', ['open']);

/** What the lease thread calls. */
export const keepScript = makeScript('keep', 'allow-oom', ['keep']);
