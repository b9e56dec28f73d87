/** Purging: ended jobs that are old enough go. It tells how far it is, since it may take long, and ends with its client. */
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { parseDuration } from '../../../core/duration.ts';
import type { Api } from '../../../engine/api/api.ts';
import { type PurgeSlice, purgeLimits } from '../../../engine/api/purge.ts';
import { makeLeaving } from '../leaving.ts';
import { bodyJson, refuseRepeatedIn } from './body.ts';
import { answers, body, change } from './openapi.ts';
import { Purge } from './purge-schema.ts';
import { NoQuery } from './schemas.ts';

const ndjson = 'application/x-ndjson';
/** Between two lines, in milliseconds. */
const tellEvery = 1_000;

export function purgeRoutes(app: FastifyInstance, { jobs }: Api): void {
  const leaving = makeLeaving(app);
  app.post<{ Body: Purge }>('/jobs/purge', { schema: purgeSchema, config: { streams: true } }, async (request, reply) => {
    const json = bodyJson(request);
    if (json !== null) refuseRepeatedIn(json);
    const { olderThan, keep = purgeLimits.usualKeep, workers = null, domain = null } = request.body;
    const asked = { olderThan: parseDuration(olderThan, 'olderThan'), keep, workers, domain };
    const slices = jobs.purge(asked, leaving(reply));
    // Before anything is answered, so that it can still be refused.
    const first = await slices.next();
    return reply.type(`${ndjson}; charset=utf-8`).send(Readable.from(linesOf(first, slices), { objectMode: false }));
  });
}

async function* linesOf(first: IteratorResult<PurgeSlice, void>, slices: AsyncIterable<PurgeSlice>): AsyncGenerator<string, void> {
  const sum = { looked: 0, purged: 0 };
  const add = ({ looked, purged }: PurgeSlice): void => {
    sum.looked += looked;
    sum.purged += purged;
  };
  let told = performance.now();
  if (first.done !== true) add(first.value);
  for await (const slice of slices) {
    add(slice);
    const now = performance.now();
    if (now - told < tellEvery) continue;
    told = now;
    yield `${JSON.stringify({ ...sum, done: false })}\n`;
  }
  yield `${JSON.stringify({ ...sum, done: true })}\n`;
}

const purgeSchema = {
  operationId: 'purgeJobs',
  summary: 'Remove ended jobs that are old enough, but for the newest ones',
  description:
    'Slice after slice, each of which is one step; a job that was restarted meanwhile stays. NDJSON: a line each second with the sums until then, and a last one, `"done":true`; an answer without that was cut off, and what is gone by then is gone: ask again. It ends with its client. A job that runs or waits never goes, nor what triggers tell of their jobs. `conflict` while nothing is removed for its age, since the clock of the store has leapt.',
  tags: ['jobs'],
  querystring: NoQuery,
  body: Purge,
  response: answers({ 200: { description: 'How far it is, line by line.', type: ndjson, schema: Type.String() } }, [
    'conflict',
    ...body,
    ...change,
  ]),
};
