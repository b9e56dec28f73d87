/** The addresses of webhooks: whoever knows one may call it, without the server's token. */
import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { HatstandError } from '../../../core/errors.ts';
import type { NewJob } from '../../../core/job.ts';
import type { Api } from '../../../engine/api/api.ts';
import type { Called } from '../../../engine/api/trigger-calls.ts';
import type { TriggerRecord } from '../../../engine/api/trigger-record.ts';
import { derivedKey, keyedJob } from '../keyed-job.ts';
import { receive } from '../receiving.ts';
import { decoded } from './body.ts';
import { closed } from './fields.ts';
import { checkSignature } from './hook-signature.ts';
import { keyReused } from './idempotency.ts';
import { checkedPayload } from './json-text.ts';
import { answers, body, change, pushes } from './openapi.ts';
import { TriggerId, tenant } from './trigger-schemas.ts';
import { compileAddressCheck, compileCheck } from './validation.ts';

const HookParams = Type.Object({
  id: TriggerId,
  token: Type.String({ description: 'The part of the address that nobody guesses.', maxLength: 256, examples: ['PvzpvaKU5H4NzGe4GK8KRk'] }),
});

const HookQuery = Type.Object(
  {
    domain: Type.Optional({ ...tenant, description: 'Its tenant.' }),
    manual: Type.Optional(
      Type.Enum(['true', 'false'], { description: 'Asked for by a person: a job of the lane of such jobs, which waits for no debounce.' }),
    ),
    Manual: Type.Optional(Type.Enum(['true', 'false'], { description: 'The same, as cozy-stack has it.' })),
  },
  closed,
);

type Call = FastifyRequest<{
  Params: { id: string; token: string };
  Querystring: { domain?: string; manual?: string; Manual?: string };
  Body: Buffer | undefined;
}>;

/** Register it in a scope of its own: it reads bodies of any content type. */
export function hookRoutes(app: FastifyInstance, api: Api, limits: { readonly payloadBytes: number }): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request: FastifyRequest, sent: IncomingMessage) => receive(request, sent));

  async function find({ params, query }: Call): Promise<TriggerRecord & { readonly hook: NonNullable<TriggerRecord['trigger']['hook']> }> {
    const record = await api.triggers.get({ domain: query.domain ?? '', id: params.id }).catch(unlessUnreadable);
    const hook = record?.trigger.hook ?? null;
    // What is wrong is not told: nobody shall find out which triggers there are.
    if (record === null || hook === null || !areEqual(params.token, hook.token)) {
      throw unknownHook();
    }
    return { ...record, hook };
  }

  /** Before its body is read, or has memory: nobody has shown a token. */
  async function admit(request: FastifyRequest): Promise<void> {
    checkAddress(request);
    await find(request as Call);
  }

  async function call(request: Call, reply: FastifyReply): Promise<object> {
    // Again: it may have become another while the body came.
    const { hook, ...record } = await find(request);
    const bytes = request.body ?? Buffer.alloc(0);
    if (hook.secret !== null) checkSignature(request.headers, bytes, hook.secret, api.system.now());
    const payload = bytes.length === 0 ? null : await checkedPayload(await decoded(bytes));
    const manual = request.query.manual === 'true' || request.query.Manual === 'true';
    const key = keyIn(request.headers);
    const keyed = (job: NewJob): NewJob => (key !== null ? keyedJob(job, derivedKey('webhook', `${job.owner}/${key}`)) : job);
    const called = await api.triggers.call(record, { payload, manual, keyed });
    reply.code(202).header('x-hatstand-durability', api.system.durability.profile);
    return shown(called);
  }

  app.post(
    '/webhooks/:id/:token',
    {
      ...{ config: { open: true }, onRequest: admit, bodyLimit: limits.payloadBytes },
      ...{ validatorCompiler: compileAddressCheck, schema: hookSchema },
    },
    (request, reply) => call(request as Call, reply),
  );
}

const addressChecks = [
  ['params', compileCheck({ schema: HookParams, httpPart: 'params', method: 'POST', url: '' })],
  ['query', compileCheck({ schema: HookQuery, httpPart: 'querystring', method: 'POST', url: '' })],
] as const;

/** Throws `invalid_request`. */
function checkAddress(request: FastifyRequest): void {
  for (const [part, check] of addressChecks) {
    const answer: unknown = check(request[part]);
    if (typeof answer === 'object' && answer !== null && 'error' in answer) throw answer.error;
  }
}

/** Whether its token is right cannot be seen either. */
function unlessUnreadable(error: unknown): null {
  if (error instanceof HatstandError && error.code === 'unreadable') return null;
  throw error;
}

/** An empty one is none, as everywhere. */
function keyIn(headers: FastifyRequest['headers']): string | null {
  const keys = [headers['webhook-id'], headers['idempotency-key']];
  return keys.find((key) => typeof key === 'string' && key !== '')?.toString() ?? null;
}

const unknownHook = (): HatstandError => new HatstandError('not_found', 'There is no such webhook. Its address is shown with its trigger.');

function shown(called: Called): object {
  switch (called.kind) {
    case 'pushed':
    case 'replayed':
    case 'duplicate':
      return { kind: called.kind, job: called.id };
    case 'gathered':
      return { kind: 'gathered', job: null };
    case 'conflict':
      throw keyReused(called.asked, called.id);
    case 'full':
      throw new HatstandError('overloaded', 'More has come than the debounce of this webhook can hold. Call again when it is over.');
    case 'missing':
      throw unknownHook();
    case 'paused':
      throw new HatstandError('conflict', 'This webhook is paused, or was found bad by its worker: it takes nothing until it is resumed.');
  }
}

/** Digests have one length, so the time that comparing them takes tells nothing. */
const areEqual = (given: string, wanted: string): boolean => timingSafeEqual(digest(given), digest(wanted));
const digest = (text: string): Buffer => hash('sha256', text, 'buffer');

const hookSchema = {
  operationId: 'callWebhook',
  summary: 'Call a webhook',
  description:
    'The body becomes the payload of a job: any JSON value, or nothing. A 202 means that it is kept. Calls with the same `webhook-id` (or `Idempotency-Key`) make one job; those that a debounce gathers are not told apart.',
  tags: ['triggers'],
  params: HookParams,
  querystring: HookQuery,
  body: {
    content: {
      'application/json': { schema: Type.Unknown({ description: 'Any JSON value, or nothing, whatever its type says.', default: null }) },
    },
  },
  response: answers({ 202: { description: 'It is kept.', schema: Type.Ref('HookCalled') } }, [
    'not_found' as const,
    'conflict' as const,
    'key_reused' as const,
    ...pushes,
    // A Content-Type that is none is refused.
    ...body,
    'too_large' as const,
    ...change,
  ]),
};
