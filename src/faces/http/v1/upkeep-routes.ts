/** Examining the store. */
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Api } from '../../../engine/api/api.ts';
import { ExamineQuery } from './node-schemas.ts';
import { answers, change } from './openapi.ts';

export function upkeepRoutes(app: FastifyInstance, { upkeep }: Api): void {
  app.post<{ Querystring: ExamineQuery }>(
    '/doctor',
    {
      schema: {
        operationId: 'examineStore',
        summary: 'Compare indexes and counters with the records, and repair them',
        description: 'Looks for about a second. Ask again with `next` as the cursor until that is null.',
        tags: ['system'],
        querystring: ExamineQuery,
        response: answers({ 200: { description: 'What was found.', schema: Type.Ref('Examined') } }, change),
      },
    },
    (request) => upkeep.examine(request.query.cursor ?? null),
  );
}
