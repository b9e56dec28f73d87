/** What was decided about a trigger, as the journal tells it. */
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { keyOf, type TriggerRef } from '../../../core/trigger.ts';
import type { Api } from '../../../engine/api/api.ts';
import type { TriggerDecision } from '../../../engine/api/trigger-history.ts';
import { answers } from './openapi.ts';
import { HistoryQuery } from './trigger-history-schemas.ts';
import { TriggerParams } from './trigger-schemas.ts';

const schema = {
  operationId: 'historyOfTrigger',
  summary: 'Tell what was decided about a trigger',
  description:
    'Each firing and each time that it did not fire, with why, each job that an event, a call or a person had it push, and each change of it; also of one that is gone. Bounded by the retention of the journal, which is a day, and 64 MiB of events. A page looks at 5,000 entries at most.',
  tags: ['triggers'],
  params: TriggerParams,
  querystring: HistoryQuery,
  response: answers({ 200: { description: 'A page.', schema: Type.Ref('TriggerHistory') } }, ['not_found', 'unreadable']),
};

/** @param missing throws `not_found` */
export function triggerHistoryRoute(app: FastifyInstance, { triggers }: Api, missing: (ref: TriggerRef) => never): void {
  app.get<{ Params: TriggerParams; Querystring: HistoryQuery }>('/triggers/:id/history', { schema }, async ({ params, query }) => {
    const { domain = '', limit = 50, before = null } = query;
    const ref = { domain, id: params.id };
    const { decisions, next, since } = await triggers.history(keyOf(ref), before, limit);
    if (decisions.length === 0 && next === null && (await triggers.get(ref)) === null) missing(ref);
    return { decisions: decisions.map(decisionJson), next, since: since === null ? null : isoTime(since) };
  });
}

const isoTime = (millis: number): string => new Date(millis).toISOString();

function decisionJson(decision: TriggerDecision): object {
  const at = isoTime(decision.at);
  return decision.kind === 'decided' ? { ...decision, at, tick: isoTime(decision.tick) } : { ...decision, at };
}
