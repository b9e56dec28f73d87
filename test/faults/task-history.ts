/** What tasks did on all nodes, as they have written it, and whether any did what it must not. */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { compareIds } from '../../src/core/id.ts';

export interface Deed {
  /** In milliseconds, by the clock of the machine. */
  readonly at: number;
  readonly task: string;
  readonly fence: string;
  readonly what: string;
  readonly number: number;
}

/** A line that was cut short by a kill is none. */
export const deedsIn = (file: string): readonly Deed[] => inOrder(deedsOf(readFileSync(file, 'utf8').split('\n').slice(0, -1)));

/** The same, again and again, of a file that grows: each call reads what is new, and answers all, as they were written. */
export function followDeeds(file: string): () => readonly Deed[] {
  const deeds: Deed[] = [];
  let read = 0;
  return () => {
    const descriptor = openSync(file, 'r');
    const bytes = Buffer.alloc(fstatSync(descriptor).size - read);
    const whole = bytes.lastIndexOf(10, readSync(descriptor, bytes, 0, bytes.length, read) - 1) + 1;
    closeSync(descriptor);
    read += whole;
    for (const deed of deedsOf(bytes.toString('utf8', 0, whole).split('\n').slice(0, -1))) deeds.push(deed);
    return deeds;
  };
}

export const inOrder = (deeds: readonly Deed[]): readonly Deed[] => deeds.toSorted((a, b) => a.at - b.at);

function deedsOf(lines: readonly string[]): readonly Deed[] {
  return lines.flatMap((line) => {
    const [at, task, fence, what, number] = line.split(' ');
    return number === undefined || task === undefined || fence === undefined || what === undefined
      ? []
      : [{ at: Number(BigInt(at ?? 0) / 1_000n) / 1_000, task, fence, what, number: Number(number) }];
  });
}

export const byTask = (deeds: readonly Deed[]): ReadonlyMap<string, readonly Deed[]> => Map.groupBy(deeds, ({ task }) => task);

/** Deeds of an owner that come behind those of a later one. */
export function overlapsIn(deeds: readonly Deed[]): readonly Deed[] {
  let newest = '0';
  return deeds.filter(({ fence }) => {
    if (compareIds(fence, newest) < 0) return true;
    newest = fence;
    return false;
  });
}

/** Owners that began elsewhere than at the newest checkpoint that was known to be kept. */
export function wrongBegins(deeds: readonly Deed[]): readonly Deed[] {
  let [kept, tried] = [0, 0];
  return deeds.filter(({ what, number }) => {
    const isWrong = what === 'begins' && (number < kept || number > tried);
    if (what === 'kept') kept = Math.max(kept, number);
    if (what === 'works') tried = Math.max(tried, number);
    return isWrong;
  });
}

/** How long each task stood still between two of its owners, in milliseconds. */
export function gapsIn(deeds: readonly Deed[]): readonly number[] {
  const gaps: number[] = [];
  for (const each of byTask(deeds).values()) {
    let last: Deed | undefined;
    for (const deed of each) {
      if (last !== undefined && last.fence !== deed.fence) gaps.push(deed.at - last.at);
      last = deed;
    }
  }
  return gaps.toSorted((a, b) => a - b);
}

export const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
