/** The scripts, by what they can do. */
import type { Script } from './driver/driver.ts';
import { link } from './link.ts';

function makeScript(name: string, flags: string, last: readonly string[], shortWay: readonly string[] = []): Script {
  return { name, source: link(flags, last, shortWay), writes: flags !== 'no-writes' };
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

/** The files of the short way, each with the calls that need it; none: all do. */
const shortWay: readonly (readonly [file: string, ...calls: readonly string[]])[] = [
  ['usual/start'],
  ['usual/take-finish', 'finish'],
  ['usual/take-push', 'push'],
  ['usual/take-claim', 'claim'],
  ['usual/read-ready', 'claim'],
  ['usual/read-jobs', 'finish', 'claim'],
  ['usual/read-claims', 'finish', 'claim'],
  ['usual/read-line'],
  ['usual/write-finish', 'finish'],
  ['ids', 'push'],
  ['usual/write-push', 'push'],
  ['usual/write-claim', 'claim'],
  ['usual/close'],
];

const shortWayOf = (calls: readonly BatchCall[]): readonly string[] =>
  shortWay.filter(([, ...needing]) => needing.length === 0 || calls.some(({ name }) => needing.includes(name))).map(([file]) => file);

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
  const script = makeScript(name, flags, [...parts, 'batch'], isUsual ? shortWayOf(calls) : []);
  scripts.set(name, script);
  return script;
}

/** Calls that only read. */
export const lookScript = makeScript('look', 'no-writes', ['look']);

/** What opening a store writes and asks. */
export const openScript = makeScript('open', 'allow-oom', ['open']);

/** What the lease thread calls. */
export const keepScript = makeScript('keep', 'allow-oom', ['keep']);
