/**
 * Events that attempts emit to be kept. They are published in their order, many in a step; while the store is away the spool keeps them,
 * if there is one, and what it keeps is published before anything else once the store is back, marked as late.
 */
import type { Millis } from '../core/duration.ts';
import { type Emitted, emittedEvent, emittedJson, emittedOf } from '../core/emitted.ts';
import { HatstandError, isTemporary, messageOf } from '../core/errors.ts';
import type { NewEvent } from '../core/event.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Spool, SpooledText } from '../ports/spool.ts';
import type { JournalStore } from '../ports/store/journal.ts';
import { makeFaultLog } from './fault-log.ts';

export interface DurableEvents {
  /**
   * Resolves when the store keeps it or, while that is away, the spool. Throws `overloaded` when too many wait for it, `store_full` when
   * the spool takes no more, `shutting_down`, and what the store throws for good.
   */
  keep(emitted: Emitted): Promise<void>;
  /** Publishes what was spooled, and what waits. */
  tick(): Promise<void>;
  /** What waits goes to the spool, or is refused. */
  stop(): Promise<void>;
}

export interface DurableEventsParts {
  readonly store: { readonly journal: Pick<JournalStore, 'publish'> };
  /** `null`: what the store cannot take waits for it in memory. */
  readonly spool: Spool | null;
  readonly clock: Pick<Clock, 'after' | 'monotonic'>;
  readonly log: Logger;
}

export const durableLimits = {
  /** Of one step: with the largest data there are, about as much as one publish takes. */
  atOnce: 100,
  /** Events that wait for the store. */
  waiting: 1_000,
  /** For the answer of a store, in milliseconds, when there is a spool. */
  patience: 1_000,
  /** After a spool has failed, in milliseconds. */
  spoolRest: 1_000,
} as const;

interface Waiting {
  readonly emitted: Emitted;
  readonly kept: PromiseWithResolvers<void>;
}

export function makeDurableEvents({ store: { journal }, spool, clock, log }: DurableEventsParts): DurableEvents {
  const waiting: Waiting[] = [];
  const faults = makeFaultLog(log, 'emit');
  const spoolFaults = makeFaultLog(log, 'spool');
  let keeping: Promise<void> | null = null;
  /** It has failed: nothing goes there before. */
  let spoolRestsUntil: Millis = 0;
  let hasLooked = false;
  let isStopped = false;
  /** What is emitted goes behind what was spooled. */
  let isSpooling = false;

  const publish = async (events: readonly NewEvent[]): Promise<void> =>
    void (await journal.publish({ events, causes: [], rules: null, follow: null }));

  /** With a spool nobody waits long: what the store has taken all the same is known by its key, and not told again. */
  function publishSoon(events: readonly NewEvent[]): Promise<void> {
    if (spool === null) return publish(events);
    const late = Promise.withResolvers<never>();
    const forget = clock.after(durableLimits.patience, () =>
      late.reject(new HatstandError('store_unavailable', `The store has not answered within ${durableLimits.patience} ms.`)),
    );
    return Promise.race([publish(events), late.promise]).finally(forget);
  }

  /** Answers whether the store has taken these, or never will. */
  async function published(some: readonly Waiting[]): Promise<boolean> {
    try {
      await publishSoon(some.map(({ emitted }) => emittedEvent(emitted, false)));
      for (const { kept } of some) kept.resolve();
      faults.worked();
      return true;
    } catch (error) {
      faults.failed(error);
      if (isTemporary(error)) return false;
      for (const { kept } of some) kept.reject(error);
      return true;
    }
  }

  /** A spool that cannot be used is not waited for: what goes there next, or to the store, is in its way no more. */
  function spoolFailed(error: unknown): void {
    spoolFaults.failed(error);
    isSpooling = false;
    spoolRestsUntil = clock.monotonic() + durableLimits.spoolRest;
  }

  /** Answers whether it keeps these, or has no room for them. */
  function spooled(some: readonly Waiting[]): boolean {
    if (spool === null || clock.monotonic() < spoolRestsUntil) return false;
    try {
      spool.add(some.map(({ emitted }) => emittedJson(emitted)));
      spoolFaults.worked();
      isSpooling = true;
      for (const { kept } of some) kept.resolve();
      return true;
    } catch (error) {
      if (error instanceof HatstandError && error.code === 'store_full') {
        for (const { kept } of some) kept.reject(error);
        return true;
      }
      spoolFailed(error);
      return false;
    }
  }

  function keepAll(): Promise<void> {
    keeping ??= keepWaiting();
    return keeping;
  }

  /** As long as somebody takes them. */
  async function keepWaiting(): Promise<void> {
    // What is emitted in one turn is one step.
    await Promise.resolve();
    while (waiting.length > 0) {
      const some = waiting.slice(0, durableLimits.atOnce);
      const isKept = (isSpooling && spooled(some)) || (await published(some)) || spooled(some);
      if (!isKept) break;
      waiting.splice(0, some.length);
    }
    keeping = null;
  }

  /** Nobody can make an event of it, or the store will never take it: it must not be in the way of the others. */
  async function oneByOne(texts: readonly SpooledText[]): Promise<void> {
    for (const { text } of texts) {
      try {
        await publish([emittedEvent(emittedOf(text), true)]);
      } catch (error) {
        if (isTemporary(error)) throw error;
        log.error('emit.refused', { error: messageOf(error), event: text.slice(0, shownCharacters) });
      }
    }
  }

  /** `null`: the spool cannot be asked now. One that could never be used is told to whoever starts the node. */
  function ofSpool<T>(call: () => T): T | null {
    try {
      const answer = call();
      hasLooked = true;
      return answer;
    } catch (error) {
      if (!hasLooked && error instanceof HatstandError && error.code === 'store_unusable') throw error;
      spoolFailed(error);
      return null;
    }
  }

  async function publishSpooled(from: Spool): Promise<void> {
    for (;;) {
      const texts = ofSpool(() => from.oldest(durableLimits.atOnce));
      const last = texts?.at(-1);
      isSpooling = last !== undefined;
      if (texts === null || last === undefined) return;
      await allAtOnce(texts).catch((error: unknown) => {
        if (isTemporary(error)) throw error;
        return oneByOne(texts);
      });
      if (ofSpool(() => removedFrom(from, last)) === null) return;
      log.info('emit.published', { events: texts.length, spool: from.location });
    }
  }

  const allAtOnce = async (texts: readonly SpooledText[]): Promise<void> =>
    publish(texts.map(({ text }) => emittedEvent(emittedOf(text), true)));

  async function tick(): Promise<void> {
    if (spool !== null) await publishSpooled(spool);
    await keepAll();
  }

  return {
    keep(emitted) {
      if (isStopped) return Promise.reject(new HatstandError('shutting_down', 'This node has stopped: the event is not kept.'));
      if (waiting.length >= durableLimits.waiting) {
        const message = `${durableLimits.waiting} events wait for the store to be kept; emit fewer, or wait for those before.`;
        return Promise.reject(new HatstandError('overloaded', message));
      }
      const kept = Promise.withResolvers<void>();
      waiting.push({ emitted, kept });
      void keepAll();
      return kept.promise;
    },
    tick,
    async stop() {
      isStopped = true;
      await keepAll();
      const left = new HatstandError('shutting_down', 'This node has stopped before the store could keep the event.');
      for (const { kept } of waiting.splice(0)) kept.reject(left);
      spool?.close();
    },
  };
}

const removedFrom = (spool: Spool, { place }: SpooledText): true => {
  spool.remove(place);
  return true;
};

/** In a line of the log, of an event that is not told otherwise. */
const shownCharacters = 1_000;
