/** What is asked of all triggers at once, or of those of a domain, as the library asks for it. */
import type { TriggersLookedAt, TriggerUpkeep as Upkeep } from '../engine/api/trigger-upkeep.ts';
import type { DefinitionPlace } from '../ports/store/definitions.ts';
import { checked, nameOrNone, type OptionsOf, time } from './option.ts';
import type { Ask } from './unreadable.ts';

export interface TickOptions {
  /** Fires what is due then, whatever the time is, so that tests need not wait. Default: the store's present. */
  readonly now?: Date | string | undefined;
}

export interface AllTriggersOptions {
  /** Of this tenant alone. Default: all. */
  readonly domain?: string | undefined;
}

export interface RebuiltTriggers {
  /** Triggers that were looked at. */
  readonly looked: number;
  /** Of these, those that would not have been due in time. */
  readonly rebuilt: number;
}

export interface CleanedTriggers {
  /** Triggers that were looked at. */
  readonly looked: number;
  /** Of these, those that are gone. */
  readonly cleaned: number;
}

export interface TriggerUpkeep {
  /**
   * Fires all triggers that are due, as the node does by itself, and what this node has put off; answers how many were decided about. With a `now` ahead of the clock
   * what is due by then fires now, and does not fire again. The node must have been started: throws `conflict` else.
   */
  tick(options?: TickOptions): Promise<number>;
  /**
   * Has triggers looked at that would not be due in time, by what they are and what they have fired for: no run that is due is lost, and
   * nothing that was gathered. Those that are right stay as they are.
   */
  rebuild(options?: AllTriggersOptions): Promise<RebuiltTriggers>;
  /** Removes triggers that push nothing any more: no tick is left, nothing is gathered, and their jobs have ended. Their jobs stay. */
  clean(options?: AllTriggersOptions): Promise<CleanedTriggers>;
}

export const tickOptions = { now: { kind: time, default: "the store's present" } } as const satisfies OptionsOf<TickOptions>;
export const allTriggersOptions = { domain: { kind: nameOrNone, default: 'all' } } as const satisfies OptionsOf<AllTriggersOptions>;

export function makeTriggerUpkeep(ask: Ask): TriggerUpkeep {
  /** Part after part. */
  async function through(verb: keyof Pick<Upkeep, 'rebuild' | 'clean'>, options: AllTriggersOptions | undefined) {
    const { domain = null } = checked(options, allTriggersOptions, `triggers.${verb}`);
    const sum = { looked: 0, changed: 0 };
    let from: DefinitionPlace | null = null;
    do {
      const at: DefinitionPlace | null = from;
      const part: TriggersLookedAt = await ask(({ triggers }) => triggers[verb](domain, at));
      sum.looked += part.looked;
      sum.changed += part.changed;
      from = part.next;
    } while (from !== null);
    return sum;
  }

  return {
    async tick(options) {
      const { now = null } = checked(options, tickOptions, 'triggers.tick');
      return ask(({ triggers }) => triggers.tick(now));
    },
    async rebuild(options) {
      const { looked, changed } = await through('rebuild', options);
      return { looked, rebuilt: changed };
    },
    async clean(options) {
      const { looked, changed } = await through('clean', options);
      return { looked, cleaned: changed };
    },
  };
}
