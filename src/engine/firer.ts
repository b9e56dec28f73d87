/**
 * Fires what is due, of every kind that this node can decide about: the store says what is due, the kind's decider what to
 * do, and one step of the store does it, or nothing if somebody else was first. There is no leader: the node that joined
 * first fires at once, each other one only what has waited longer than its rank makes it wait.
 */
import type { Decision, Definition, DefinitionKey, DefinitionKind } from '../core/definition.ts';
import { checkDecision, definitionLimits, dueAt, ownerOf } from '../core/definition.ts';
import type { Millis } from '../core/duration.ts';
import { isTemporary, messageOf } from '../core/errors.ts';
import type { NewJob } from '../core/job.ts';
import { sizeOfNewJob } from '../core/new-job.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Due, Fired, Firing } from '../ports/store/definitions.ts';
import type { Store } from '../ports/store/store.ts';
import { makeOutlasted } from './outlasted.ts';
import { makePutOffs } from './put-offs.ts';

/**
 * What is to be done with a definition that is due; jobs that say no other owner become those of the definition. Pure: it is called
 * again when its decision was not carried out.
 *
 * @param now the store's present, in Unix milliseconds
 */
export type Decide = (definition: Definition, now: number) => Decision;
export type Deciders = Readonly<Partial<Record<DefinitionKind, Decide>>>;

export interface Firer {
  /** Fires all that is due for this node; resolves when nothing is left. */
  tick(): Promise<void>;
  /**
   * Fires all that is due at a moment, whichever node's turn it is, and what this node has put off; the present is what people say it is.
   * Answers how many were decided about; `null`: this node fires nothing.
   */
  fireAt(at: number): Promise<number | null>;
  /** A definition may be due sooner than it was. */
  wake(): void;
  /** No further firing; resolves when the one under way is done. */
  stop(): Promise<void>;
}

export interface FirerParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly deciders: Deciders;
  /** Of this node among those that are live (rank.ts). */
  rank(): Promise<number>;
  mayFire(): boolean;
  /** Jobs were pushed: these, or some of them. */
  onPushed(jobs: readonly NewJob[]): void;
  /** It was removed by its firing. */
  onRemoved?(key: DefinitionKey): void;
  /** Its decider threw, or answered what cannot be. */
  onUndecided?(definition: Definition): void;
}

/** Definitions looked at in one step. */
const firedAtOnce = 1_000;
/** So many are decided about while the store does those before. */
const decidedAtOnce = 250;
/** Definitions asked for by their keys in one call, each of which may be large. */
const lookedAtOnce = 100;
/** What is pushed for those that were looked at in one step, about: those who wait for a tick each may be many, and large, too. */
const pushedAtOnce = { jobs: 1_000, characters: 2 * definitionLimits.jobCharacters } as const;
/** Each node waits this much longer than the one that joined before it: a hint that keeps nodes out of each other's way. */
const waitPerRank: Millis = 250;
/** A definition that cannot be decided about or fired is looked at again after this. */
const postponedFor: Millis = 60_000;
/** So often one after the other somebody else may be first. */
const mostLost = 3;

/** What may still be pushed. */
type Room = Record<keyof typeof pushedAtOnce, number>;
const newRoom = (): Room => ({ ...pushedAtOnce });

/** Firings that were given to the store. */
interface UnderWay {
  readonly firings: readonly Firing[];
  fired(): Promise<readonly Fired[]>;
}

export function makeFirer(parts: FirerParts): Firer {
  const { store, clock, log } = parts;
  const kinds = Object.keys(parts.deciders) as DefinitionKind[];
  const hearFiring = makeOutlasted(log);
  const putOffs = makePutOffs();
  let underWay: Promise<void> | null = null;
  let wokenMeanwhile = false;
  let stopped = false;
  let forgetWake: (() => void) | null = null;
  const goesOn = (): boolean => !stopped && parts.mayFire();

  function decide(definition: Definition, now: number): Firing {
    const { kind, domain, key, version } = definition;
    const tick = dueAt(definition) ?? now;
    const owner = ownerOf(definition);
    const place = { kind, domain, key, version, tick, knownPutOff: putOffs.reasonOf(definition) };
    try {
      // One that was put off may be asked for before its time.
      const decision =
        parts.deciders[kind]?.(definition, Math.max(now, tick)) ?? postponed(definition, now, 'nobody decides about this kind');
      checkDecision(decision, tick);
      hearFiring(definition, decision);
      return { ...place, ...decision, jobs: decision.jobs.map((job) => (job.owner === '' ? { ...job, owner } : job)) };
    } catch (error) {
      log.error('definition.undecided', { definition: owner, error: messageOf(error) });
      parts.onUndecided?.(definition);
      return { ...place, ...postponed(definition, now, messageOf(error)) };
    }
  }

  /** As many as there is room for, which they take; the others stay due. */
  function decideSome(definitions: readonly Definition[], now: number, room: Room = newRoom()): readonly Firing[] {
    const firings: Firing[] = [];
    for (const definition of definitions) {
      if (room.jobs <= 0 || room.characters <= 0) break;
      const firing = decide(definition, now);
      firings.push(firing);
      room.jobs -= firing.jobs.length;
      room.characters -= sizeOf(firing);
    }
    return firings;
  }

  /** Decides about the next ones while the store does those before. Resolves when the last ones have been given to it. */
  async function fireInTurns(definitions: readonly Definition[], now: number): Promise<UnderWay> {
    const room = newRoom();
    const firings: Firing[] = [];
    const underWay: Promise<readonly Fired[]>[] = [];
    for (let from = 0; from < definitions.length && room.jobs > 0 && room.characters > 0; from += decidedAtOnce) {
      if (from > 0) await new Promise<void>((resolve) => clock.soon(resolve));
      if (!goesOn()) break;
      const those = definitions.slice(from, from + decidedAtOnce);
      const some = decideSome(those, now, room);
      const fired = fire(some, those, now);
      // Whoever waits for all of them hears of it.
      fired.catch(() => undefined);
      firings.push(...some);
      underWay.push(fired);
    }
    return { firings, fired: async () => (await Promise.all(underWay)).flat() };
  }

  /** All at once; if that fails for another reason than the store's, each alone, so that one that is broken stops no other. */
  async function fire(firings: readonly Firing[], definitions: readonly Definition[], now: number): Promise<readonly Fired[]> {
    const fired = await fireOrEach(firings, definitions, now);
    putOffs.hear(firings, fired);
    for (const [at, firing] of firings.entries()) if (firing.next === 'removed' && fired[at]?.kind === 'fired') parts.onRemoved?.(firing);
    return fired;
  }

  async function fireOrEach(firings: readonly Firing[], definitions: readonly Definition[], now: number): Promise<readonly Fired[]> {
    try {
      return await store.definitions.fire(firings);
    } catch (error) {
      if (isTemporary(error)) throw error;
      const fired: Fired[] = [];
      // One after the other: what goes to a store in one turn may fail together.
      for (const [at, firing] of firings.entries()) fired.push(...(await fireAlone(firing, definitions[at], now)));
      return fired;
    }
  }

  async function fireAlone(firing: Firing, definition: Definition | undefined, now: number): Promise<readonly Fired[]> {
    try {
      return await store.definitions.fire([firing]);
    } catch (error) {
      if (isTemporary(error) || definition === undefined) throw error;
      log.error('definition.unfired', { definition: ownerOf(firing), error: messageOf(error) });
      return store.definitions.fire([{ ...firing, ...postponed(definition, now, messageOf(error)) }]);
    }
  }

  const look = async (): Promise<Due> => store.definitions.due(kinds, firedAtOnce, (await parts.rank()) * waitPerRank);

  /** Answers how long until more is due. */
  async function fireAll(): Promise<Millis | null> {
    if (!goesOn()) return null;
    let due = await look();
    while (due.definitions.length > 0) {
      if (!goesOn()) return null;
      const { definitions, now } = due;
      const underWay = await fireInTurns(definitions, now);
      const { firings } = underWay;
      // What is due behind them is asked for in the same turn: a store does what travels together in one step, and looks last.
      const [fired, next] = await Promise.all([underWay.fired(), look()]);
      // Others were faster, or what is due cannot be fired: the duty looks again.
      if (fired.every(({ kind }) => kind === 'lost')) return null;
      if (fired.some((each) => each.kind === 'fired' && each.ids.length > 0)) parts.onPushed(firings.flatMap(({ jobs }) => jobs));
      log.debug('definitions.fired', { due: firings.length, fired: fired.filter(({ kind }) => kind === 'fired').length });
      due = next;
    }
    return due.nextIn;
  }

  async function fireAt(at: number): Promise<number | null> {
    let [decided, lost] = [0, 0];
    /** Decided about, and put off: once is enough. */
    const putOff = new Set<string>();
    let wentOn = false;
    /** Answers how many of them were decided about. */
    async function fireAllOf(those: readonly Definition[]): Promise<number> {
      let done = 0;
      for (let rest = those; rest.length > 0 && goesOn(); ) {
        const firings = decideSome(rest, at);
        const answers = await fire(firings, rest, at);
        for (const [n, firing] of firings.entries()) if (answers[n]?.kind === 'putOff') putOff.add(ownerOf(firing));
        if (answers.some((each) => each.kind === 'fired' && each.ids.length > 0)) parts.onPushed(firings.flatMap(({ jobs }) => jobs));
        done += answers.filter(({ kind }) => kind !== 'lost' && kind !== 'replacing').length;
        wentOn ||= answers.some(({ kind }) => kind === 'replacing');
        rest = rest.slice(firings.length);
      }
      return done;
    }
    const waiting = putOffs.dueBy(at);
    for (let n = 0; n < waiting.length && goesOn(); n += lookedAtOnce) {
      const { definitions } = await store.definitions.list({ by: 'keys', keys: waiting.slice(n, n + lookedAtOnce) });
      decided += await fireAllOf(definitions.filter((each) => putOffs.reasonOf(each) !== null && dueAt(each) !== null));
    }
    while (goesOn()) {
      const { now } = await store.upkeep.time();
      const { definitions } = await store.definitions.due(kinds, firedAtOnce + putOff.size, now - at);
      // The store's present has gone on since.
      const those = definitions.filter((each) => (dueAt(each) ?? 0) <= at && !putOff.has(ownerOf(each)));
      if (those.length === 0 || lost === mostLost) return decided;
      const done = await fireAllOf(those);
      decided += done;
      lost = done === 0 && !wentOn ? lost + 1 : 0;
      wentOn = false;
    }
    return null;
  }

  async function round(): Promise<void> {
    forgetWake?.();
    forgetWake = null;
    try {
      do {
        wokenMeanwhile = false;
        const nextIn = await fireAll();
        if (nextIn !== null && !stopped) wakeIn(nextIn);
      } while (wokenMeanwhile && !stopped);
    } finally {
      // In the same turn: whoever wakes it later begins another round.
      underWay = null;
    }
  }

  function wakeIn(delay: Millis): void {
    forgetWake?.();
    forgetWake = clock.after(delay, wake);
  }

  function tick(): Promise<void> {
    if (kinds.length === 0 || stopped) return Promise.resolve();
    wokenMeanwhile = true;
    underWay ??= round();
    return underWay;
  }

  /** What fails here is told by the next round of the duty. */
  function wake(): void {
    tick().catch(() => undefined);
  }

  return {
    tick,
    fireAt,
    wake,
    async stop() {
      stopped = true;
      forgetWake?.();
      await underWay?.catch(() => undefined);
    },
  };
}

/** Nobody knows here how much a window has gathered: it counts for as much as it can. */
const sizeOf = ({ jobs, collect }: Firing): number =>
  jobs.reduce((sum, job) => sum + sizeOfNewJob(job), collect === null ? 0 : definitionLimits.windowCharacters);

function postponed({ state }: Definition, now: number, why: string): Decision {
  const note = `postponed: ${why}`.slice(0, 1_000);
  return { next: now + postponedFor, state, jobs: [], overlap: 'allow', collect: null, note };
}
