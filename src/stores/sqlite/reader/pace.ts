/** How many records make a slice: as many as are read in some milliseconds, however long they are and whatever is looked for. */
import type { Millis } from '../../../core/duration.ts';

const sliceTime: Millis = 20;
const [fewest, first, most] = [16, 256, 2_048];

export interface Pace {
  /** Records in the next slice. */
  readonly count: number;
  /** Begins to read a slice. */
  begin(): { end(): void };
}

export function makePace(now: () => Millis = () => performance.now()): Pace {
  let count = first;
  return {
    get count() {
      return count;
    },
    begin() {
      const began = now();
      return {
        end() {
          const took = now() - began;
          if (took < sliceTime / 2) count = Math.min(most, count * 2);
          else if (took > sliceTime) count = Math.max(fewest, Math.floor(count / 2));
        },
      };
    },
  };
}
