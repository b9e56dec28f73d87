/** What the stores share about records that were set aside: how long a page of them is. */
import type { UnreadableId } from '../core/unreadable.ts';
import type { UnreadablePage, UnreadableRecord } from '../ports/store/upkeep.ts';

/** Characters on a page beyond which no further record is on it. */
export const unreadableLength = 1024 * 1024;

/** At most `limit` of these, which are in order, and one at least if there is any. */
export function pageOfUnreadable(asked: Iterable<UnreadableRecord>, limit: number): Omit<UnreadablePage, 'total'> {
  const records: UnreadableRecord[] = [];
  let length = 0;
  let next: UnreadableId | null = null;
  for (const record of asked) {
    if (records.length >= limit || length > unreadableLength) {
      next = record.id;
      break;
    }
    records.push(record);
    length += record.raw.length;
  }
  return { records, next };
}
