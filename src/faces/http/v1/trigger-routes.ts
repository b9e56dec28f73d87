/** Triggers: what pushes jobs by itself. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { HatstandError } from '../../../core/errors.ts';
import { type Preview, preview } from '../../../core/schedule/preview.ts';
import { parseSchedule } from '../../../core/schedule/schedule.ts';
import { parseTime } from '../../../core/time.ts';
import type { TriggerRef } from '../../../core/trigger.ts';
import type { Api } from '../../../engine/api/api.ts';
import type { TriggerRecord } from '../../../engine/api/triggers.ts';
import { keyedJob } from '../keyed-job.ts';
import { bodyJson, checkDepth, refuseRepeatedIn } from './body.ts';
import { readPlace, writePlace } from './cursor.ts';
import { jobJson } from './job-json.ts';
import type { PushLimits } from './job-request.ts';
import type { JsonText } from './json-text.ts';
import { answers, body, change } from './openapi.ts';
import { NoQuery } from './schemas.ts';
import { triggerJson } from './trigger-json.ts';
import { explainTrigger, newTriggerOf, triggerChangeOf } from './trigger-request.ts';
import {
  TriggerAdd,
  TriggerBackfill,
  TriggerChange,
  TriggerLaunch,
  TriggerListQuery,
  TriggerNextQuery,
  TriggerParams,
  TriggerPause,
  TriggerPreviewAsked,
  TriggerQuery,
  TriggerSkip,
} from './trigger-schemas.ts';
import { compileAddressCheck, makeCheck } from './validation.ts';

const tags = ['triggers'];
const json = 'application/json; charset=utf-8';
const pageLimit = 50;
const one = { 200: { description: 'The trigger.', schema: Type.Ref('Trigger') } };
const none = ['not_found', 'unreadable'] as const;
const malformed = ['malformed_trigger', 'unknown_trigger'] as const;

const checkAdd = makeCheck(TriggerAdd, 'a trigger', explainTrigger);
const checkChange = makeCheck(TriggerChange, 'a change of a trigger');
const checkLaunch = makeCheck(TriggerLaunch, 'a launch');
const checkPause = makeCheck(TriggerPause, 'a pause');
const checkSkip = makeCheck(TriggerSkip, 'what is to be skipped');

type Addressed = FastifyRequest<{ Params: TriggerParams; Querystring: TriggerQuery }>;

const refOf = ({ params, query }: Addressed): TriggerRef => ({ domain: query.domain ?? '', id: params.id });

export function triggerRoutes(app: FastifyInstance, api: Api, limits: PushLimits): void {
  const { triggers } = api;

  const shown = async (record: TriggerRecord): Promise<string> =>
    triggerJson(record, await api.serving.of([record.trigger.job]), api.system.now());

  async function answer(record: TriggerRecord | null, ref: TriggerRef, reply: FastifyReply): Promise<string> {
    reply.type(json);
    return shown(record ?? missing(ref));
  }

  app.get<{ Querystring: TriggerListQuery }>(
    '/triggers',
    {
      schema: {
        operationId: 'listTriggers',
        summary: 'List triggers',
        tags,
        querystring: TriggerListQuery,
        response: answers({ 200: { description: 'A page of triggers.', schema: Type.Ref('TriggerList') } }, ['invalid_cursor']),
      },
    },
    async ({ query: { domain = null, limit = pageLimit, cursor } }, reply) => {
      const page = await triggers.list(domain, cursor === undefined ? null : readPlace(cursor), limit);
      const texts = await Promise.all(page.triggers.map(shown));
      const next = page.next === null ? null : writePlace(page.next);
      return reply.type(json).send(`{"triggers":[${texts.join(',')}],"next":${JSON.stringify(next)}}`);
    },
  );

  app.post('/triggers', { validatorCompiler: compileAddressCheck, schema: addSchema }, async (request, reply) => {
    const sent = sentJson(request);
    const asked = checkAdd(sent.value);
    const ref = { domain: asked.domain ?? '', id: asked.id ?? triggers.newId() };
    const record = await triggers.add(ref, newTriggerOf(asked, sent, limits));
    const address = `${app.prefix}/triggers/${ref.id}${ref.domain === '' ? '' : `?domain=${ref.domain}`}`;
    reply.code(201).header('location', address).header('x-hatstand-durability', api.system.durability.profile);
    return answer(record, ref, reply);
  });

  app.post<{ Body: TriggerPreviewAsked }>('/triggers/preview', { schema: previewSchema }, async ({ body: asked }) => {
    const now = api.system.now();
    const from = asked.from === undefined ? now : parseTime(asked.from, 'from');
    const { timeZone, daylight } = asked;
    const schedule = parseSchedule(asked.type, asked.arguments ?? '', { timeZone: timeZone ?? undefined, daylight, now, identity: '' });
    return previewJson(preview(schedule, from, asked.count ?? 5));
  });

  const common = { tags, params: TriggerParams, querystring: TriggerQuery };
  app.get(
    '/triggers/:id',
    { schema: { operationId: 'getTrigger', summary: 'Get a trigger', ...common, response: answers(one, none) } },
    async (request: Addressed, reply) => answer(await triggers.get(refOf(request)), refOf(request), reply),
  );

  app.patch(
    '/triggers/:id',
    {
      validatorCompiler: compileAddressCheck,
      schema: {
        operationId: 'changeTrigger',
        summary: 'Change a trigger',
        description: 'Changes what is named. With other arguments, another time zone or another daylight it counts anew from now on.',
        ...common,
        body: Type.Ref('TriggerChange'),
        response: answers(one, [...none, ...malformed, 'conflict', ...body, ...change]),
      },
    },
    async (request: Addressed, reply) => {
      const sent = sentJson(request);
      const asked = checkChange(sent.value);
      return answer(await triggers.change(refOf(request), triggerChangeOf(asked, sent, limits)), refOf(request), reply);
    },
  );

  app.delete(
    '/triggers/:id',
    {
      schema: {
        operationId: 'deleteTrigger',
        summary: 'Delete a trigger',
        description: 'Its jobs stay. What it has gathered and not pushed yet goes.',
        ...common,
        response: answers({ 204: { description: 'It is gone.' } }, ['not_found', 'conflict', ...change]),
      },
    },
    async (request: Addressed, reply) => {
      if (!(await triggers.remove(refOf(request)))) missing(refOf(request));
      return reply.code(204).send();
    },
  );

  app.post(
    '/triggers/:id/pause',
    {
      validatorCompiler: compileAddressCheck,
      schema: {
        operationId: 'pauseTrigger',
        summary: 'Pause a trigger: it pushes nothing, what it has pushed goes on',
        ...common,
        body: Type.Ref('TriggerPause'),
        response: answers(one, [...none, 'conflict', ...body, ...change]),
      },
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
      schema: {
        operationId: 'resumeTrigger',
        summary: 'Resume a trigger that is paused or bad',
        description: 'Ticks of the meantime do not run.',
        ...common,
        response: answers(one, [...none, 'conflict', ...change]),
      },
    },
    async (request: Addressed, reply) => answer(await triggers.resume(refOf(request)), refOf(request), reply),
  );

  app.post(
    '/triggers/:id/skip',
    {
      validatorCompiler: compileAddressCheck,
      schema: {
        operationId: 'skipTrigger',
        summary: 'Leave out the next ticks of a trigger',
        ...common,
        body: Type.Ref('TriggerSkip'),
        response: answers(one, [...none, 'conflict', ...body, ...change]),
      },
    },
    async (request: Addressed, reply) =>
      answer(await triggers.skip(refOf(request), checkSkip(valueIn(request)).count ?? 1), refOf(request), reply),
  );

  app.get<{ Params: TriggerParams; Querystring: TriggerNextQuery }>(
    '/triggers/:id/next',
    {
      schema: {
        operationId: 'nextOfTrigger',
        summary: 'Tell when a trigger fires next',
        tags,
        params: TriggerParams,
        querystring: TriggerNextQuery,
        response: answers({ 200: { description: 'Its next runs.', schema: Type.Ref('TriggerPreview') } }, none),
      },
    },
    async (request) => {
      const record = (await triggers.get(refOf(request))) ?? missing(refOf(request));
      return previewJson(triggers.next(record, request.query.count ?? 5));
    },
  );

  app.post<{ Params: TriggerParams; Querystring: TriggerQuery; Body: TriggerBackfill }>(
    '/triggers/:id/backfill',
    {
      schema: {
        operationId: 'backfillTrigger',
        summary: 'Push a job for each tick of a span of the past',
        description:
          'At most 1,000 jobs. What was pushed for these ticks when they were due does not count; a span that is filled again pushes none of its jobs again.',
        ...common,
        body: TriggerBackfill,
        response: answers({ 200: { description: 'The jobs, oldest tick first.', schema: Type.Ref('TriggerBackfilled') } }, [
          ...([...none, 'store_full', 'key_reused'] as const),
          ...body,
          ...change,
        ]),
      },
    },
    async (request) => {
      const { from, to } = request.body;
      const record = (await triggers.get(refOf(request))) ?? missing(refOf(request));
      const pushed = await triggers.backfill(record, {
        from: parseTime(from, 'from'),
        to: to === undefined ? Number.POSITIVE_INFINITY : parseTime(to, 'to'),
        keyed: keyedJob,
      });
      const ids = pushed.map((each) => (each.kind === 'conflict' ? each.id : each.job.id));
      const replayed = pushed.filter(({ kind }) => kind !== 'pushed').length;
      return { jobs: ids, pushed: ids.length - replayed, replayed };
    },
  );

  app.post(
    '/triggers/:id/launch',
    {
      validatorCompiler: compileAddressCheck,
      schema: {
        operationId: 'launchTrigger',
        summary: 'Push a job of a trigger now',
        description: 'As asked for by a person (`manual`), also while it is paused, whatever its overlap says.',
        ...common,
        body: Type.Ref('TriggerLaunch'),
        response: answers({ 201: { description: 'The job.', schema: Type.Ref('Job') } }, [...none, 'store_full', ...body, ...change]),
      },
    },
    async (request: Addressed, reply) => {
      const job = await triggers.launch(refOf(request), payloadIn(bodyJson(request)));
      if (job === null) return missing(refOf(request));
      reply.code(201).header('location', `${app.prefix}/jobs/${job.id}`).header('x-hatstand-durability', api.system.durability.profile);
      return reply.type(json).send(jobJson(job, await api.serving.of([job])));
    },
  );
}

const previewJson = ({ next, notes }: Preview): object => ({ next: next.map((millis) => new Date(millis).toISOString()), notes });

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

/** Exactly as it came; `null`: none was given. */
function payloadIn(sent: JsonText | null): string | null {
  if (sent === null) return null;
  checkDepth(sent);
  checkLaunch(sent.value);
  refuseRepeatedIn(sent);
  let payload: string | null = null;
  sent.eachMember((key, { start, end }) => {
    if (key === 'payload') payload = sent.text.slice(start, end);
  });
  return payload;
}

const addSchema = {
  operationId: 'addTrigger',
  summary: 'Add a trigger',
  description:
    'Its jobs are HTTP jobs, POSTed to `url`, or those of a `worker`. A worker that nobody serves yet is no fault: its jobs wait.',
  tags,
  querystring: NoQuery,
  body: Type.Ref('TriggerAdd'),
  response: answers({ 201: { description: 'The trigger, kept. `Location` is its address.', schema: Type.Ref('Trigger') } }, [
    ...malformed,
    'conflict',
    'store_full',
    ...body,
    ...change,
  ]),
};

const previewSchema = {
  operationId: 'previewTrigger',
  summary: 'Tell when a trigger would fire',
  description: 'Of types that fire by the clock. Nothing is kept.',
  tags,
  querystring: NoQuery,
  body: TriggerPreviewAsked,
  response: answers({ 200: { description: 'Its next runs.', schema: Type.Ref('TriggerPreview') } }, [...malformed, ...body]),
};
