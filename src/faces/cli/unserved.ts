/** Tells of workers that no live node serves. */
import { note } from './terminal.ts';

/** Each of them once, however often it comes. */
export function makeUnservedNotes(): (workers: readonly string[]) => void {
  const told = new Set<string>();
  return (workers) => {
    for (const worker of workers) {
      if (told.has(worker)) continue;
      told.add(worker);
      note(`No live node serves the worker ${worker}: jobs wait until one does.`);
    }
  };
}
