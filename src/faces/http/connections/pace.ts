/**
 * Who was given memory for its body must send the body while others wait for that memory: else a few that send a byte a second
 * would shut out all others. While nobody waits, anyone may be as slow as the time for a request allows.
 */
import type { Millis } from '../../../core/duration.ts';

export interface Sender {
  /** Bytes that have come by now; `null`: nothing is expected of it now, since all has come or nothing is read. */
  come(): number | null;
  /** It was too slow. */
  end(): void;
}

export interface Pace {
  watch(sender: Sender): void;
  forget(sender: Sender): void;
  /** Somebody waits. */
  wake(): void;
}

const lookEvery: Millis = 500;
/**
 * Who waits is refused after 5 s, so this is less. Looks are counted, and no time: however long this process was busy, what
 * came meanwhile is read between two of them.
 */
const window = 6;
/** In a window: 64 KiB a second. */
const least = (64 * 1024 * window * lookEvery) / 1_000;

interface Mark {
  /** What had come; `null`: nothing was expected. */
  come: number | null;
  /** Since then. */
  looks: number;
}

export function makePace(isWaitedFor: () => boolean): Pace {
  const marks = new Map<Sender, Mark>();
  let timer: NodeJS.Timeout | null = null;

  function look(): void {
    if (!isWaitedFor()) {
      if (timer !== null) clearInterval(timer);
      timer = null;
      return;
    }
    for (const [sender, mark] of marks) lookAt(sender, mark);
  }

  function lookAt(sender: Sender, mark: Mark): void {
    const come = sender.come();
    mark.looks += 1;
    if (come !== null && mark.come !== null && mark.looks < window) return;
    if (come !== null && mark.come !== null && come - mark.come < least) {
      marks.delete(sender);
      sender.end();
    } else {
      mark.come = come;
      mark.looks = 0;
    }
  }

  return {
    watch: (sender) => void marks.set(sender, { come: sender.come(), looks: 0 }),
    forget: (sender) => void marks.delete(sender),
    wake() {
      if (timer !== null) return;
      // What came while nobody waited says nothing.
      for (const [sender, mark] of marks) Object.assign(mark, { come: sender.come(), looks: 0 });
      timer = setInterval(look, lookEvery).unref();
    },
  };
}
