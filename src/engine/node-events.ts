/**
 * What becomes of nodes, as events of the type `hatstand.nodes`: told by whoever does it, right behind the step of the store that has
 * done it. Rules that name the type fire. One that cannot be told is logged: the list of nodes tells how they stand in any case.
 */
import { messageOf } from '../core/errors.ts';
import { type EventVerb, lifecyclePrefix, type NewEvent } from '../core/event.ts';
import { allCaused } from '../core/event-cause.ts';
import type { Incarnation } from '../core/node.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store/store.ts';
import { byRules, type Rules } from './rules.ts';

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

export function makeNodeEvents({ store, log, rules, now, onPushed }: NodeEventsParts): TellNodes {
  const publish = (event: NewEvent): Promise<void> =>
    byRules(rules, async (version) => {
      const { triggers, causes: matched } = await rules.match(event, now());
      const causes = allCaused(matched, triggers).causes.map((cause) => ({ ...cause, event: 0 }));
      const published = await store.journal.publish({ events: [event], causes, rules: version, follow: null });
      if (published.kind !== 'published') return false;
      if (causes.length > 0) onPushed();
      return true;
    });

  return async (move, incarnations, facts = {}) => {
    const type = `${lifecyclePrefix}nodes`;
    // Each in its own step: all that one causes is bounded.
    for (const id of incarnations) {
      const doc = JSON.stringify({ id, move, ...facts });
      try {
        await publish({ domain: '', type, verb: verbs[move], id, doc, old: null, key: null });
      } catch (error) {
        log.warn('event.untold', { type, move, incarnation: id, error: messageOf(error) });
      }
    }
  };
}
