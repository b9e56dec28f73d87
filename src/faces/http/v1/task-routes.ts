/** Tasks: functions that nodes keep running until they end. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HatstandError } from '../../../core/errors.ts';
import type { TaskRef } from '../../../core/task.ts';
import type { Api } from '../../../engine/api/api.ts';
import type { TaskRecord } from '../../../engine/api/kept-tasks.ts';
import { writtenPage } from '../long-job.ts';
import { inTurn } from '../long-work.ts';
import { bodyJson, checkDepth } from './body.ts';
import { readPlace, writePlace } from './cursor.ts';
import type { PushLimits } from './job-request.ts';
import type { JsonText } from './json-text.ts';
import * as described from './task-descriptions.ts';
import { controlsJson, taskJson, taskSummaryJson } from './task-json.ts';
import { checkStart, mailIn, newTaskOf, placeOf, restartOf } from './task-request.ts';
import type { ControlsQuery, TaskListQuery, TaskParams, TaskQuery } from './task-schemas.ts';
import { compileAddressCheck } from './validation.ts';

const json = 'application/json; charset=utf-8';
const pageLimit = 50;
const controlsOnPage = 100;
/** Its answer may be as large as a message and a checkpoint are. */
const large = { turn: 'record' as const };

type Addressed = FastifyRequest<{ Params: TaskParams; Querystring: TaskQuery }>;

const refOf = ({ params, query }: Addressed): TaskRef => ({ domain: query.domain ?? '', id: params.id });

export function taskRoutes(app: FastifyInstance, api: Api, limits: PushLimits): void {
  const { tasks } = api;
  const { admit } = limits;

  async function answer(found: TaskRecord | null, ref: TaskRef, reply: FastifyReply): Promise<string> {
    const record = found ?? missing(ref);
    const { job, task } = record;
    const [isServed, progress] = await Promise.all([api.serving.of([task.job]), job === null ? null : api.jobs.progress(job)]);
    reply.type(json);
    return inTurn(() => taskJson(record, isServed, progress));
  }

  app.get<{ Querystring: TaskListQuery }>('/tasks', { config: large, schema: described.list }, async ({ query }, reply) => {
    const { domain = null, worker = null, limit = pageLimit, cursor } = query;
    const page = await tasks.list(domain, worker, cursor === undefined ? null : readPlace(cursor), limit);
    const isServed = await api.serving.of(page.tasks.map(({ task }) => task.job));
    const texts = await writtenPage(page.tasks, () => page.tasks.map((record) => taskSummaryJson(record, isServed)).join(','));
    const next = page.next === null ? null : writePlace(page.next);
    return reply.type(json).send(`{"tasks":[${texts}],"next":${JSON.stringify(next)}}`);
  });

  const sending = { config: { ...large, stayText: ['message'] }, validatorCompiler: compileAddressCheck };

  app.post('/tasks', { ...sending, schema: described.start }, async (request, reply) => {
    const sent = sentJson(request, 'A task');
    const asked = checkStart(sent.value);
    const ref = { domain: asked.domain ?? '', id: asked.id ?? tasks.newId() };
    const record = await tasks.start(ref, newTaskOf(asked, sent, limits), admit);
    const address = `${app.prefix}/tasks/${ref.id}${ref.domain === '' ? '' : `?domain=${ref.domain}`}`;
    reply.code(201).header('location', address).header('x-hatstand-durability', api.system.durability.profile);
    return answer(record, ref, reply);
  });

  app.get('/tasks/:id', { config: large, schema: described.get }, async (request: Addressed, reply) =>
    answer(await tasks.get(refOf(request)), refOf(request), reply),
  );

  app.delete('/tasks/:id', { schema: described.remove }, async (request: Addressed, reply) => {
    if (!(await tasks.remove(refOf(request)))) missing(refOf(request));
    return reply.code(204).send();
  });

  app.post('/tasks/:id/restart', { ...sending, schema: described.restart }, async (request: Addressed, reply) => {
    const sent = bodyJson(request);
    if (sent !== null) checkDepth(sent);
    return answer(await tasks.restart(refOf(request), restartOf(sent, limits), admit), refOf(request), reply);
  });

  for (const verb of ['enable', 'disable', 'stop', 'collect'] as const) {
    app.post(`/tasks/:id/${verb}`, { config: large, schema: described.verb(verb) }, async (request: Addressed, reply) =>
      answer(await tasks[verb](refOf(request)), refOf(request), reply),
    );
  }

  app.post(
    '/tasks/:id/move',
    { config: large, validatorCompiler: compileAddressCheck, schema: described.move },
    async (request: Addressed, reply) => {
      const place = placeOf(sentJson(request, 'A move'));
      return answer(await tasks.move(refOf(request), place), refOf(request), reply);
    },
  );

  controlRoutes(app, api);
}

function controlRoutes(app: FastifyInstance, { tasks }: Api): void {
  app.post(
    '/tasks/:id/controls',
    { config: { stayText: ['data'] }, validatorCompiler: compileAddressCheck, schema: described.tell },
    async (request: Addressed, reply) => {
      const ref = refOf(request);
      const id = (await tasks.tell(ref, mailIn(sentJson(request, 'A control message')))) ?? missing(ref);
      return reply.code(202).send({ id });
    },
  );

  app.get<{ Params: TaskParams; Querystring: ControlsQuery }>(
    '/tasks/:id/controls',
    { config: large, schema: described.controls },
    async (request, reply) => {
      const { domain = '', limit = controlsOnPage, after = null } = request.query;
      const ref = { domain, id: request.params.id };
      if ((await tasks.get(ref)) === null) missing(ref);
      const page = await tasks.mail(ref, after, limit);
      reply.type(json);
      return inTurn(() => controlsJson(page));
    },
  );
}

function missing(ref: TaskRef): never {
  throw noTask(ref);
}

export function noTask({ domain, id }: TaskRef): HatstandError {
  const where = domain === '' ? '' : ` of the domain ${JSON.stringify(domain)}`;
  return new HatstandError(
    'not_found',
    `There is no task ${JSON.stringify(id)}${where}. One that has ended is gone when somebody has collected it, or with cleanEnd.`,
    { task: id },
  );
}

function sentJson(request: FastifyRequest, what: string): JsonText {
  const sent = bodyJson(request);
  if (sent === null) throw new HatstandError('invalid_request', `${what} is described by a JSON object, and there came no body.`);
  checkDepth(sent);
  return sent;
}
