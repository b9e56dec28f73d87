/** The numbers of the whole store and of this process. */
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { jobStates } from '../../../core/job.ts';
import type { Api } from '../../../engine/api/api.ts';
import { answers } from './openapi.ts';
import { NoQuery } from './schemas.ts';
import { unservedLines, waiting } from './unserved.ts';

export function statsRoutes(app: FastifyInstance, api: Api): void {
  const response = answers({ 200: { description: 'The numbers.', schema: Type.Ref('Stats') } });
  const schema = {
    operationId: 'getStats',
    summary: 'Count jobs and tell what this server is',
    tags: ['system'],
    querystring: NoQuery,
    response,
  };
  app.get('/stats', { schema }, async () => {
    const counts = await api.jobs.count();
    const jobs = Object.fromEntries(jobStates.map((state) => [state, sum(counts.map((each) => each.counts[state]))]));
    const { build, durability, running } = api.system;
    return {
      jobs,
      lines: counts.map(({ queue, worker, counts: line }) => ({ queue, worker, jobs: line })).sort(byQueueAndWorker),
      total: sum(Object.values(jobs)),
      running: running(),
      unreadable: await api.system.unreadable(),
      unserved: sum((await unservedLines(api, counts)).map(waiting)),
      queues: new Set(counts.map(({ queue }) => queue)).size,
      durability: durability.profile,
      survives: durability.survives,
      version: build.version,
      commit: build.commit,
    };
  });
}

type Line = Readonly<Record<'queue' | 'worker', string>>;
const byQueueAndWorker = (a: Line, b: Line): number => compare(a.queue, b.queue) || compare(a.worker, b.worker);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
