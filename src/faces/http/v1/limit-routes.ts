/** Limits: how many jobs of a key run at once, how many may be pushed, and from when on they start. */
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { formatDuration, parseDuration } from '../../../core/duration.ts';
import { HatstandError } from '../../../core/errors.ts';
import type { LimitRecord, LimitSettings } from '../../../core/limit.ts';
import { parseTime } from '../../../core/time.ts';
import type { Api } from '../../../engine/api/api.ts';
import { bodyJson, refuseRepeatedAnywhere } from './body.ts';
import { LimitParams, LimitPut } from './limit-schemas.ts';
import { answers, body, change } from './openapi.ts';
import { NoQuery } from './schemas.ts';

const tags = ['limits'];
const params = LimitParams;
const querystring = NoQuery;

export function limitRoutes(app: FastifyInstance, { limits }: Pick<Api, 'limits'>): void {
  const all = { 200: { description: 'All limits, by name.', schema: Type.Ref('LimitList') } };
  app.get(
    '/limits',
    { schema: { operationId: 'listLimits', summary: 'List limits', tags, querystring, response: answers(all, []) } },
    async () => ({ limits: (await limits.list()).map(limitJson) }),
  );

  app.put<{ Params: LimitParams; Body: LimitPut }>(
    '/limits/:name',
    {
      schema: {
        operationId: 'putLimit',
        summary: 'Set a limit',
        description:
          'Jobs are counted under the key that their push names as `limit`, under `worker:<name>` and under `domain:<name>`. A limit holds for the key that is its name, or, as a pattern such as `tenant:*` or `*`, for each key that it matches and that has none of its own. Beyond its `rate` a push is refused, 429 with `Retry-After`; beyond its `concurrency` jobs wait parked, queued with the reason `limit <key>`, until one ends. It is set as a whole: what is left out is not bounded. What was used before still counts.',
        tags,
        params,
        querystring,
        body: LimitPut,
        response: answers({ 200: { description: 'The limit.', schema: Type.Ref('Limit') } }, [...body, ...change, 'too_large']),
      },
    },
    async (request) => {
      const json = bodyJson(request);
      if (json === null) throw new Error('the schema wants a body');
      refuseRepeatedAnywhere(json.text);
      return limitJson(await limits.configure(request.params.name, settingsOf(request.body)));
    },
  );

  app.delete<{ Params: LimitParams }>(
    '/limits/:name',
    {
      schema: {
        operationId: 'deleteLimit',
        summary: 'Remove a limit',
        tags,
        params,
        querystring,
        response: answers({ 204: { description: 'It is gone.' } }, ['not_found', ...change]),
      },
    },
    async ({ params: { name } }, reply) => {
      if (!(await limits.remove(name))) throw new HatstandError('not_found', `There is no limit ${JSON.stringify(name)}.`, { limit: name });
      return reply.code(204).send();
    },
  );
}

const settingsOf = ({ concurrency = null, rate = null, pausedUntil = null }: LimitPut): LimitSettings => ({
  concurrency,
  pausedUntil: pausedUntil === null ? null : parseTime(pausedUntil, 'pausedUntil'),
  rate: rate === null ? null : { max: rate.max, per: parseDuration(rate.per, 'rate.per') },
});

const limitJson = ({ name, concurrency, rate, pausedUntil, ...standing }: LimitRecord): object => ({
  ...{ name, concurrency },
  rate: rate === null ? null : { max: rate.max, per: formatDuration(rate.per) },
  pausedUntil: pausedUntil === null ? null : new Date(pausedUntil).toISOString(),
  ...standing,
});
