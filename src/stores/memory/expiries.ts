/** When jobs must have begun. */
import { compareIds, type JobId } from '../../core/id.ts';
import { Sorted } from './sorted.ts';
import type { Step } from './step.ts';

interface Expiry {
  readonly id: JobId;
  readonly at: number;
}

export class Expiries {
  /** By the wall clock, and by the time of intervals. */
  readonly wall = new Sorted<Expiry>((a, b) => a.at - b.at || compareIds(a.id, b.id));
  readonly steady = new Sorted<Expiry>((a, b) => a.at - b.at || compareIds(a.id, b.id));
  readonly #places = new Map<JobId, readonly [Sorted<Expiry>, Expiry]>();

  add(id: JobId, kind: 'wall' | 'steady', at: number): void {
    const [all, expiry] = [this[kind], { id, at }];
    all.add(expiry);
    this.#places.set(id, [all, expiry]);
  }

  /** It has begun, has ended or is gone. */
  forget(id: JobId): void {
    const place = this.#places.get(id);
    place?.[0].delete(place[1]);
    this.#places.delete(id);
  }

  /** The first one that is due; in how long the first one is; `null`: there is none. */
  next({ now, steady }: Step): { readonly id: JobId; readonly in: number } | null {
    const [byWall, bySteady] = [this.wall.first, this.steady.first];
    const found = [
      ...(byWall === undefined ? [] : [{ id: byWall.id, in: byWall.at - now }]),
      ...(bySteady === undefined ? [] : [{ id: bySteady.id, in: bySteady.at - steady }]),
    ];
    return found.toSorted((a, b) => a.in - b.in)[0] ?? null;
  }
}
