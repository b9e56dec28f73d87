/** What a pusher asks of the engine, asked of a server over HTTP. */
import type { Client } from '../faces/client/client.ts';
import { pushOf, recordOf } from './elsewhere-record.ts';
import type { PusherParts } from './pusher.ts';

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
