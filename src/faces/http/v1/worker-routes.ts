/** The workers of the cluster. */
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Api } from '../../../engine/api/api.ts';
import { answers } from './openapi.ts';
import { NoQuery } from './schemas.ts';

const schema = {
  operationId: 'listWorkers',
  summary: 'List workers: where they run, how many jobs at once, and what waits for them',
  tags: ['nodes'],
  querystring: NoQuery,
  response: answers({ 200: { description: 'The workers.', schema: Type.Ref('WorkerList') } }),
};

export function workerRoutes(app: FastifyInstance, { nodes }: Api): void {
  app.get('/workers', { schema }, async () => {
    const { workers, untold } = await nodes.workers();
    return { workers: workers.map(({ name, isActive, ...rest }) => ({ name, active: isActive, ...rest })), untold };
  });
}
