/** Memory that all connections share: for large answers that wait for their readers, and for large bodies. */
import { HatstandError } from '../../../core/errors.ts';

/** How long a request waits for room before it is refused. */
const waitFor = 5_000;

export interface Share {
  /** It holds as many bytes from now on; nothing, once it is released. */
  resize(bytes: number): void;
  /** Nothing any more, for good; calling it again is harmless. */
  release(): void;
}

export interface Room {
  readonly isFull: boolean;
  /** Whether so much more fits, and nobody waits for it. */
  fits(bytes: number): boolean;
  /** Takes it, even if it does not fit. */
  take(bytes: number): Share;
  /** Takes it as soon as it fits, in the order of the asking. Throws `overloaded` when it does not for 5 s. */
  await(bytes: number): Promise<Share>;
}

interface Waiting {
  readonly bytes: number;
  readonly begin: (share: Share) => void;
}

/**
 * @param most bytes; what is larger by itself is taken when there is nothing else
 * @param told to those who are refused
 */
export function makeRoom(most: number, told: string): Room {
  let held = 0;
  const queue = new Set<Waiting>();

  const hasPlace = (bytes: number): boolean => held === 0 || held + bytes <= most;

  function change(by: number): void {
    held += by;
    for (const waiting of queue) {
      if (!hasPlace(waiting.bytes)) return;
      queue.delete(waiting);
      waiting.begin(take(waiting.bytes));
    }
  }

  function take(bytes: number): Share {
    let mine: number | null = bytes;
    held += bytes;
    const become = (to: number | null): void => {
      if (mine === null) return;
      const by = (to ?? 0) - mine;
      mine = to;
      change(by);
    };
    return { resize: become, release: () => become(null) };
  }

  return {
    get isFull() {
      return held >= most;
    },
    fits: (bytes) => queue.size === 0 && hasPlace(bytes),
    take,
    await(bytes) {
      if (queue.size === 0 && hasPlace(bytes)) return Promise.resolve(take(bytes));
      return new Promise((resolve, reject) => {
        const waiting: Waiting = {
          bytes,
          begin(share) {
            clearTimeout(timer);
            resolve(share);
          },
        };
        const timer = setTimeout(() => {
          queue.delete(waiting);
          reject(new HatstandError('overloaded', told));
        }, waitFor);
        timer.unref();
        queue.add(waiting);
      });
    },
  };
}
