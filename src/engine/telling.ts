/** All of a node that has to do with events: the rules by which they cause something, and those who hear of them. */
import type { Hint } from '../ports/store/store.ts';
import { type Feed, makeFeed } from './api/feed.ts';
import { makeLifecycle } from './lifecycle.ts';
import { type LifecycleFirerParts, makeLifecycleFirer } from './lifecycle-firer.ts';
import { makeNodeEvents, type TellNodes } from './node-events.ts';
import { makeRules, type Rules } from './rules.ts';
import { makeSubscriptions, type Subscriptions } from './subscriptions.ts';

export interface Telling {
  readonly rules: Rules;
  readonly feed: Feed;
  readonly subscriptions: Subscriptions;
  readonly tellNodes: TellNodes;
  /** Reads what has changed of the rules, and pushes jobs for what the journal tells. */
  tick(): Promise<void>;
  /** What the store hints at may have been told. */
  wake(hint: Hint): void;
}

export type TellingParts = Omit<LifecycleFirerParts, 'rules' | 'lifecycleOf'> & {
  /** Whether this node may push jobs by itself now. */
  mayFire(): boolean;
};

export function makeTelling(parts: TellingParts): Telling {
  const lifecycleOf = makeLifecycle(parts.store);
  const rules = makeRules(parts);
  const feed = makeFeed({ ...parts, lifecycleOf });
  const lifecycle = makeLifecycleFirer({ ...parts, rules, lifecycleOf });
  const subscriptions = makeSubscriptions({ ...parts, lifecycleOf });
  return {
    rules,
    feed,
    subscriptions,
    tellNodes: makeNodeEvents({ ...parts, rules }),
    async tick() {
      // Before anybody publishes by them, so that nobody waits for them then.
      await rules.catchUp();
      if (!parts.mayFire()) return;
      // What fails is in nobody's way, and is told by the duty.
      await lifecycle.tick().finally(subscriptions.tick);
    },
    wake({ kind }) {
      feed.wake(kind === 'told' ? 'published' : 'lifecycle');
      if (kind === 'told' && parts.mayFire()) subscriptions.wake();
    },
  };
}
