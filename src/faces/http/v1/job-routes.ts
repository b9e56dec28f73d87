/** What may be done with the jobs that are there. */
import type { FastifyInstance } from 'fastify';
import { parseDuration } from '../../../core/duration.ts';
import { HatstandError } from '../../../core/errors.ts';
import { type Filter, parseFilter } from '../../../core/filter.ts';
import type { JobId } from '../../../core/id.ts';
import type { Job, JobState } from '../../../core/job.ts';
import type { Api } from '../../../engine/api/api.ts';
import type { Jobs } from '../../../engine/api/jobs.ts';
import { goneSignal, makeLeaving } from '../leaving.ts';
import { written, writtenPage } from '../long-job.ts';
import { type AttemptsQuery, mostAttempts } from './attempt-schemas.ts';
import { bodyJson, checkDepth } from './body.ts';
import { readCursor, readFence, writeCursor } from './cursor.ts';
import * as described from './job-descriptions.ts';
import { attemptsJson, jobJson, jobSummaryJson, jobWithHistoryJson } from './job-json.ts';
import { copiedJob, explainRestart, type PushLimits } from './job-request.ts';
import { logJson, readPlace } from './log-json.ts';
import type { LinesQuery } from './log-schemas.ts';
import { type IdParams, type ListQuery, longestWait, Restart, type WaitQuery } from './schemas.ts';
import { compileAddressCheck, makeCheck } from './validation.ts';

const json = 'application/json; charset=utf-8';
const pageLimit = 50;
/** A page ends after as many records, even if few of them matched: the next page goes on there. */
const lookAt = 100_000;
/** Attempts on a page that asks for no number of its own, and the most there may be. */
const attemptsOnPage = 20;
const linesOnPage = 100;
/** What became of a change: it may be refused by the state, or there may be no such job. */
type Changed = Awaited<ReturnType<Jobs['cancel']>>;
type UnreadableRecord = NonNullable<Awaited<ReturnType<Api['upkeep']['raw']>>>;

const checkRestart = makeCheck(Restart, 'a restart', explainRestart);

export function jobRoutes(app: FastifyInstance, api: Api, limits: PushLimits): void {
  const leaving = makeLeaving(app);
  const answer = async (job: Job): Promise<string> => {
    const isServed = await api.serving.of([job]);
    return await written(job, () => jobJson(job, isServed));
  };

  async function found(job: Job | null, id: JobId): Promise<Job> {
    if (job !== null) return job;
    throw await missing(id);
  }

  async function missing(id: JobId): Promise<HatstandError> {
    const record = await api.upkeep.raw(id);
    if (record !== null) return unreadableJob(record);
    return new HatstandError('not_found', `There is no job ${id}. Ended jobs are kept only for job_lifetime after their end.`, { job: id });
  }

  async function changed(change: Changed, id: JobId, verb: keyof typeof advice): Promise<Job> {
    return change.kind === 'refused' ? refusedChange(change, id, verb) : found(change.kind === 'changed' ? change.job : null, id);
  }

  app.get<{ Querystring: ListQuery }>('/jobs', { schema: described.list }, async (request, reply) => {
    const { q = '', limit = pageLimit, order = 'newest', cursor } = request.query;
    const filter: Filter = parseFilter(q, api.system.now());
    const from = cursor === undefined ? null : readCursor(cursor, order);
    const page = await api.jobs.list({ filter, match: null, order, from, limit, brief: true, lookAt }, goneSignal(reply));
    const next = page.next === null ? null : writeCursor(order, page.next);
    const isServed = await api.serving.of(page.jobs);
    const texts = await writtenPage(page.jobs, () => page.jobs.map((job) => jobSummaryJson(job, isServed)).join(','));
    return reply.type(json).send(`{"jobs":[${texts}],"next":${JSON.stringify(next)}}`);
  });

  app.get<{ Params: IdParams }>('/jobs/:id', { config: { turn: 'record' }, schema: described.get }, async (request, reply) => {
    const job = await found(await api.jobs.get(request.params.id), request.params.id);
    const [attempts, progress, isServed] = await Promise.all([
      api.jobs.attempts(job, null, mostAttempts),
      api.jobs.progress(job),
      api.serving.of([job]),
    ]);
    return reply.type(json).send(await written(job, () => jobWithHistoryJson(job, attempts, progress, isServed)));
  });

  app.get<{ Params: IdParams; Querystring: LinesQuery }>(
    '/jobs/:id/lines',
    { config: { turn: 'record' }, schema: described.lines },
    async (request, reply) => {
      const { id } = request.params;
      const { after, limit = linesOnPage } = request.query;
      const place = after === undefined ? null : readPlace(after);
      const log = await api.jobs.lines(id, place, limit);
      if (log === null) throw await missing(id);
      return reply.type(json).send(logJson(log, place));
    },
  );

  app.get<{ Params: IdParams; Querystring: AttemptsQuery }>(
    '/jobs/:id/attempts',
    { config: { turn: 'record' }, schema: described.attempts },
    async (request, reply) => {
      const { limit = attemptsOnPage, cursor } = request.query;
      const job = await found(await api.jobs.get(request.params.id), request.params.id);
      return reply.type(json).send(attemptsJson(await api.jobs.attempts(job, cursor === undefined ? null : readFence(cursor), limit)));
    },
  );

  app.get<{ Params: IdParams; Querystring: WaitQuery }>('/jobs/:id/wait', { schema: described.wait }, async (request, reply) => {
    const { id } = request.params;
    const timeout = parseDuration(request.query.timeout ?? '30s', 'timeout');
    if (timeout > longestWait)
      throw new HatstandError('invalid_request', 'timeout may be at most 5m; ask again after that.', { field: 'timeout' });
    const job = await api.jobs.wait(id, timeout, leaving(reply), () => reply.takeTurn('record'));
    return reply.type(json).send(await answer(await found(job, id)));
  });

  app.post<{ Params: IdParams }>('/jobs/:id/cancel', { schema: described.cancel }, async (request, reply) => {
    const { id } = request.params;
    return reply.type(json).send(await answer(await changed(await api.jobs.cancel(id), id, 'cancel')));
  });

  app.post<{ Params: IdParams }>(
    '/jobs/:id/restart',
    { schema: described.restart, validatorCompiler: compileAddressCheck },
    async (request, reply) => {
      const { id } = request.params;
      const sent = bodyJson(request);
      if (sent !== null) checkDepth(sent);
      const { copy, ...changes } = checkRestart(sent === null ? {} : sent.value);
      reply.type(json);
      if (copy !== true && Object.keys(changes).length === 0) return answer(await changed(await api.jobs.restart(id), id, 'restart'));
      const original = await found(await api.jobs.get(id), id);
      const copied = { ...copiedJob(original, changes, sent, limits), start: null, idempotency: null };
      const made = await api.jobs.copy(original, limits.admit === undefined ? copied : await limits.admit(copied));
      reply.code(201).header('location', `${app.prefix}/jobs/${made.id}`).header('x-hatstand-durability', api.system.durability.profile);
      return answer(made);
    },
  );

  app.delete<{ Params: IdParams }>('/jobs/:id', { schema: described.remove }, async (request, reply) => {
    const { id } = request.params;
    const removed = await api.jobs.remove(id);
    if (removed.kind !== 'missing' || !(await api.upkeep.discard(id))) await changed(removed, id, 'delete');
    return reply.code(204).send();
  });
}

const unreadableJob = ({ id, reason }: UnreadableRecord): HatstandError =>
  new HatstandError(
    'unreadable',
    `The record of job ${id} cannot be read and is set aside: ${reason}. GET /v1/unreadable/${id} shows what is left of it, DELETE /v1/jobs/${id} removes it.`,
    { job: id, reason },
  );

const advice = {
  cancel: 'It has ended, so there is nothing to cancel; restart or delete it.',
  restart: 'Only a job that has ended is restarted; cancel it and wait for its end, or send {"copy":true} for a new job like it.',
  delete: 'Only a job that has ended is deleted; cancel it and wait for its end.',
} as const;

function refusedChange(answer: Extract<Changed, { readonly kind: 'refused' }>, id: JobId, verb: keyof typeof advice): never {
  throw new HatstandError('conflict', `Job ${id} is ${answer.state}. ${advice[verb]}`, { job: id, state: answer.state satisfies JobState });
}
