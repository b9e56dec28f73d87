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
        asked.map(async (job) => ({ kind: 'pushed', job: show.replayed(recordOf(await jobs.push(pushOf(job)))) }) as const),
      );
    },
    get: async (id) => recordOf(await jobs.get(id)),
  };
}
