/** SIGINT, SIGTERM and SIGHUP (a closed terminal) stop the server, also while it starts; a second one ends it at once. */
import { constants } from 'node:os';

const stopping = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** A terminal signals the whole process group, and npm and other starters pass the same signal on: that is one. */
const oneWithin = 500;

/** From now on signals are caught. The answer is aborted by the first one, whose name is the reason. */
export function catchSignals(): AbortSignal {
  const stop = new AbortController();
  let first: number | null = null;
  for (const signal of stopping) {
    process.on(signal, () => {
      const now = performance.now();
      if (first !== null && now - first > oneWithin) process.exit(128 + constants.signals[signal]);
      first ??= now;
      stop.abort(signal);
    });
  }
  return stop.signal;
}
