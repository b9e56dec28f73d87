/** Examining the store, and what it cannot read. */
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { HatstandError } from '../../../core/errors.ts';
import type { Api } from '../../../engine/api/api.ts';
import { ExamineQuery, UnreadableQuery } from './node-schemas.ts';
import { answers, change } from './openapi.ts';
import { IdParams, NoQuery } from './schemas.ts';

const tags = ['system'];
/** On a page, unless asked otherwise. */
const usualLimit = 100;

export function upkeepRoutes(app: FastifyInstance, { upkeep, jobs }: Api): void {
  app.post<{ Querystring: ExamineQuery }>(
    '/doctor',
    {
      schema: {
        operationId: 'examineStore',
        summary: 'Compare indexes and counters with the records, repair them, and read all jobs',
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
        description: 'They were damaged, or written by something else, and are set aside: no jobs any more, and in nobody’s way.',
        tags,
        querystring: UnreadableQuery,
        response: answers({ 200: { description: 'A page of them, by id.', schema: Type.Ref('UnreadableList') } }),
      },
    },
    async (request) => {
      const { from = null, limit = usualLimit } = request.query;
      const { total, records, next } = await upkeep.unreadable(from, limit);
      return { total, records: records.map(({ id, at, reason }) => ({ id, at: new Date(at).toISOString(), reason })), next };
    },
  );

  app.get<{ Params: IdParams }>(
    '/unreadable/:id',
    {
      schema: {
        operationId: 'getUnreadable',
        summary: 'Get what is left of a record that nobody can read',
        description: 'As the store had it, secrets with it. `DELETE /v1/jobs/{id}` removes it.',
        tags,
        params: IdParams,
        querystring: NoQuery,
        response: answers({ 200: { description: 'The record.', schema: Type.Ref('Unreadable') } }, ['not_found']),
      },
    },
    async (request) => {
      const { id } = request.params;
      const record = await jobs.unreadable(id);
      if (record !== null) return { ...record, at: new Date(record.at).toISOString() };
      throw new HatstandError('not_found', `There is no record ${id} that cannot be read. GET /v1/unreadable lists those that there are.`, {
        job: id,
      });
    },
  );
}
