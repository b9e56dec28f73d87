/** What people may ask for of all triggers at once, or of those of a domain: a round of the firer, that they are due rightly, that ended ones go. */
import type { Definition } from '../../core/definition.ts';
import { HatstandError } from '../../core/errors.ts';
import { statusOf, type Trigger } from '../../core/trigger.ts';
import { isDueRightly } from '../../core/trigger-decision.ts';
import { readTrigger } from '../../core/trigger-record.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DefinitionPlace, DefinitionPut } from '../../ports/store/definitions.ts';
import type { Store } from '../../ports/store/store.ts';
import { readOrSetAside } from '../readable.ts';
import { removal } from './kept-definitions.ts';

/** What a part did; ask for the next one from `next`. */
export interface TriggersLookedAt {
  /** Triggers that were looked at. */
  readonly looked: number;
  /** Of these, how many were put right, or are gone. */
  readonly changed: number;
  /** Where the next part begins; `null`: this was the last. */
  readonly next: DefinitionPlace | null;
}

/** A part takes about a second. `domain` `null`: all. Who was changed by somebody else meanwhile is left to that. */
type Part = (domain: string | null, from: DefinitionPlace | null) => Promise<TriggersLookedAt>;

export interface TriggerUpkeep {
  /**
   * Fires all that is due at a moment, whichever node it is the turn of, and what this one has put off; answers how many triggers were decided about. `at` `null`: the
   * store's present; one ahead of that is for tests: what is fired then has been fired. Throws `conflict` on a node that fires nothing.
   */
  tick(at: number | null): Promise<number>;
  /** Has those looked at that would be due at another time than they are, by what they are and what they have fired for. */
  rebuild: Part;
  /** Removes those that push nothing any more: no tick is left, nothing is gathered, and their jobs have ended. */
  clean: Part;
}

export interface TriggerUpkeepParts {
  readonly store: Store;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** The store's present. */
  now(): number;
  /** Something may be due sooner. */
  wakeFirer(): void;
  /** As Firer.fireAt. */
  fireAt(at: number): Promise<number | null>;
}

const partLasts = 1_000;
/** Triggers that are looked at, and changed, in one step. */
const perStep = 250;

/** What becomes of one; `null`: nothing. */
type Change = (definition: Definition, trigger: Trigger, now: number) => DefinitionPut | null;

export function makeTriggerUpkeep({ store, clock, now, wakeFirer, fireAt }: TriggerUpkeepParts): TriggerUpkeep {
  const through =
    (change: Change): Part =>
    async (domain, from) => {
      const until = clock.monotonic() + partLasts;
      const sum = { looked: 0, changed: 0 };
      let next = from;
      do {
        const page = await store.definitions.list({ by: 'place', kind: 'trigger', domain, group: null, from: next, limit: perStep });
        sum.looked += page.definitions.length;
        sum.changed += await putAll(await changesOf(page.definitions, change));
        next = page.next;
      } while (next !== null && clock.monotonic() < until);
      if (sum.changed > 0) wakeFirer();
      return { ...sum, next };
    };

  async function changesOf(definitions: readonly Definition[], change: Change): Promise<readonly DefinitionPut[]> {
    const found: DefinitionPut[] = [];
    for (const definition of definitions) {
      const read = await readOrSetAside(store, definition, readTrigger);
      const put = read.kind === 'read' ? change(definition, read.body, now()) : null;
      if (put !== null) found.push(put);
    }
    return found;
  }

  /** Each for itself: one that was changed meanwhile stops none of the others. */
  async function putAll(puts: readonly DefinitionPut[]): Promise<number> {
    const answers = await Promise.all(puts.map((put) => store.definitions.put([put])));
    return answers.filter(({ kind }) => kind === 'put').length;
  }

  return {
    async tick(at) {
      const fired = await fireAt(at ?? (await store.upkeep.time()).now);
      if (fired !== null) return fired;
      throw new HatstandError('conflict', 'This node fires nothing: it has not started, or it stops. Start it first.');
    },
    rebuild: through((definition, trigger, present) => (isDueRightly(definition, trigger, present) ? null : lookedAt(definition))),
    clean: through((definition, trigger, present) => {
      const { window, owned } = definition;
      const isOver = statusOf(definition, trigger, present) === 'ended' && window === null && owned.live === 0;
      return isOver ? { ...keyIn(definition), ...removal, note: 'deleted: it had ended', if: definition.version } : null;
    }),
  };
}

const keyIn = ({ kind, domain, key }: Definition) => ({ kind, domain, key });

/** As it is, but that somebody is to look at it at once. What it has fired for, and gathered, stays. */
const lookedAt = (definition: Definition): DefinitionPut => {
  const { group, body, dueOnEnd, version } = definition;
  return { ...keyIn(definition), group, body, state: null, due: 'now', dueOnEnd, note: 'looked at anew', if: version };
};
