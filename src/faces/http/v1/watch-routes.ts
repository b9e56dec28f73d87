/** Watching jobs and tasks live. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { HatstandError } from '../../../core/errors.ts';
import { liveLimits, liveName } from '../../../core/live.ts';
import type { Api } from '../../../engine/api/api.ts';
import type { Watched, WatchOptions } from '../../../engine/api/watch.ts';
import { makeLeaving } from '../leaving.ts';
import { closed } from './fields.ts';
import { answers } from './openapi.ts';
import { IdParams } from './schemas.ts';
import { noTask } from './task-routes.ts';
import { TaskParams, TaskQuery } from './task-schemas.ts';
import { livePlacePattern, readLivePlace, watchStream } from './watch-stream.ts';

const name = Type.String({ title: 'the name of an event', pattern: liveName.source, examples: ['scanned'] });
const mostNames = 100;

const watchFields = {
  event: Type.Optional(
    Type.Union([name, Type.Array(name, { minItems: 1, maxItems: mostNames })], {
      description:
        'Of what `emit` tells, events of this name alone; may stand more than once. Progress and lines of the log come all the same.',
    }),
  ),
  after: Type.Optional(
    Type.String({
      title: 'the `id` of an event that was heard',
      description: 'As the header `Last-Event-ID`, which goes before it.',
      pattern: livePlacePattern,
      examples: ['1771239904134021.7'],
    }),
  ),
};
const WatchQuery = Type.Object(watchFields, closed);
type WatchQuery = Static<typeof WatchQuery>;
const TaskWatchQuery = Type.Object({ ...TaskQuery.properties, ...watchFields }, closed);
type TaskWatchQuery = Static<typeof TaskWatchQuery>;

export function watchRoutes(app: FastifyInstance, { watch }: Api): void {
  const leaving = makeLeaving(app);

  async function answer(
    request: FastifyRequest<{ Querystring: WatchQuery }>,
    reply: FastifyReply,
    begin: (options: WatchOptions) => Promise<AsyncGenerator<readonly Watched[], void, undefined> | null>,
    missing: HatstandError,
  ): Promise<FastifyReply> {
    const { event } = request.query;
    const last = request.headers['last-event-id'];
    const place = typeof last === 'string' && last !== '' ? last : request.query.after;
    const ended = new AbortController();
    const signal = AbortSignal.any([leaving(reply), ended.signal]);
    const after = place === undefined ? null : readLivePlace(place);
    const watched = await begin({ after, names: event === undefined ? null : [event].flat(), signal });
    if (watched === null) throw missing;
    if (reply.outlet === null) throw new Error('an answer that goes on has an outlet');
    const stream = watchStream({ watched, outlet: reply.outlet, signal, end: () => ended.abort() });
    return reply
      .type('text/event-stream; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('x-accel-buffering', 'no')
      .send(stream);
  }

  app.get<{ Params: IdParams; Querystring: WatchQuery }>(
    '/jobs/:id/watch',
    { schema: described('jobs', IdParams, WatchQuery, 'the job has ended'), config: { goesOn: true } },
    (request, reply) => {
      const { id } = request.params;
      const missing = new HatstandError('not_found', `There is no job ${id}.`, { job: id });
      return answer(request, reply, (options) => watch.job(id, options), missing);
    },
  );

  app.get<{ Params: TaskParams; Querystring: TaskWatchQuery }>(
    '/tasks/:id/watch',
    {
      schema: described('tasks', TaskParams, TaskWatchQuery, 'the task has ended or crashed'),
      config: { goesOn: true },
    },
    (request, reply) => {
      const ref = { domain: request.query.domain ?? '', id: request.params.id };
      return answer(request, reply, (options) => watch.task(ref, options), noTask(ref));
    },
  );
}

function described<Params, Query>(of: 'jobs' | 'tasks', params: Params, querystring: Query, until: string): object {
  const [operationId, summary] = of === 'jobs' ? ['watchJob', 'Watch a job live'] : ['watchTask', 'Watch a task live'];
  return {
    ...{ operationId, summary, params, querystring },
    description: `Server-sent events, from now on: \`job\`, how the job stands, first and whenever that changes; \`task\`, how a task stands that does not run; \`progress\`; \`line\` of its log; \`event\`, what \`emit\` tells. They come straight from the node that runs it, in the order in which they were told, and follow it when it goes on elsewhere; where that node is not linked to this one, progress and lines come from the store, a little later, and events not at all. Those with an \`id\` are a place: who sends the last one back as \`Last-Event-ID\` goes on behind it. A node keeps the newest ${liveLimits.events} of an attempt; \`missed\` says that some are not there any more, and how many, if that is known. When ${until}, the last one is \`end\`; a connection that ends without it is made again.`,
    tags: [of],
    response: answers({ 200: { description: 'It goes on until then.', type: 'text/event-stream', schema: Type.String() } }, [
      'not_found',
      'invalid_cursor',
    ]),
  };
}
