/** POST /jobs: one job, or many as an array or NDJSON. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { HatstandError } from '../../../core/errors.ts';
import type { Api } from '../../../engine/api/api.ts';
import { bodyJson, checkDepth } from './body.ts';
import { headerKey, keyReused } from './idempotency.ts';
import { pushedJobJson } from './job-json.ts';
import { explainPush, type PushLimits, pushedJob } from './job-request.ts';
import { ManyTexts } from './many.ts';
import { answers, change, body as requestBody, toldPushes } from './openapi.ts';
import { pushMany, type ReadJob } from './push-many.ts';
import { IdempotencyKey, NoQuery, Push } from './schemas.ts';
import { compileAddressCheck, makeCheck } from './validation.ts';

export const checkPush = makeCheck(Push, 'a job', explainPush);
/** Room for many jobs in one request, above the largest payload. */
const leastBody = 16 * 1024 * 1024;
const roomForFields = 1024 * 1024;
/** Bytes of a request that pushes. */
export const pushBody = ({ payloadBytes }: Pick<PushLimits, 'payloadBytes'>): number => Math.max(leastBody, payloadBytes + roomForFields);

const json = 'application/json; charset=utf-8';

export function pushRoutes(app: FastifyInstance, api: Api, limits: PushLimits): void {
  const readJob: ReadJob = (json, key) => {
    if (json !== null) checkDepth(json);
    return pushedJob(checkPush(json?.value), json, key, limits);
  };

  async function pushOne(request: FastifyRequest, reply: FastifyReply): Promise<string> {
    const asked = readJob(bodyJson(request), headerKey(request.headers['idempotency-key']));
    const job = limits.admit === undefined ? asked : await limits.admit(asked);
    const [[pushed], isServed] = await Promise.all([api.jobs.push([job]), api.serving.of([job])]);
    if (pushed === undefined) throw new Error('the push of one job was not answered');
    if (pushed.kind === 'refused') throw pushed.error;
    if (pushed.kind === 'conflict') throw keyReused(job, pushed.id);
    const { kind } = pushed;
    if (kind === 'replayed') reply.header('idempotent-replayed', 'true');
    reply.code(kind === 'pushed' ? 201 : 200).header('location', `${app.prefix}/jobs/${pushed.job.id}`);
    return pushedJobJson(pushed.job, kind, isServed);
  }

  async function pushEach(request: FastifyRequest, { kind, texts }: ManyTexts): Promise<string> {
    refuseSharedKey(request);
    const values =
      kind === 'elements'
        ? texts.map((text) => ({ text, line: null }))
        : texts.map((text, at) => ({ text, line: at + 1 })).filter(({ text }) => text.trim() !== '');
    return JSON.stringify(await pushMany(api, values, readJob, limits.admit));
  }

  app.post(
    '/jobs',
    {
      bodyLimit: pushBody(limits),
      config: { readsInTurn: true },
      // Each value is checked on its own, so that a bad one does not stop the others of its request.
      validatorCompiler: compileAddressCheck,
      schema: pushSchema,
    },
    async (request, reply) => {
      const { body } = request;
      const pushed = body instanceof ManyTexts ? await pushEach(request, body) : await pushOne(request, reply);
      // Only what is kept is kept so far.
      reply.type(json).header('x-hatstand-durability', api.system.durability.profile);
      return pushed;
    },
  );
}

function refuseSharedKey(request: FastifyRequest): void {
  if (request.headers['idempotency-key'] === undefined) return;
  throw new HatstandError('invalid_request', 'An Idempotency-Key header is for a single job; give each job its own idempotencyKey.', {
    field: 'Idempotency-Key',
  });
}

const pushSchema = {
  operationId: 'pushJobs',
  summary: 'Push one job or many',
  description:
    'A 2xx means that the jobs are kept, as far as the header X-Hatstand-Durability says. An array or NDJSON (one job per line, at most 10,000, and 20,000 lines with blank ones) is answered value by value: a bad one does not stop the others. So a 200 for many may hold refusals: look at `failed`. When none of them is kept, the answer is a refusal, of the code that all of them have or else `invalid_request`, and tells each as `jobs`, `pushed` and `failed` do in a 200.',
  tags: ['jobs'],
  headers: Type.Object({
    'idempotency-key': Type.Optional({ ...IdempotencyKey, description: 'For a single job: the same as its idempotencyKey.' }),
  }),
  querystring: NoQuery,
  body: {
    content: {
      'application/json': { schema: Type.Union([Type.Ref('Push'), Type.Array(Type.Ref('Push'), { maxItems: 10_000 })]) },
      'application/x-ndjson': { schema: Type.String({ description: 'One Push per line.' }) },
    },
  },
  response: answers(
    {
      201: { description: 'One job, kept. `Location` is its address.', schema: Type.Ref('PushedJob') },
      200: {
        description:
          'Many jobs, or one that was there before: its idempotency key had made it (`Idempotent-Replayed: true`), or it is unique (`kind`).',
        schema: Type.Union([Type.Ref('PushedMany'), Type.Ref('PushedJob')]),
      },
    },
    ['unknown_worker', 'message_missing', 'message_invalid', 'key_reused', ...toldPushes, ...requestBody, ...change],
  ),
};
