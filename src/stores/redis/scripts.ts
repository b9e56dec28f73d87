/** The scripts, by what they can do. */
import type { Script } from './driver/driver.ts';
import { link } from './link.ts';

function makeScript(name: string, flags: string, last: readonly string[], shortcut: readonly string[] = []): Script {
  return { name, source: link(flags, last, shortcut), writes: flags !== 'no-writes' };
}

/** The files that answer the calls of most jobs' lives, which come often and in few combinations. */
const usual: Readonly<Record<string, string>> = { push: 'push', pushMany: 'push-many', finish: 'finish', claim: 'claim' };
const everything = [
  ...['push', 'push-many', 'finish', 'settle', 'settle-push', 'extend', 'change', 'promote', 'claim', 'configure'],
  ...['nodes', 'sweep', 'restore', 'scrub'],
];

/** Batches that the files of lua/usual/ may be able to do. */
const usualBatch = /^(finish )?(push )?(claim )?$/;
const mostUsual = 3;

/** What of lua/usual/ a batch needs that has any of the calls. */
const shortWay: readonly (readonly [calls: string, file: string])[] = [
  ['finish push claim', 'usual/start'],
  ['finish', 'usual/take-finish'],
  ['push', 'usual/take-push'],
  ['claim', 'usual/take-claim'],
  ['claim', 'usual/read-ready'],
  ['finish claim', 'usual/read-jobs'],
  ['finish claim', 'usual/read-claims'],
  ['finish push claim', 'usual/read-line'],
  ['finish', 'usual/write-finish'],
  ['push', 'ids'],
  ['push', 'usual/write-push'],
  ['claim', 'usual/write-claim'],
  ['finish push claim', 'usual/close'],
];

interface BatchCall {
  readonly name: string;
  readonly adds: boolean;
}

const scripts = new Map<string, Script>();
/** The same ones by the names of few calls, found without further thought. */
const scriptsOfFew = new Map<string, Script>();

/**
 * The script for a batch of these calls. What needs no room in Redis's memory, or gives some back, is always done; a batch
 * that adds jobs is refused as a whole when none is left.
 */
export function batchScript(calls: readonly BatchCall[]): Script {
  if (calls.length > mostUsual) return scriptFor(calls, false);
  let names = '';
  for (const { name } of calls) names += `${name} `;
  const known = scriptsOfFew.get(names);
  if (known !== undefined) return known;
  const script = scriptFor(calls, names !== '' && usualBatch.test(names));
  scriptsOfFew.set(names, script);
  return script;
}

function scriptFor(calls: readonly BatchCall[], isUsual: boolean): Script {
  const files = new Set(calls.map((call) => usual[call.name]));
  const parts = files.has(undefined) ? everything : everything.filter((file) => files.has(file));
  const flags = calls.some((call) => call.adds) ? '' : 'allow-oom';
  const name = `${isUsual ? 'usual ' : ''}${parts === everything ? 'all' : parts.join('+')}${flags === '' ? ' with room' : ''}`;
  const known = scripts.get(name);
  if (known !== undefined) return known;
  const shortcut = shortWay
    .filter(([names]) => isUsual && calls.some((call) => names.split(' ').includes(call.name)))
    .map(([, file]) => file);
  const script = makeScript(name, flags, [...parts, 'batch'], shortcut);
  scripts.set(name, script);
  return script;
}

/** Calls that only read. */
export const lookScript = makeScript('look', 'no-writes', ['look']);

/** What opening a store writes and asks. */
export const openScript = makeScript('open', 'allow-oom', ['open']);

/** What the lease thread calls. */
export const keepScript = makeScript('keep', 'allow-oom', ['keep']);
