/** The handle to the jobs of one worker. */
import type { Events } from './events.ts';
import type { Job } from './job.ts';
import { refused, shown } from './option.ts';
import type { Pusher } from './pusher.ts';
import type { WorkerHandle } from './worker.ts';

export interface HandleParts {
  readonly pusher: Pusher;
  readonly events: Events;
  /** As `Hatstand.wait`. */
  wait(...given: Parameters<WorkerHandle['wait']>): Promise<Job | null>;
}

export function makeHandle(name: string, { pusher, events, wait }: HandleParts): WorkerHandle<never, never> {
  return {
    name,
    push: (...[payload, options]) => pusher.push(name, payload, options),
    pushMany: (payloads, options) => pusher.pushMany(name, payloads, options),
    async wait(job, timeout, signal) {
      const found = await wait(job, timeout, signal);
      if (found === null || found.worker === name) return found as Job<never, never> | null;
      throw refused(`Job ${found.id} belongs to the worker ${shown(found.worker)}, not to ${shown(name)}.`, 'job');
    },
    on: (event, listener, options) => events.on(name, event, listener, options),
  };
}
