/** Examining the store, and what it cannot read. */
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { HatstandError } from '../../../core/errors.ts';
import type { UnreadableId } from '../../../core/unreadable.ts';
import type { Api } from '../../../engine/api/api.ts';
import { ExamineQuery, UnreadableParams, UnreadableQuery } from './node-schemas.ts';
import { answers, change } from './openapi.ts';
import { NoQuery } from './schemas.ts';

const tags = ['system'];
/** On a page, unless asked otherwise. */
const usualLimit = 100;

export function upkeepRoutes(app: FastifyInstance, { upkeep }: Api): void {
  app.post<{ Querystring: ExamineQuery }>(
    '/doctor',
    {
      schema: {
        operationId: 'examineStore',
        summary: 'Compare indexes and counters with the records, repair them, and read all that there is',
        description:
          'Looks for about a second. Ask again with `next` as the cursor until that is null. A record that nobody can read is set aside, and told by the last part.',
        tags,
        querystring: ExamineQuery,
        response: answers({ 200: { description: 'What was found.', schema: Type.Ref('Examined') } }, change),
      },
    },
    (request) => upkeep.examine(request.query.cursor ?? null),
  );

  app.get<{ Querystring: UnreadableQuery }>(
    '/unreadable',
    {
      schema: {
        operationId: 'listUnreadable',
        summary: 'List the records that nobody can read',
        description:
          'They were damaged, or written by something else, and are set aside: no jobs, definitions, entries of the journal, settings of queues or nodes any more, and in nobody’s way.',
        tags,
        querystring: UnreadableQuery,
        response: answers({
          200: { description: 'A page of them: jobs by id, then the others by name.', schema: Type.Ref('UnreadableList') },
        }),
      },
    },
    async (request) => {
      const { from = null, limit = usualLimit } = request.query;
      const { total, records, next } = await upkeep.unreadable(from, limit);
      return { total, records: records.map(({ id, at, reason }) => ({ id, at: new Date(at).toISOString(), reason })), next };
    },
  );

  oneRecord(app, upkeep);
}

/** What nobody can read, one by one. */
function oneRecord(app: FastifyInstance, upkeep: Api['upkeep']): void {
  app.get<{ Params: UnreadableParams }>(
    '/unreadable/:id',
    {
      config: { turn: 'record' },
      schema: {
        operationId: 'getUnreadable',
        summary: 'Get what is left of a record that nobody can read',
        description: 'As the store had it, secrets with it.',
        tags,
        params: UnreadableParams,
        querystring: NoQuery,
        response: answers({ 200: { description: 'The record.', schema: Type.Ref('Unreadable') } }, ['not_found']),
      },
    },
    async (request) => {
      const { id } = request.params;
      const record = await upkeep.raw(id);
      if (record === null) throw notFound(id);
      return { ...record, at: new Date(record.at).toISOString() };
    },
  );

  app.delete<{ Params: UnreadableParams }>(
    '/unreadable/:id',
    {
      schema: {
        operationId: 'deleteUnreadable',
        summary: 'Delete a record that nobody can read',
        description: 'For good. What it was goes on without it.',
        tags,
        params: UnreadableParams,
        querystring: NoQuery,
        response: answers({ 204: { description: 'It is gone.' } }, ['not_found', ...change]),
      },
    },
    async (request, reply) => {
      if (!(await upkeep.discard(request.params.id))) throw notFound(request.params.id);
      return reply.code(204).send();
    },
  );
}

const notFound = (id: UnreadableId): HatstandError =>
  new HatstandError(
    'not_found',
    `There is no record ${JSON.stringify(id)} that cannot be read. GET /v1/unreadable lists those that there are.`,
    { id },
  );
