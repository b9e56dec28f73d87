/**
 * The scripts, by what they can do. The file of a verb is called as the port calls the verb: `jobs.settle` is done by
 * jobs/settle.lua. A batch's script has the files of the verbs in it and what they need, and nothing else.
 */
import { type VerbName, verbs } from '../../verbs.ts';
import type { Script } from '../driver/driver.ts';
import { Linker } from './linker.ts';

/**
 * Of a settle, `moves` that do not end the job whatever state that is in; of a report, its `pushes`; of a push, jobs that are
 * `owned` by a definition or `unique`; of a put, the attempt `by` which it is done. Of all, the `limits` that there are (limits/), and
 * with them jobs that wait for others (jobs/waits.lua).
 */
export type Extra = 'moves' | 'pushes' | 'owned' | 'unique' | 'expiries' | 'by' | 'limits';

export interface BatchStep {
  readonly verb: VerbName;
  /** The short way can do it, as far as its arguments say (jobs/short.lua). */
  readonly usual: boolean;
  /** Parts of the verb's file that most calls do not need (`only` in frame/linker.ts). */
  readonly also: readonly Extra[];
  readonly needsRoom: boolean;
}

/** What Redis is told of a script: that it only reads, or that it is done however little memory is left. */
type Flags = '' | 'allow-oom' | 'no-writes';

/** A batch with other verbs gets all verbs of their nouns: Redis keeps every script that it was ever given. */
const mostSets = 128;
/** Batches whose script is found without thinking, by the verbs in their order. */
const mostOrders = 1_000;
/** Of a batch that the short way can do: one call of each verb that it knows. */
const mostUsual = 3;

/** Names of files that stand side by side in a script: 200 are allowed, and those within a block count, too. */
const mostNames = 160;

/** A script of the store. */
export interface StoreScript extends Script {
  /** Redis would refuse it: its calls go in several scripts. */
  readonly isTooLarge: boolean;
  /** The same, for when it has failed: it looks before each command whether its key is what Hatstand gives it (frame/careful.lua). */
  careful(): Script;
}

const allVerbs = Object.keys(verbs) as readonly VerbName[];
const linker = new Linker();
const byOrder = new Map<string, StoreScript>();
const bySet = new Map<string, StoreScript>();

/**
 * The script for a batch of steps. What needs no room in Redis's memory, or gives some back, is always done; a batch with a
 * verb that needs room is refused as a whole when none is left.
 *
 * @param isLimited there are limits, or jobs that wait: without it, a script that finds some answers `limited`, and has done nothing
 */
export function stepScript(batch: readonly BatchStep[], isLimited = false): StoreScript {
  let order = '';
  let last = '';
  let isUsual = batch.length <= mostUsual;
  let needsRoom = false;
  const also: Extra[] = isLimited ? ['limits'] : [];
  for (const step of batch) {
    isUsual &&= step.usual && step.verb !== last;
    if (step.verb !== last) order += `${step.verb} `;
    needsRoom ||= step.needsRoom;
    for (const each of step.also) if (!also.includes(each)) also.push(each);
    last = step.verb;
  }
  // In whatever order they come they are for the same script.
  also.sort((a, b) => (a < b ? -1 : 1));
  order += `${isUsual ? 'short' : ''} ${needsRoom ? 'room' : ''} ${also}`;
  const known = byOrder.get(order);
  if (known !== undefined) return known;
  const flags = needsRoom ? '' : 'allow-oom';
  return remembered(order, scriptFor(batch, { flags, front: frontOf(isUsual, also), also, end: 'frame/batch' }));
}

/** The short way is for where there are no limits, and nobody waits for others. */
function frontOf(isUsual: boolean, also: readonly Extra[]): readonly string[] {
  if (also.includes('limits')) return [];
  return isUsual ? ['frame/limited', 'jobs/short'] : ['frame/limited'];
}

/** The script for a batch of calls that only look. */
export function lookScript(batch: readonly Pick<BatchStep, 'verb'>[]): StoreScript {
  let order = '';
  for (const { verb } of batch) if (!order.endsWith(`${verb} `)) order += `${verb} `;
  return byOrder.get(order) ?? remembered(order, scriptFor(batch, { flags: 'no-writes', front: [], also: [], end: 'frame/looks' }));
}

function remembered(order: string, script: StoreScript): StoreScript {
  if (byOrder.size >= mostOrders) byOrder.clear();
  byOrder.set(order, script);
  return script;
}

/** What a script has beside the files of its verbs. */
interface Frame {
  readonly flags: Flags;
  readonly front: readonly string[];
  readonly also: readonly Extra[];
  readonly end: string;
}

function scriptFor(batch: readonly Pick<BatchStep, 'verb'>[], frame: Frame): StoreScript {
  const found = new Set(batch.map(({ verb }) => verb));
  const asked = allVerbs.filter((verb) => found.has(verb));
  const { front, also, flags } = frame;
  // The short way is for what its batch has, and there are few of its kind.
  const set = front.includes('jobs/short') || bySet.size < mostSets ? asked : wholeNouns(asked);
  const name = [...front.filter((each) => each !== 'frame/limited'), ...set, ...also, ...(flags === '' ? ['with room'] : [])].join(' ');
  const known = bySet.get(name);
  if (known !== undefined) return known;
  const script = makeScript(name, flags, [...front, ...set.map(fileOf), frame.end], [...set, ...also]);
  bySet.set(name, script);
  return script;
}

function makeScript(name: string, flags: Flags, ends: readonly string[], purposes: readonly string[] = []): StoreScript {
  const isTooLarge = linker.namesIn({ ends, purposes }) > mostNames;
  let careful: Script | null = null;
  const makeCareful = (): Script => ({
    name: `${name}, carefully`,
    get source() {
      return linker.link({ flags: flags === 'no-writes' ? 'allow-oom' : flags, ends, purposes: [...purposes, 'careful'] });
    },
    writes: true,
  });
  return {
    name,
    // One that is too large is never sent, the others are once over each connection: their texts together are many megabytes.
    get source() {
      return linker.link({ flags, ends, purposes });
    },
    writes: flags !== 'no-writes',
    isTooLarge,
    careful: () => (careful ??= makeCareful()),
  };
}

const fileOf = (verb: VerbName): string => verb.replace('.', '/');
const nounOf = (verb: VerbName): string => verb.slice(0, verb.indexOf('.'));

/** They need something of every noun, and are seldom asked for: a script has them when its batch has. */
const ofAllNouns: ReadonlySet<VerbName> = new Set(['upkeep.scrub', 'upkeep.sweep']);

/** All verbs of their nouns that do the same: look, or not. */
function wholeNouns(set: readonly VerbName[]): readonly VerbName[] {
  const nouns = new Set(set.map(nounOf));
  const isLook = (verb: VerbName): boolean => verbs[verb].rank === 'looks';
  return allVerbs.filter(
    (verb) => nouns.has(nounOf(verb)) && isLook(verb) === set.every(isLook) && (set.includes(verb) || !ofAllNouns.has(verb)),
  );
}

/** What opening a store writes and asks. */
export const openScript = makeScript('open', 'allow-oom', ['data']);

/** What the lease thread calls. */
export const keepScript = makeScript('keep', 'allow-oom', ['nodes/keep']);
