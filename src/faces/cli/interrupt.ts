/** Ctrl-C and SIGTERM during work that has something to tell before it ends. */
import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM'] as const;

export interface Interrupt {
  /** Aborted by the first one. A second one ends the process at once. */
  readonly signal: AbortSignal;
  /** What a process ends with that was stopped so: 130 for Ctrl-C; `null` when none came. */
  exitCode(): number | null;
  /** Signals do again what they do by themselves. */
  end(): void;
}

/** A terminal signals the whole process group, and npm and other starters pass the same signal on: that is one. */
const oneWithin = 500;

export function onInterrupt(): Interrupt {
  const abort = new AbortController();
  let first: { readonly code: number; readonly at: number } | null = null;

  function take(name: (typeof signals)[number]): void {
    const code = 128 + constants.signals[name];
    const now = performance.now();
    if (first !== null && now - first.at > oneWithin) process.exit(code);
    first ??= { code, at: now };
    abort.abort();
  }

  for (const name of signals) process.on(name, take);
  return {
    signal: abort.signal,
    exitCode: () => first?.code ?? null,
    end() {
      for (const name of signals) process.off(name, take);
    },
  };
}
