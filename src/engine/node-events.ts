/**
 * What becomes of nodes, as events of the type `hatstand.nodes`: told by whoever does it, right behind the step of the store that has
 * done it. Rules that name the type fire. One that cannot be told is logged: the list of nodes tells how they stand in any case.
 */
import { HatstandError, messageOf } from '../core/errors.ts';
import { type EventVerb, lifecyclePrefix, type NewEvent } from '../core/event.ts';
import type { Incarnation } from '../core/node.ts';
import type { Logger } from '../ports/logger.ts';
import type { Cause } from '../ports/store/journal.ts';
import type { Store } from '../ports/store/store.ts';
import type { Rules } from './rules.ts';

const verbs = {
  join: 'CREATED',
  drain: 'UPDATED',
  resume: 'UPDATED',
  leave: 'DELETED',
  bury: 'DELETED',
  forget: 'DELETED',
} as const satisfies Record<string, EventVerb>;
export type NodeMove = keyof typeof verbs;

/** Never rejects. */
export type TellNodes = (move: NodeMove, incarnations: readonly Incarnation[], facts?: Readonly<Record<string, unknown>>) => Promise<void>;

export interface NodeEventsParts {
  readonly store: Pick<Store, 'journal'>;
  readonly log: Logger;
  readonly rules: Pick<Rules, 'version' | 'catchUp' | 'match'>;
  /** The store's present. */
  now(): number;
  onPushed(): void;
}

/** How often the rules may change meanwhile. */
const mostTries = 32;

export function makeNodeEvents({ store, log, rules, now, onPushed }: NodeEventsParts): TellNodes {
  async function causesOf(events: readonly NewEvent[]): Promise<readonly Cause[]> {
    const causes: Cause[] = [];
    for (const [at, event] of events.entries())
      for (const cause of (await rules.match(event, now())).causes) causes.push({ ...cause, event: at });
    return causes;
  }

  async function publish(events: readonly NewEvent[]): Promise<void> {
    for (let tries = 0; tries < mostTries; tries++) {
      if (rules.version() === null || tries > 0) await rules.catchUp();
      const version = rules.version();
      const causes = await causesOf(events);
      const published = await store.journal.publish({ events, causes, rules: version, follow: null });
      if (published.kind !== 'published') continue;
      if (causes.length > 0) onPushed();
      return;
    }
    throw new HatstandError('conflict', 'The triggers of events are changed again and again by others.');
  }

  return async (move, incarnations, facts = {}) => {
    if (incarnations.length === 0) return;
    const eventOf = (id: Incarnation): NewEvent => ({
      ...{ domain: '', type: `${lifecyclePrefix}nodes`, verb: verbs[move], id },
      ...{ doc: JSON.stringify({ id, move, ...facts }), old: null, key: null },
    });
    try {
      await publish(incarnations.map(eventOf));
    } catch (error) {
      log.warn('event.untold', { type: `${lifecyclePrefix}nodes`, move, incarnations, error: messageOf(error) });
    }
  };
}
