/**
 * When a process saves memory. V8 hands emptied pages from one heap to the next and gives none back for as long as the process is
 * busy, so one peak stays for good. While it saves, its collections give back what they empty, one begins within 8 s, and all of
 * that costs a busy server an eighth to a third of its speed: so it saves for some seconds after its memory has risen, and then
 * again and again, ever more seldom, until that has helped.
 */

export interface Thrift {
  /** Once a second; times are counted in these. @param resident bytes */
  tick(resident: number): void;
}

export interface Modes {
  save(): void;
  spend(): void;
}

/** By so much memory rises and falls when nothing is the matter. */
const rise = 48 * 1024 * 1024;
/** V8 waits for 8 s before it begins a collection by itself. */
const saving = 10;
/** Between two savings. */
const [shortest, longest] = [10, 320];

export function makeThrift({ save, spend }: Modes): Thrift {
  /** What it had behind the last saving that helped, or less. */
  let low = Number.POSITIVE_INFINITY;
  let pause = shortest;
  /** Ticks until it may save; while it does, until it ends. */
  let left = 0;
  let isSaving = false;

  function end(resident: number): void {
    isSaving = false;
    spend();
    if (resident <= low + rise) {
      low = resident;
      pause = shortest;
    } else pause = Math.min(longest, 2 * pause);
    left = pause;
  }

  return {
    tick(resident) {
      left = Math.max(0, left - 1);
      if (isSaving) {
        if (left === 0) end(resident);
        return;
      }
      low = Math.min(low, resident);
      if (left > 0 || resident <= low + rise) return;
      isSaving = true;
      left = saving;
      save();
    },
  };
}
