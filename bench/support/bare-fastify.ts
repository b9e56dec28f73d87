/** A Fastify route that checks a push and answers a job by the same schemas, and keeps nothing. */
import fastify from 'fastify';
import { Job, Push } from '../../src/faces/http/v1/schemas.ts';
import { compileCheck } from '../../src/faces/http/v1/validation.ts';
import { contestant } from './contestant.ts';

const app = fastify();
app.setValidatorCompiler(compileCheck);
const now = '2026-01-31T12:00:00.000Z';
const fixed = {
  ...{ id: '942130478012362752', state: 'queued', reason: '', worker: 'http', queue: 'default', domain: '', comment: '', headers: {} },
  ...{ priority: 0, manual: false, rules: 'v1', run: 1, attempt: 0, attempts: 20, lost: 0, timeout: '30s', onLost: 'retry' },
  ...{ retry: { attempts: 20, backoff: '1s', maxBackoff: '1h' }, createdAt: now, dueAt: now, startedAt: null, endedAt: null },
  ...{ statusCode: null, error: '', cause: null, fence: '0', holder: '', output: '', outputCut: false, unserved: false },
};
app.post<{ Body: Push }>('/v1/jobs', { schema: { body: Push, response: { 201: Job } } }, async (request, reply) => {
  const { name, url, payload } = request.body;
  return reply.code(201).send({ ...fixed, name, url, payload });
});
const address = await app.listen({ host: '127.0.0.1', port: 0 });

await contestant(() => Promise.resolve({ address: () => Promise.resolve(address) }));
