/** What a store's readers find that they cannot read is set aside, by a call of its own behind the one that found it. */
import type { UnreadableId } from '../core/unreadable.ts';
import type { UpkeepStore } from '../ports/store/upkeep.ts';

/** Found by a reader. */
export interface Unreadable {
  readonly id: UnreadableId;
  readonly reason: string;
}

/** Hears of a record that cannot be read. */
export type Found = (unreadable: Unreadable) => void;

/** Records under way to be set aside, at most: others are found again. */
const mostAtOnce = 1_000;

export interface SettingAside {
  /** A record that could not be read. */
  readonly found: Found;
  /** The same verbs, whose answers know of all that was found before. */
  readonly upkeep: UpkeepStore;
}

export function makeSettingAside(upkeep: UpkeepStore): SettingAside {
  const underWay = new Map<UnreadableId, Promise<unknown>>();
  const settled = async (): Promise<void> => void (await Promise.all(underWay.values()));
  return {
    found({ id, reason }) {
      if (underWay.has(id) || underWay.size >= mostAtOnce) return;
      // If it fails, whoever meets the record next tries again.
      const done = upkeep.setAside(id, reason).then(
        () => underWay.delete(id),
        () => underWay.delete(id),
      );
      underWay.set(id, done);
    },
    upkeep: {
      ...upkeep,
      async unreadable(from, limit) {
        await settled();
        return upkeep.unreadable(from, limit);
      },
    },
  };
}
