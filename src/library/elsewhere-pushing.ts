/** What a pusher asks of the engine, asked of a server over HTTP. */
import type { Client } from '../faces/client/client.ts';
import { pushOf, recordOf, type SaidJob } from './elsewhere-record.ts';
import { newJobOf } from './new-job.ts';
import { run } from './options.ts';
import type { PusherParts } from './pusher.ts';

const runNames = Object.keys(run) as (keyof typeof run)[];

/** The job of a push, which knows what was said of how it runs: by the push, or by the definition that it names. */
export const saidJobOf: typeof newJobOf = (target, payload, given, names): SaidJob => ({
  ...newJobOf(target, payload, given, names),
  said: new Set(runNames.filter((name) => given[name] !== undefined || target.says?.[name] !== undefined)),
});

export function makePushing({ jobs }: Pick<Client, 'jobs'>): PusherParts['jobs'] {
  return {
    async pushAs(asked, show) {
      if (!Array.isArray(asked)) throw new Error('jobs are pushed one by one');
      // A key that belongs to another job is refused by the server.
      return Promise.all(
        asked.map(async (job) => {
          const kept = await jobs.push(pushOf(job));
          const { kind } = kept;
          return { kind, job: show.replayed(recordOf(kept), kind === 'duplicate' ? kind : 'replayed') };
        }),
      );
    },
    get: async (id) => recordOf(await jobs.get(id)),
  };
}
