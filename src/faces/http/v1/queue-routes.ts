/** Queues: what is in them, and what limits how they are served. */
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { formatDuration, parseDuration } from '../../../core/duration.ts';
import { HatstandError } from '../../../core/errors.ts';
import { jobStates } from '../../../core/job.ts';
import { checkName } from '../../../core/new-job.ts';
import type { QueueRecord, QueueSettings, RateLimit, StateCounts } from '../../../core/queue.ts';
import type { Api } from '../../../engine/api/api.ts';
import { bodyJson, refuseRepeated, refuseRepeatedIn } from './body.ts';
import { readName, writeName } from './cursor.ts';
import { answers, body, change } from './openapi.ts';
import { QueueChange, QueueListQuery, QueueParams } from './queue-schemas.ts';
import { NoQuery } from './schemas.ts';
import { unservedLines, waiting } from './unserved.ts';

const tags = ['queues'];
const params = QueueParams;
const querystring = NoQuery;
const pageLimit = 50;
const one = { 200: { description: 'The queue.', schema: Type.Ref('Queue') } };

export function queueRoutes(app: FastifyInstance, api: Api): void {
  const { queues } = api;

  /** A queue that was only just named has no record yet. */
  async function configured(name: string, change: Partial<QueueSettings>): Promise<object> {
    const settings = await queues.configure(name, change);
    const record = await queues.get(name);
    return queueJson(record ?? { name, ...settings, counts: noJobs, oldestWaiting: null }, await unserved());
  }

  /** How many jobs wait in each queue that no live node serves there. */
  async function unserved(): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>();
    for (const line of await unservedLines(api, await api.jobs.count()))
      found.set(line.queue, (found.get(line.queue) ?? 0) + waiting(line));
    return found;
  }

  const listing = { 200: { description: 'A page of queues, by name.', schema: Type.Ref('QueueList') } };
  app.get<{ Querystring: QueueListQuery }>(
    '/queues',
    {
      schema: {
        operationId: 'listQueues',
        summary: 'List queues',
        tags,
        querystring: QueueListQuery,
        response: answers(listing, ['invalid_cursor']),
      },
    },
    async ({ query: { limit = pageLimit, cursor } }) => {
      const behind = cursor === undefined ? '' : readName(cursor);
      const [records, ofQueues] = await Promise.all([queues.list(), unserved()]);
      const left = records.filter(({ name }) => name > behind).sort((a, b) => (a.name < b.name ? -1 : 1));
      const page = left.slice(0, limit);
      const last = page.at(-1);
      const next = last === undefined || left.length === page.length ? null : writeName(last.name);
      return { queues: page.map((record) => queueJson(record, ofQueues)), next };
    },
  );

  app.get<{ Params: QueueParams }>(
    '/queues/:name',
    { schema: { operationId: 'getQueue', summary: 'Get a queue', tags, params, querystring, response: answers(one, ['not_found']) } },
    async (request) => {
      const { name } = request.params;
      const record = await queues.get(checkName(name, 'queue'));
      if (record !== null) return queueJson(record, await unserved());
      throw new HatstandError('not_found', `There is no queue ${JSON.stringify(name)}. A queue appears when the first job names it.`, {
        queue: name,
      });
    },
  );

  for (const [verb, settings, summary] of [
    ['pause', { paused: true }, 'Pause a queue: running jobs finish, none starts'],
    ['resume', { paused: false }, 'Resume a paused queue'],
    ['close', { closed: true }, 'Close a queue: it takes no new jobs, those that it has go on'],
    ['open', { closed: false }, 'Open a closed queue'],
  ] as const) {
    app.post<{ Params: QueueParams }>(
      `/queues/:name/${verb}`,
      { schema: { operationId: `${verb}Queue`, summary, tags, params, querystring, response: answers(one, change) } },
      (request) => configured(request.params.name, settings),
    );
  }

  app.patch<{ Params: QueueParams; Body: QueueChange }>(
    '/queues/:name',
    {
      schema: {
        operationId: 'configureQueue',
        summary: 'Change what limits a queue',
        description: 'Changes what is named. Settings may be made before the first job.',
        tags,
        params,
        querystring,
        body: QueueChange,
        response: answers(one, [...body, ...change]),
      },
    },
    (request) => {
      const json = bodyJson(request);
      if (json === null) throw new Error('the schema wants a body');
      refuseRepeatedIn(json);
      json.eachMember((key, value) => {
        if (key === 'rate' && typeof request.body.rate === 'object' && request.body.rate !== null) refuseRepeated(json.text, value.start);
      });
      return configured(request.params.name, settingsOf(request.body));
    },
  );
}

const noJobs = Object.fromEntries(jobStates.map((state) => [state, 0])) as StateCounts;

function settingsOf(asked: QueueChange): Partial<QueueSettings> {
  const { rate, ...rest } = asked;
  if (rate === undefined) return rest;
  return { ...rest, rate: rate === null ? null : { max: rate.max, per: parseDuration(rate.per, 'rate.per') } };
}

const rateJson = (rate: RateLimit): object => ({ max: rate.max, per: formatDuration(rate.per) });

function queueJson(queue: QueueRecord, unserved: ReadonlyMap<string, number>): object {
  const { name, paused, closed, concurrency, rate, counts, oldestWaiting } = queue;
  return {
    name,
    paused,
    closed,
    concurrency,
    rate: rate === null ? null : rateJson(rate),
    jobs: counts,
    unserved: unserved.get(name) ?? 0,
    oldestWaiting: oldestWaiting === null ? null : formatDuration(oldestWaiting),
  };
}
