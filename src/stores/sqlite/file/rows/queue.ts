/** How the settings of a queue lie in their columns. */
import { checkKeptSettings, type QueueSettings } from '../../../../core/queue.ts';
import type { Cell, TapeReader } from '../tape.ts';

/** In the order of `queueCells`, and of what is read: a name and `readSettings`. */
export const queueColumns = 'name, paused, closed, concurrency, rate_max, rate_per';

export const queueCells = (name: string, { paused, closed, concurrency, rate }: QueueSettings): Cell[] => [
  ...[name, paused ? 1 : 0, closed ? 1 : 0, concurrency, rate?.max ?? null, rate?.per ?? null],
];

/** Throws for what makes none. */
export function readSettings(tape: TapeReader): QueueSettings {
  const [paused, closed] = [tape.flag(), tape.flag()];
  const concurrency = tape.numberOrNull();
  const [max, per] = [tape.numberOrNull(), tape.numberOrNull()];
  checkKeptSettings(concurrency, max, per);
  return { paused, closed, concurrency, rate: max === null || per === null ? null : { max, per } };
}
