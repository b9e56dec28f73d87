/** Triggers: what pushes jobs by itself. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { elsewhereHolder } from '../../../core/elsewhere.ts';
import { HatstandError } from '../../../core/errors.ts';
import type { NewJob } from '../../../core/job.ts';
import type { Preview } from '../../../core/schedule/preview.ts';
import { parseTime } from '../../../core/time.ts';
import type { TriggerRef } from '../../../core/trigger.ts';
import type { Api } from '../../../engine/api/api.ts';
import type { TriggerRecord } from '../../../engine/api/trigger-record.ts';
import { derivedKey, keyedJob } from '../keyed-job.ts';
import { inTurn } from '../long-work.ts';
import { bodyJson, checkDepth, refuseRepeatedIn } from './body.ts';
import { proofOf } from './capability.ts';
import { readPlace, writePlace } from './cursor.ts';
import { ttlOf } from './elsewhere-routes.ts';
import { jobJson, withMembers } from './job-json.ts';
import type { PushLimits } from './job-request.ts';
import type { JsonText } from './json-text.ts';
import * as described from './trigger-descriptions.ts';
import { triggerHistoryRoute } from './trigger-history.ts';
import { triggerJson } from './trigger-json.ts';
import { explainTrigger, explainType, newTriggerOf, triggerChangeOf } from './trigger-request.ts';
import {
  TriggerAdd,
  type TriggerBackfill,
  TriggerChange,
  TriggerLaunch,
  type TriggerListQuery,
  type TriggerNextQuery,
  type TriggerParams,
  TriggerPause,
  TriggerPreviewAsked,
  type TriggerQuery,
  TriggerSkip,
} from './trigger-schemas.ts';
import { compileAddressCheck, makeCheck } from './validation.ts';

const json = 'application/json; charset=utf-8';
const pageLimit = 50;
const checkAdd = makeCheck(TriggerAdd, 'a trigger', explainTrigger);
const checkPreview = makeCheck(TriggerPreviewAsked, 'a preview', explainType);
const checkChange = makeCheck(TriggerChange, 'a change of a trigger');
const checkLaunch = makeCheck(TriggerLaunch, 'a launch');
const checkPause = makeCheck(TriggerPause, 'a pause');
const checkSkip = makeCheck(TriggerSkip, 'what is to be skipped');

type Addressed = FastifyRequest<{ Params: TriggerParams; Querystring: TriggerQuery }>;

const refOf = ({ params, query }: Addressed): TriggerRef => ({ domain: query.domain ?? '', id: params.id });

export function triggerRoutes(app: FastifyInstance, api: Api, limits: PushLimits): void {
  const { triggers } = api;
  const { admit } = limits;

  const shown = async (record: TriggerRecord): Promise<string> =>
    triggerJson(record, await api.serving.of([record.trigger.job]), api.system.now());

  async function answer(record: TriggerRecord | null, ref: TriggerRef, reply: FastifyReply): Promise<string> {
    reply.type(json);
    return shown(record ?? missing(ref));
  }

  app.get<{ Querystring: TriggerListQuery }>(
    '/triggers',
    { config: { turn: 'record' }, schema: described.list },
    async ({ query: { domain = null, limit = pageLimit, cursor } }, reply) => {
      const page = await triggers.list(domain, cursor === undefined ? null : readPlace(cursor), limit);
      const isServed = await api.serving.of(page.triggers.map(({ trigger }) => trigger.job));
      const now = api.system.now();
      const texts: string[] = [];
      // One that skips many ticks, or in a zone that was never asked about, takes its time.
      for (const record of page.triggers) texts.push(await inTurn(() => triggerJson(record, isServed, now)));
      const next = page.next === null ? null : writePlace(page.next);
      return reply.type(json).send(`{"triggers":[${texts.join(',')}],"next":${JSON.stringify(next)}}`);
    },
  );

  app.post(
    '/triggers',
    { config: { stayText: ['message'] }, validatorCompiler: compileAddressCheck, schema: described.add },
    async (request, reply) => {
      const sent = sentJson(request);
      const asked = checkAdd(sent.value);
      const ref = { domain: asked.domain ?? '', id: asked.id ?? triggers.newId() };
      const record = await triggers.add(ref, newTriggerOf(asked, sent, limits), admit);
      const address = `${app.prefix}/triggers/${ref.id}${ref.domain === '' ? '' : `?domain=${ref.domain}`}`;
      reply.code(201).header('location', address).header('x-hatstand-durability', api.system.durability.profile);
      return answer(record, ref, reply);
    },
  );

  const previewing = { validatorCompiler: compileAddressCheck, schema: described.preview };
  app.post('/triggers/preview', previewing, async (request) => {
    const asked = checkPreview(sentJson(request).value);
    const from = asked.from === undefined ? null : parseTime(asked.from, 'from');
    return previewJson(triggers.preview({ ...asked, from, count: asked.count ?? 5 }));
  });

  app.get('/triggers/:id', { config: { turn: 'record' }, schema: described.get }, async (request: Addressed, reply) =>
    answer(await triggers.get(refOf(request)), refOf(request), reply),
  );

  app.patch(
    '/triggers/:id',
    {
      config: { stayText: ['message'] },
      validatorCompiler: compileAddressCheck,
      schema: described.changed,
    },
    async (request: Addressed, reply) => {
      const sent = sentJson(request);
      const asked = checkChange(sent.value);
      const ref = refOf(request);
      return answer(await triggers.change(ref, triggerChangeOf(asked, sent, limits), admit), ref, reply);
    },
  );

  app.delete(
    '/triggers/:id',
    {
      schema: described.remove,
    },
    async (request: Addressed, reply) => {
      if (!(await triggers.remove(refOf(request)))) missing(refOf(request));
      return reply.code(204).send();
    },
  );

  verbRoutes(app, api, limits, answer);
  triggerHistoryRoute(app, api, missing);
}

const previewJson = ({ next, notes }: Preview): object => ({ next: next.map((millis) => new Date(millis).toISOString()), notes });

type Answer = (record: TriggerRecord | null, ref: TriggerRef, reply: FastifyReply) => Promise<string>;

/** What is done with a trigger that is there. */
function verbRoutes(app: FastifyInstance, api: Api, { admit }: PushLimits, answer: Answer): void {
  const { triggers } = api;

  app.post(
    '/triggers/:id/pause',
    {
      validatorCompiler: compileAddressCheck,
      schema: described.pause,
    },
    async (request: Addressed, reply) => {
      const { until } = checkPause(valueIn(request));
      const record = await triggers.pause(refOf(request), until == null ? null : parseTime(until, 'until'));
      return answer(record, refOf(request), reply);
    },
  );

  app.post(
    '/triggers/:id/resume',
    {
      schema: described.resume,
    },
    async (request: Addressed, reply) => answer(await triggers.resume(refOf(request)), refOf(request), reply),
  );

  app.post(
    '/triggers/:id/skip',
    {
      validatorCompiler: compileAddressCheck,
      schema: described.skip,
    },
    async (request: Addressed, reply) =>
      answer(await triggers.skip(refOf(request), checkSkip(valueIn(request)).count ?? 1), refOf(request), reply),
  );

  app.get<{ Params: TriggerParams; Querystring: TriggerNextQuery }>(
    '/triggers/:id/next',
    {
      schema: described.next,
    },
    async (request) => {
      const record = (await triggers.get(refOf(request))) ?? missing(refOf(request));
      return previewJson(triggers.next(record, request.query.count ?? 5));
    },
  );

  app.post<{ Params: TriggerParams; Querystring: TriggerQuery; Body: TriggerBackfill }>(
    '/triggers/:id/backfill',
    {
      schema: described.backfill,
    },
    async (request) => {
      const { from, to } = request.body;
      const record = (await triggers.get(refOf(request))) ?? missing(refOf(request));
      const span = {
        from: parseTime(from, 'from'),
        to: to === undefined ? Number.POSITIVE_INFINITY : parseTime(to, 'to'),
        keyed: (job: NewJob, name: string) => keyedJob(job, derivedKey('backfill', name)),
      };
      const { jobs, replayed } = await triggers.backfill(record, span, admit);
      return { jobs, pushed: jobs.length - replayed, replayed };
    },
  );

  app.post(
    '/triggers/:id/launch',
    {
      validatorCompiler: compileAddressCheck,
      schema: described.launch,
    },
    async (request: Addressed, reply) => {
      const { payload, holder = 'client', attemptTtl } = launchIn(bodyJson(request));
      const hold = { holder: elsewhereHolder(holder), attemptTtl: ttlOf(attemptTtl) };
      const job = await triggers.launch(refOf(request), payload, hold, admit);
      if (job === null) return missing(refOf(request));
      const isHeld = job.state === 'running' && job.holder === hold.holder;
      const proof = isHeld ? proofOf(await api.attempts.key(false), job, holder) : null;
      reply.code(201).header('location', `${app.prefix}/jobs/${job.id}`).header('x-hatstand-durability', api.system.durability.profile);
      return reply.type(json).send(withMembers(jobJson(job, await api.serving.of([job])), `"proof":${JSON.stringify(proof)}`));
    },
  );
}

function missing({ domain, id }: TriggerRef): never {
  const where = domain === '' ? '' : ` of the domain ${JSON.stringify(domain)}`;
  throw new HatstandError('not_found', `There is no trigger ${JSON.stringify(id)}${where}. One that fires once is gone when it has.`, {
    trigger: id,
  });
}

function sentJson(request: FastifyRequest): JsonText {
  const sent = bodyJson(request);
  if (sent === null) throw new HatstandError('invalid_request', 'A trigger is described by a JSON object, and there came no body.');
  checkDepth(sent);
  return sent;
}

/** Of a body that may be left out. */
function valueIn(request: FastifyRequest): unknown {
  const sent = bodyJson(request);
  if (sent === null) return {};
  refuseRepeatedIn(sent);
  return sent.value;
}

/** With the payload exactly as it came; `null`: none was given. */
function launchIn(sent: JsonText | null): Omit<TriggerLaunch, 'payload'> & { readonly payload: string | null } {
  if (sent === null) return { payload: null };
  checkDepth(sent);
  const asked = checkLaunch(sent.value);
  refuseRepeatedIn(sent);
  return { ...asked, payload: sent.member('payload') };
}
