/** Memory that all connections share: for large answers that wait for their readers, and for large bodies. */
import type { Millis } from '../../../core/duration.ts';
import { HatstandError } from '../../../core/errors.ts';

/** How long a request waits for room before it is refused. */
const usualWait: Millis = 5_000;

export interface Share {
  /** It holds as many bytes from now on; nothing, once it is released. */
  resize(bytes: number): void;
  /**
   * It holds as many bytes, which are more, as soon as they fit, also before others who have asked and do not fit. When they do not in
   * time, or all that is held is held by who wants more, the newest of these give way: this throws `overloaded`, and the share holds
   * nothing any more. Throws that, too, when it is released before.
   */
  grow(bytes: number): Promise<void>;
  /** Nothing any more, for good; calling it again is harmless. */
  release(): void;
}

export interface Room {
  readonly isFull: boolean;
  /** Somebody waits for some of it. */
  readonly isWaitedFor: boolean;
  /** Whether so much more fits, and nobody waits for it. */
  fits(bytes: number): boolean;
  /** Takes it, even if it does not fit. */
  take(bytes: number): Share;
  /** Takes it as soon as it fits, in the order of the asking. Throws `overloaded` when it does not in time. */
  await(bytes: number): Promise<Share>;
}

interface Settled {
  /** It holds what it asked for. */
  entered(): void;
  refused(): void;
}

interface Waiting {
  /** What it asks for, beside what it holds. */
  readonly more: number;
  readonly holds: number;
  /** Of what it holds: larger than that of all before it. */
  readonly number: number;
  enter(): void;
  refuse(): void;
}

/**
 * @param most bytes; what is larger by itself is taken when there is nothing else
 * @param told to those who are refused
 * @param waitFor how long, in milliseconds; default: 5 s
 */
export function makeRoom(most: number, told: string, waitFor = usualWait): Room {
  let held = 0;
  let numbers = 0;
  const queue = new Set<Waiting>();

  const refusal = (): HatstandError => new HatstandError('overloaded', told);
  const hasPlace = (more: number, holds: number): boolean => held === holds || held + more <= most;

  function change(by: number): void {
    held += by;
    // Before all others: what they hold is free for these only when they have come to their end.
    for (const waiting of growing()) if (queue.has(waiting) && hasPlace(waiting.more, waiting.holds)) waiting.enter();
    for (const waiting of queue) {
      if (waiting.holds > 0) continue;
      if (!hasPlace(waiting.more, 0)) break;
      waiting.enter();
    }
    makeWay();
  }

  const growing = (): readonly Waiting[] => [...queue].filter(({ holds }) => holds > 0);

  function refuseNewest(): void {
    growing()
      .reduce((newest, each) => (each.number > newest.number ? each : newest))
      .refuse();
  }

  /** Who wants more than it has gives nothing back: when nobody else has any, that would be so for good. */
  function makeWay(): void {
    const holders = growing();
    if (holders.length > 1 && holders.reduce((sum, { holds }) => sum + holds, 0) === held) refuseNewest();
  }

  function enter(more: number, [holds, number]: readonly [number, number], { entered, refused }: Settled): Waiting {
    const leave = (): void => {
      clearTimeout(timer);
      queue.delete(waiting);
    };
    const waiting: Waiting = {
      ...{ more, holds, number },
      enter() {
        leave();
        held += more;
        entered();
      },
      refuse() {
        leave();
        refused();
      },
    };
    const late = (): void => {
      if (holds === 0) waiting.refuse();
      else while (queue.has(waiting)) refuseNewest();
    };
    const timer = setTimeout(late, waitFor).unref();
    // Who holds some waits behind nobody.
    if ((queue.size === 0 || holds > 0) && hasPlace(more, holds)) waiting.enter();
    else {
      queue.add(waiting);
      makeWay();
    }
    return waiting;
  }

  /** Of bytes that are held. */
  function shareOf(bytes: number): Share {
    let mine: number | null = bytes;
    const number = ++numbers;
    let growing: Waiting | null = null;
    const become = (to: number | null): void => {
      if (mine === null) return;
      const by = (to ?? 0) - mine;
      mine = to;
      change(by);
    };
    return {
      resize: become,
      grow: (to) =>
        new Promise((resolve, reject) => {
          if (mine === null) return reject(refusal());
          const entered = (): void => {
            mine = to;
            resolve();
          };
          const refused = (): void => {
            reject(refusal());
            become(null);
          };
          growing = enter(to - mine, [mine, number], { entered, refused });
        }),
      release() {
        growing?.refuse();
        become(null);
      },
    };
  }

  return {
    get isFull() {
      return held >= most;
    },
    get isWaitedFor() {
      return queue.size > 0;
    },
    fits: (bytes) => queue.size === 0 && hasPlace(bytes, 0),
    take(bytes) {
      held += bytes;
      return shareOf(bytes);
    },
    await: (bytes) =>
      new Promise((resolve, reject) => {
        enter(bytes, [0, 0], { entered: () => resolve(shareOf(bytes)), refused: () => reject(refusal()) });
      }),
  };
}
