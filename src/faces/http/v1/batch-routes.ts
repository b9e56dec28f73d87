/** Batches: jobs that belong together, and what is pushed when all of them have ended. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { BatchRef } from '../../../core/batch.ts';
import { HatstandError } from '../../../core/errors.ts';
import { jobLimits } from '../../../core/new-job.ts';
import type { Api } from '../../../engine/api/api.ts';
import type { PushedCallback } from '../../../engine/api/batches.ts';
import type { BatchRecord } from '../../../engine/api/kept-batches.ts';
import { type AskedJob, keyedJobs, withDigest } from '../keyed-batch.ts';
import * as described from './batch-descriptions.ts';
import { addedJson, batchJson } from './batch-json.ts';
import { batchTexts, callbacksIn, jobsIn } from './batch-request.ts';
import { BatchHead, type BatchListQuery, type BatchParams, BatchPushHead, type BatchQuery } from './batch-schemas.ts';
import { bodyJson } from './body.ts';
import { readPlace, writePlace } from './cursor.ts';
import type { PushLimits } from './job-request.ts';
import { type JsonText, tooDeep } from './json-text.ts';
import { pushBody } from './push-routes.ts';
import { compileAddressCheck, makeCheck } from './validation.ts';

const pageLimit = 50;
const checkAdd = makeCheck(BatchHead, 'a batch');
const checkPush = makeCheck(BatchPushHead, 'jobs for a batch');

type Addressed = FastifyRequest<{ Params: BatchParams; Querystring: BatchQuery }>;

const refOf = ({ params, query }: Addressed): BatchRef => ({ domain: query.domain ?? '', id: params.id });

export function batchRoutes(app: FastifyInstance, api: Api, limits: PushLimits): void {
  const { batches } = api;
  const sending = {
    bodyLimit: pushBody(limits),
    config: { stayText: batchTexts, turn: 'many' as const },
    validatorCompiler: compileAddressCheck,
  };

  /** Only one that has ended has any. */
  const callbacksOf = async (record: BatchRecord): Promise<readonly PushedCallback[]> =>
    record.state.endedAt === null ? [] : batches.callbacks(record);

  /** Workers of the jobs that were sent, as far as these are kept. Of a batch that has ended none waits. */
  async function unservedOf({ state }: BatchRecord, jobs: readonly AskedJob[]): Promise<readonly string[]> {
    if (state.endedAt !== null) return [];
    const lines = jobs.flatMap(({ job }) => job ?? []);
    const isServed = await api.serving.of(lines);
    return [...new Set(lines.flatMap((job) => (isServed(job) ? [] : job.worker)))];
  }

  async function shown(record: BatchRecord | null, ref: BatchRef): Promise<object> {
    const there = record ?? missing(ref);
    return batchJson(there, await callbacksOf(there));
  }

  app.get<{ Querystring: BatchListQuery }>(
    '/batches',
    { config: { turn: 'record' }, schema: described.list },
    async ({ query: { domain = null, limit = pageLimit, cursor } }) => {
      const page = await batches.list(domain, cursor === undefined ? null : readPlace(cursor), limit);
      const each = page.batches.map(async (record) => batchJson(record, await callbacksOf(record)));
      return { batches: await Promise.all(each), next: page.next === null ? null : writePlace(page.next) };
    },
  );

  app.post('/batches', { ...sending, schema: described.add }, async (request, reply) => {
    const sent = sentJson(request);
    const asked = checkAdd(sent.value);
    const ref = { domain: asked.domain ?? '', id: asked.id ?? batches.newId() };
    const [jobs, on] = [await jobsIn(sent, limits), await callbacksIn(sent, limits)];
    const { record, ids, isNew } = await batches.add(ref, withDigest(ref, { jobs, on, isOpen: asked.open ?? false }));
    const sentJobs = { ids, unserved: await unservedOf(record, jobs) };
    reply.code(isNew ? 201 : 200).header('location', addressOf(app, ref));
    return kept(reply, api, addedJson(record, sentJobs, await callbacksOf(record)));
  });

  app.get('/batches/:id', { schema: described.get }, async (request: Addressed) =>
    shown(await batches.get(refOf(request)), refOf(request)),
  );

  app.post('/batches/:id/jobs', { ...sending, schema: described.push }, async (request: Addressed, reply) => {
    const sent = sentJson(request);
    const { idempotencyKey = null } = checkPush(sent.value);
    const ref = refOf(request);
    const jobs = await jobsIn(sent, limits);
    const { record, ids } = (await batches.push(ref, keyedJobs(jobs, idempotencyKey))) ?? missing(ref);
    return kept(reply, api, addedJson(record, { ids, unserved: await unservedOf(record, jobs) }, await callbacksOf(record)));
  });

  app.post('/batches/:id/seal', { schema: described.seal }, async (request: Addressed) =>
    shown(await batches.seal(refOf(request)), refOf(request)),
  );

  app.post('/batches/:id/cancel', { schema: described.cancel }, async (request: Addressed) =>
    shown((await batches.cancel(refOf(request)))?.record ?? null, refOf(request)),
  );

  app.delete('/batches/:id', { schema: described.remove }, async (request: Addressed, reply) => {
    if (!(await batches.remove(refOf(request)))) missing(refOf(request));
    return reply.code(204).send();
  });
}

const addressOf = (app: FastifyInstance, { domain, id }: BatchRef): string =>
  `${app.prefix}/batches/${id}${domain === '' ? '' : `?domain=${domain}`}`;

function kept(reply: FastifyReply, api: Api, answer: object): object {
  reply.header('x-hatstand-durability', api.system.durability.profile);
  return answer;
}

function missing({ domain, id }: BatchRef): never {
  const where = domain === '' ? '' : ` of the domain ${JSON.stringify(domain)}`;
  throw new HatstandError('not_found', `There is no batch ${JSON.stringify(id)}${where}. One that has ended goes when its jobs do.`, {
    batch: id,
  });
}

function sentJson(request: FastifyRequest): JsonText {
  const sent = bodyJson(request);
  if (sent === null) throw new HatstandError('invalid_request', 'A batch is described by a JSON object, and there came none.');
  // A job lies two levels deeper than its payload does in a push of its own.
  if (sent.nestsDeeper(jobLimits.depth + 3)) throw tooDeep();
  return sent;
}
