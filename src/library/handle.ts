/** A worker of a Hatstand as the one handle to its jobs. */
import type { Events } from './events.ts';
import type { Job, JobRef } from './job.ts';
import { refused, shown } from './option.ts';
import type { Duration } from './options.ts';
import type { Pusher } from './pusher.ts';
import type { WorkerHandle } from './worker.ts';

interface HandleParts {
  readonly pusher: Pusher;
  readonly events: Events;
  wait(job: JobRef, timeout?: Duration, signal?: AbortSignal): Promise<Job | null>;
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
