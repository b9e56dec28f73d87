/** The settings of the queues that are not as open as a queue is by default, in the file and in memory. */
import { openQueue, type QueueSettings } from '../../../../core/queue.ts';
import { prepareRows } from '../../file/database.ts';
import { queueCells, queueColumns, readSettings } from '../../file/rows/queue.ts';
import { TapeReader } from '../../file/tape.ts';
import type { State } from '../state.ts';

export interface Settings {
  get(queue: string): QueueSettings | undefined;
  set(queue: string, settings: QueueSettings): void;
  keys(): Iterable<string>;
}

export function makeSettings({ db, undo, limited }: State): Settings {
  const known = new Map<string, QueueSettings>();
  const keep = db.prepare(`INSERT OR REPLACE INTO queues (${queueColumns}) VALUES (?, ?, ?, ?, ?)`);
  const forget = db.prepare('DELETE FROM queues WHERE name = ?');
  const remember = (queue: string, settings: QueueSettings | undefined): void => {
    if (settings === undefined) known.delete(queue);
    else known.set(queue, settings);
    if (settings === undefined || settings.concurrency === null) limited.delete(queue);
    else limited.add(queue);
  };

  for (const row of prepareRows(db, `SELECT ${queueColumns} FROM queues`).all()) {
    const tape = new TapeReader(row);
    // Of one that was damaged nobody knows what was meant: until it is set again, nothing of it starts.
    remember(tape.text(), tape.maybe(queueCells('', openQueue).length - 1, readSettings) ?? { ...openQueue, paused: true });
  }

  return {
    get: (queue) => known.get(queue),
    keys: () => known.keys(),
    set(queue, settings) {
      const before = known.get(queue);
      const after = isOpen(settings) ? undefined : settings;
      if (after === undefined) forget.run(queue);
      else keep.run(...queueCells(queue, after));
      undo.add(() => remember(queue, before));
      remember(queue, after);
    },
  };
}

const isOpen = ({ paused, concurrency, rate }: QueueSettings): boolean => !paused && concurrency === null && rate === null;
