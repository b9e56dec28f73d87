/** What tasks did on all nodes, as they have written it, and whether any did what it must not. */
import { readFileSync } from 'node:fs';
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
export function deedsIn(file: string): readonly Deed[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  const deeds = lines.flatMap((line) => {
    const [at, task, fence, what, number] = line.split(' ');
    return number === undefined || task === undefined || fence === undefined || what === undefined
      ? []
      : [{ at: Number(BigInt(at ?? 0) / 1_000n) / 1_000, task, fence, what, number: Number(number) }];
  });
  return deeds.toSorted((a, b) => a.at - b.at);
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
