/** The settings of the queues that are not as open as a queue is by default, in the file and in memory. */
import { messageOf } from '../../../../core/errors.ts';
import { openQueue, type QueueSettings } from '../../../../core/queue.ts';
import { unreadableId } from '../../../../core/unreadable.ts';
import { prepareRows } from '../../file/database.ts';
import { queueCells, queueColumns, readSettings } from '../../file/rows/queue.ts';
import { TapeReader } from '../../file/tape.ts';
import type { State } from '../state.ts';
import type { SetAside } from '../upkeep/unreadable.ts';

export interface Settings {
  /** Nobody knows what was meant: until it is set again, nothing of the queue starts. */
  readonly setAside: SetAside;
  get(queue: string): QueueSettings | undefined;
  set(queue: string, settings: QueueSettings): void;
  keys(): Iterable<string>;
}

export function makeSettings({ db, undo, limited, closed, aside }: State): Settings {
  const known = new Map<string, QueueSettings>();
  const keep = db.prepare(`INSERT OR REPLACE INTO queues (${queueColumns}) VALUES (?, ?, ?, ?, ?, ?)`);
  const exists = db.prepare('SELECT 1 FROM queues WHERE name = ?');
  const forget = db.prepare('DELETE FROM queues WHERE name = ?');
  const remember = (queue: string, settings: QueueSettings | undefined): void => {
    if (settings === undefined) known.delete(queue);
    else known.set(queue, settings);
    if (settings === undefined || settings.concurrency === null) limited.delete(queue);
    else limited.add(queue);
    if (settings?.closed === true) closed.add(queue);
    else closed.delete(queue);
  };

  const set = (queue: string, settings: QueueSettings): void => {
    const before = known.get(queue);
    const after = isOpen(settings) ? undefined : settings;
    if (after === undefined) forget.run(queue);
    else keep.run(...queueCells(queue, after));
    undo.add(() => remember(queue, before));
    remember(queue, after);
  };
  const setAside: SetAside = (queue, reason) => {
    if (exists.get(queue) === undefined) return false;
    aside.keep(unreadableId('queue', queue), reason, { queue: ['queues', 'name = ?', queue] });
    set(queue, { ...openQueue, paused: true });
    return true;
  };

  for (const row of prepareRows(db, `SELECT ${queueColumns} FROM queues`).all()) {
    const tape = new TapeReader(row);
    const queue = tape.text();
    try {
      remember(queue, readSettings(tape));
    } catch (error) {
      setAside(queue, messageOf(error));
    }
  }

  return {
    setAside,
    get: (queue) => known.get(queue),
    keys: () => known.keys(),
    set,
  };
}

const isOpen = ({ paused, closed, concurrency, rate }: QueueSettings): boolean =>
  !paused && !closed && concurrency === null && rate === null;
