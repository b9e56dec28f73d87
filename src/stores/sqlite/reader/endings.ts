/** The lists under way that may be ended: `searches.end` names the signal that they were asked for with. */
import { HatstandError } from '../../../core/errors.ts';
import { aborted, noSignal } from '../calls/signal.ts';

export interface Endings {
  /** @param signal its number */
  run<T>(signal: number, work: (signal: AbortSignal | undefined) => Promise<T>): Promise<T>;
  end(signal: number): void;
}

interface Running {
  readonly controller: AbortController;
  lists: number;
}

/** Nobody waits for its answer any more. */
const ended = (): HatstandError => new HatstandError('store_unavailable', 'The list was ended.');

export function makeEndings(): Endings {
  const all = new Map<number, Running>();
  return {
    async run(signal, work) {
      if (signal === noSignal) return work(undefined);
      if (signal === aborted) throw ended();
      const running = all.get(signal) ?? { controller: new AbortController(), lists: 0 };
      all.set(signal, running);
      running.lists += 1;
      try {
        return await work(running.controller.signal);
      } finally {
        running.lists -= 1;
        if (running.lists === 0) all.delete(signal);
      }
    },
    end: (signal) => all.get(signal)?.controller.abort(ended()),
  };
}
