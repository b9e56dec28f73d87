/** Entries of the journal that cannot be read leave it. */
import { unreadableId } from '../../../../core/unreadable.ts';
import type { State } from '../state.ts';
import type { SetAside } from '../upkeep/unreadable.ts';

export function makeEntryAside({ db, aside }: State): SetAside {
  const condition = 'seq = CAST(? AS INTEGER)';
  const exists = db.prepare(`SELECT 1 FROM journal WHERE ${condition}`);
  const remove = db.prepare(`DELETE FROM journal WHERE ${condition}`);
  return (seq, reason) => {
    if (!/^-?\d+$/.test(seq) || exists.get(seq) === undefined) return false;
    aside.keep(unreadableId('entry', seq), reason, { entry: ['journal', condition, seq] });
    remove.run(seq);
    return true;
  };
}
