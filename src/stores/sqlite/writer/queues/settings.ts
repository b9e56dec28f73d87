/** The settings of the queues that are not as open as a queue is by default, in the file and in memory. */
import type { QueueSettings } from '../../../../core/queue.ts';
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
    remember(tape.text(), readSettings(tape));
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
