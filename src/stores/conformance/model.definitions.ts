/** Definitions in random histories: what a call asks of one store, and what can be seen of it. */
import fc from 'fast-check';
import { type Decision, type Definition, type DefinitionKey, dueAt, type Overlap, overlaps, ownerOf } from '../../core/definition.ts';
import type { Millis } from '../../core/duration.ts';
import type { NewJob } from '../../core/job.ts';
import { facets, type OwnedJob } from '../../core/owned.ts';
import type { DefinitionPut, Fired, Firing, Put } from '../../ports/store/definitions.ts';
import { definitionKeys, job, margin, signs, unit } from './model.new-jobs.ts';
import { adds, type Planned, type Plans, type Weighted, weigh } from './model.turn.ts';
import type { World } from './model.world.ts';
import { entriesOf, refOf } from './subject.ts';

interface PutCall extends Pick<DefinitionPut, 'group' | 'body' | 'state' | 'due' | 'dueOnEnd'> {
  readonly kind: 'put';
  readonly key: number;
  /** Whether it must have the version that it has, none, or one that it never had. */
  readonly guard: 'none' | 'right' | 'absent' | 'wrong';
  /** Of an attempt, if it is put under one. */
  readonly by: number | null;
}

interface FireCall {
  readonly kind: 'fire';
  readonly key: number;
  /** Decided on what is there, or on what was there before. */
  readonly seen: 'now' | 'older version' | 'older tick';
  /** In units behind the tick, and then off the units. */
  readonly next: number | null | 'removed';
  readonly jobs: readonly NewJob[];
  readonly overlap: Overlap;
  readonly collects: boolean;
}

interface GatherCall {
  readonly kind: 'gather';
  readonly key: number;
  readonly text: string;
  readonly wait: Millis;
  readonly maxWait: Millis | null;
  readonly most: number;
}

/** One as it is now comes in from elsewhere, under another key. */
interface CopyCall {
  readonly kind: 'copy';
  readonly key: number;
  readonly to: number;
}

export type DefinitionCall = PutCall | FireCall | GatherCall | CopyCall;

const key = fc.nat(definitionKeys.length - 1);
const often = <const T extends readonly unknown[]>(...values: T): fc.Arbitrary<T[number]> => fc.constantFrom<T[number][]>(...values);

const putCall: fc.Arbitrary<PutCall> = fc.record({
  ...{ kind: fc.constant('put'), key },
  group: often('', '', 'g', 'event'),
  body: often('{}', '{}', '{}', `"${signs.replace('\n', '')}"`, null),
  state: often(null, null, '', `s${signs}`),
  due: often('now', 'now', 'now', 'never', 'same'),
  dueOnEnd: fc.boolean(),
  guard: often('none', 'none', 'none', 'right', 'right', 'absent', 'wrong'),
  by: fc.option(fc.nat(5), { freq: 3 }),
});

const fireCall: fc.Arbitrary<FireCall> = fc.record({
  ...{ kind: fc.constant('fire'), key },
  seen: often('now', 'now', 'now', 'now', 'now', 'older version', 'older tick'),
  next: often(null, 0, 0, 1, 2, 'removed'),
  jobs: fc.array(job, { maxLength: 2 }),
  overlap: fc.constantFrom(...overlaps),
  collects: fc.boolean(),
});

const gatherCall: fc.Arbitrary<GatherCall> = fc.record({
  ...{ kind: fc.constant('gather'), key },
  text: often('1', '"x"', `{"a": ["${signs.replace('\n', '')}"]}`),
  // Off the units, so that no window closes just when something else happens.
  wait: fc.constantFrom(1.25 * unit, 2.25 * unit),
  maxWait: fc.constantFrom(null, 2.4 * unit, 5.4 * unit),
  most: fc.constantFrom<number[]>(100, 2),
});

const copyCall: fc.Arbitrary<CopyCall> = fc.record({ kind: fc.constant('copy'), key, to: key });

export const definitionCalls: readonly Weighted<DefinitionCall>[] = [
  weigh(4, putCall),
  weigh(5, fireCall),
  weigh(3, gatherCall),
  weigh(1, copyCall),
];

export const keyAt = (at: number): DefinitionKey => definitionKeys[at] ?? { kind: 'trigger', domain: '', key: '?' };

export const definitionPlans: Plans<DefinitionCall> = {
  put: planPut,
  async fire(world, call) {
    const definition = await seenAt(world, call.key);
    if (definition !== undefined && (isTie(world, definition) || (await mayTie(world, definition)))) return null;
    const firing = firingOf(world, call, definition);
    return adds(
      () => world.opened.store.definitions.fire([firing]),
      (answers) => answers.map((answer) => fired(world, answer)),
    );
  },
  async gather(world, { key: at, text, wait, maxWait, most }) {
    const slides = await slidesFar(world, at, wait);
    const part = { ...keyAt(at), text, wait, maxWait: slides ? maxWait : null, most: { parts: most, characters: 1_000 } };
    return adds(() => world.opened.store.definitions.gather([part]));
  },
  async copy(world, { key: at, to }) {
    const { store } = world.opened;
    const seen = await seenAt(world, at);
    if (seen === undefined) return null;
    const copy = { definition: { ...seen, ...keyAt(to) }, parts: await store.definitions.parts(keyAt(at)) };
    return adds(() => store.definitions.restore([copy]));
  },
};

/** So near that what passes by itself, a fraction of a unit, says which comes first. */
const areNear = (one: number, other: number): boolean => Math.abs(one - other) < margin / 10;

/** Whether a store may take the due time for earlier than the closing of the window, and another for later. */
function isTie(world: World, { due, window }: Definition): boolean {
  const closesAt = window?.closesAt ?? null;
  if (due === null || closesAt === null || !areNear(due, closesAt)) return false;
  return due !== closesAt || !world.wasAsked(due);
}

/** The same, if another call of the turn ends a job for which the window waits: it closes just then. */
async function mayTie({ opened, atOnce }: World, { due, window, owned }: Definition): Promise<boolean> {
  if (atOnce === 1 || due === null || owned.live === 0 || window === null || window.closesAt !== null) return false;
  const { now } = await opened.store.definitions.due([], 1, 0);
  return areNear(due, now);
}

/** Whether a part moves the closing of the window, if it does at all, by more than what passes by itself, and not just when it closes. */
async function slidesFar(world: World, at: number, wait: Millis): Promise<boolean> {
  const closesAt = (await seenAt(world, at))?.window?.closesAt ?? null;
  if (closesAt === null) return true;
  const { now } = await world.opened.store.definitions.due([], 1, 0);
  return now + wait - closesAt > margin && !areNear(now, closesAt);
}

const seenAt = async (world: World, at: number): Promise<Definition | undefined> =>
  (await world.opened.store.definitions.list({ by: 'keys', keys: [keyAt(at)] })).definitions[0];

async function planPut(world: World, { kind: _, key: at, guard, by, ...asked }: PutCall): Promise<Planned> {
  const version = (await seenAt(world, at))?.version ?? 0;
  const guards = { none: null, right: version, absent: 0, wrong: version + 77 };
  const job = by === null ? undefined : world.given.at(-1 - (by % Math.max(1, world.given.length)));
  const put: DefinitionPut = { ...keyAt(at), ...asked, note: guard, if: guards[guard] };
  return adds(
    () => world.opened.store.definitions.put([put], job === undefined ? undefined : refOf(job)),
    (answer) => putAnswer(world, answer),
  );
}

function putAnswer(world: World, answer: Put): unknown {
  if (answer.kind === 'put') for (const version of answer.versions) world.versionMade(version);
  return answer.kind === 'stale' ? ['stale', answer.version === 0] : answer.kind;
}

function firingOf(world: World, call: FireCall, definition: Definition | undefined): Firing {
  const { key: at, seen, next, jobs, overlap, collects } = call;
  const tick = (definition === undefined ? null : dueAt(definition)) ?? 0;
  const decision: Decision = {
    next: typeof next === 'number' ? world.askedTime(tick, next) : next,
    state: `fired ${overlap}`,
    jobs,
    overlap,
    collect: collects && jobs.length > 0 ? { payload: ['[', ']'], about: [`[${JSON.stringify(signs)},`, ',', ',"#"]'] } : null,
    note: `${seen}${signs}`,
  };
  return {
    ...keyAt(at),
    ...decision,
    knownPutOff: null,
    version: (definition?.version ?? 1) - (seen === 'older version' ? 1 : 0),
    tick: tick - (seen === 'older tick' ? unit : 0),
  };
}

function fired(world: World, answer: Fired): unknown {
  if (answer.kind !== 'fired') return answer.kind;
  for (const id of answer.ids) world.made(id);
  return ['fired', answer.ids.map((id) => world.number(id))];
}

/** What is due, and when more will be. What was fired and is due at once is due some milliseconds later. */
export async function showDue(world: World, behind: number): Promise<unknown> {
  await world.opened.advance(100);
  const { definitions, nextIn } = await world.opened.store.definitions.due(['trigger'], 100, behind * unit);
  return [definitions.map(ownerOf).toSorted((a, b) => (a < b ? -1 : 1)), nextIn === null ? null : Math.round(nextIn / unit)];
}

/** All that there is to see of definitions, at the end. */
export async function dumpDefinitions(world: World): Promise<unknown> {
  const { definitions } = world.opened.store;
  const { definitions: all } = await definitions.list({ by: 'version', kind: 'trigger', after: 0, limit: 100 });
  const parts = await Promise.all(definitionKeys.map((each) => definitions.parts(each)));
  const byPlace = await Promise.all(
    [null, 'g'].map(async (group) => {
      const page = await definitions.list({ by: 'place', kind: 'trigger', domain: null, group, from: null, limit: 100 });
      return page.definitions.map(ownerOf);
    }),
  );
  const entries = await entriesOf(world.opened.store);
  return {
    all: all.map((definition) => shown(world, definition)),
    parts,
    byPlace,
    defined: entries.flatMap(({ defined }) => defined.map(({ owner, note }) => [owner, note])),
    fired: entries.flatMap((entry) => entry.fired.map(({ version: _, tick, ...note }) => ({ ...note, tick: world.time(tick) }))),
  };
}

/** Versions are compared by the order in which they stand. */
function shown(world: World, { version: _, owned, window, ...definition }: Definition): unknown {
  const fact = (known: OwnedJob | null): unknown => known && { ...known, id: world.number(known.id), at: world.time(known.at) };
  return {
    ...definition,
    due: world.time(definition.due),
    firedAt: world.time(definition.firedAt),
    changedAt: world.time(definition.changedAt),
    window: window && { ...window, openedAt: world.time(window.openedAt), closesAt: world.time(window.closesAt) },
    owned: {
      live: owned.live,
      ended: owned.ended,
      gone: owned.gone,
      ...Object.fromEntries(facets.map((facet) => [facet, fact(owned[facet])])),
    },
  };
}
