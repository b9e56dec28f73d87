/** HQ's API: what HQ's README promises and what its clients could see, for HTTP jobs. */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Job } from '../../../core/job.ts';
import type { Api } from '../../../engine/api/api.ts';
import type { Changed } from '../../../engine/api/jobs.ts';
import { goneSignal, makeLeaving } from '../leaving.ts';
import { written } from '../long-job.ts';
import type { HttpOptions } from '../options.ts';
import { receive } from '../receiving.ts';
import { isJsonAsForm, lookAt, noFields, readFields } from './body.ts';
import { checkEnded, findJob } from './job-id.ts';
import { answerList, emptyList } from './job-list.ts';
import { listQuery } from './job-query.ts';
import { jobText } from './job-text.ts';
import { newHqJob } from './new-job.ts';
import { queryOf } from './query.ts';
import { badRequest, refused, unknownJob } from './refusal.ts';
import { answer, layOut, send } from './reply.ts';
import { statsText } from './stats.ts';
import { quote } from './text.ts';

export interface HqParts {
  readonly api: Api;
  readonly options: Pick<HttpOptions, 'hq' | 'payloadBytes'>;
}

interface WithId {
  readonly Params: { readonly id: string };
}

const idText = (id: string): string => `{"id":"${id}"}`;

export async function hq(app: FastifyInstance, { api, options }: HqParts): Promise<void> {
  const { jobs, system } = api;
  const leaving = makeLeaving(app);
  // Bodies are read by the routes that want one; the others ignore whatever comes.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request: FastifyRequest, body: IncomingMessage) => receive(request, body, lookAt(request)));

  app.all('/', (request, reply) =>
    answer(request, reply, `{"version":${quote(system.build.version)},"commitHash":${quote(system.build.commit)}}`),
  );

  app.get('/stats', async (request, reply) => answer(request, reply, statsText(await jobs.count(), options.hq)));

  app.get('/job', { config: { streams: true } }, (request, reply) => {
    const asked = listQuery(queryOf(request), options.hq.listDefaultLimit);
    if (asked === null) return answer(request, reply, emptyList);
    // Expressions may take as long as they like; other lists are soon written.
    const signal = asked.match === null ? goneSignal(reply) : leaving(reply);
    return answerList(request, reply, jobs, { ...asked, signal });
  });

  app.post('/job', async (request, reply) => {
    const isJson = isJsonAsForm(request);
    const fields = await readFields(request);
    if (fields === null) throw badRequest("Request body can't be empty");
    if (fields.text('url') === '' && isJson) {
      throw refused("'url' is required; the body was read as a form, as its Content-Type says. JSON needs Content-Type: application/json");
    }
    const asked = newHqJob(fields, options.payloadBytes, request.headers['idempotency-key']?.toString());
    const [pushed] = await jobs.push([asked]);
    if (pushed === undefined) throw new Error('the store answered for fewer jobs than were pushed');
    if (pushed.kind === 'refused') throw pushed.error;
    if (pushed.kind === 'conflict') throw refused(`The Idempotency-Key was used for another job, or one that is deleted: '${pushed.id}'`);
    void reply.header('x-hatstand-durability', system.durability.profile);
    return answer(request, reply, jobText(pushed.job, pushed.kind === 'pushed'));
  });

  // An empty id is no id.
  app.all('/job/', (_request, reply) => reply.callNotFound());

  app.get<WithId>('/job/:id', { config: { turn: 'record' } }, async (request, reply) => {
    const job = await findJob(jobs, request.params.id);
    const text = await written(job, () => jobText(job));
    return send(reply, await written(job, () => layOut(request, text)));
  });

  app.delete<WithId>('/job/:id', async (request, reply) => {
    const { id } = await findJob(jobs, request.params.id);
    allowed(id, await jobs.remove(id));
    return answer(request, reply, idText(id));
  });

  app.post<WithId>('/job/:id/stop', async (request, reply) => {
    const { id } = await findJob(jobs, request.params.id);
    const changed = await jobs.cancel(id);
    if (changed.kind === 'missing') throw unknownJob(id);
    if (changed.kind === 'refused') throw refused(`The job ${id} is not active`);
    return answer(request, reply, idText(id));
  });

  app.post<WithId>('/job/:id/restart', async (request, reply) => {
    const copy = ((await readFields(request)) ?? noFields()).flag('copy');
    const job = await findJob(jobs, request.params.id);
    checkEnded(job.id, job.state);
    const again = copy ? await jobs.copy(job, {}) : allowed(job.id, await jobs.restart(job.id));
    return answer(request, reply, jobText(again, true));
  });
}

/** The job that was changed; throws HQ's refusal when there was none or it had not ended. */
function allowed(id: string, changed: Changed): Job {
  if (changed.kind === 'missing') throw unknownJob(id);
  if (changed.kind === 'changed') return changed.job;
  checkEnded(id, changed.state);
  throw refused(`The job ${id} was changed meanwhile`);
}
