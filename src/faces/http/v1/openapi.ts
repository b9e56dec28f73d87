/** The OpenAPI document of `/v1`. */
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { type TSchema, Type } from 'typebox';
import { type ErrorCode, errorTable } from '../../../core/errors.ts';
import { AttemptPage, JobWithHistory } from './attempt-schemas.ts';
import { batchSchemas } from './batch-schemas.ts';
import { elsewhereSchemas } from './elsewhere-schemas.ts';
import { eventSchemas } from './event-schemas.ts';
import { addExamples } from './examples.ts';
import { limitSchemas } from './limit-schemas.ts';
import { LogPage } from './log-schemas.ts';
import { nodeSchemas } from './node-schemas.ts';
import { type OpenApi, resolve } from './openapi-document.ts';
import { Purge } from './purge-schema.ts';
import { queueSchemas } from './queue-schemas.ts';
import { namedSchemas } from './schemas.ts';
import { taskSchemas } from './task-schemas.ts';
import { Imported } from './transfer-schemas.ts';
import { historySchemas } from './trigger-history-schemas.ts';
import { triggerSchemas } from './trigger-schemas.ts';

interface Answer {
  readonly description: string;
  readonly schema?: TSchema;
  /** Default: JSON. */
  readonly type?: string;
}

type Described = Readonly<
  Record<string, { readonly description: string; readonly content?: Readonly<Record<string, { readonly schema: TSchema }>> } | TSchema>
>;

/** What any route may refuse with. */
export const usual: readonly ErrorCode[] = [
  'invalid_request',
  'unauthorized',
  'forbidden',
  // Addresses and heads have their bounds, too.
  'too_large',
  'internal',
  'store_unavailable',
  'store_failed',
  'shutting_down',
  'overloaded',
];
/** What a route may refuse with besides, when it reads a body and when it changes something. */
export const body: readonly ErrorCode[] = ['invalid_json', 'unsupported_media_type'];
export const change: readonly ErrorCode[] = ['unconfirmed'];
/** Of what pushes jobs, and of what is told which: those alone may wait for others. */
export const pushes: readonly ErrorCode[] = ['store_full', 'queue_closed', 'limit_reached'];
export const toldPushes: readonly ErrorCode[] = [...pushes, 'awaited_missing'];

/** The answers of a route: what it gives, and the refusals that it knows beside those that any may give. */
export function answers(given: Readonly<Record<number, Answer>>, refused: readonly ErrorCode[] = []): Described {
  const described: Record<string, Described[string]> = {};
  for (const [status, { description, schema, type = 'application/json' }] of Object.entries(given)) {
    described[status] = schema === undefined ? Type.Null({ description }) : { description, content: { [type]: { schema } } };
  }
  for (const [status, codes] of Map.groupBy(new Set([...usual, ...refused]), (code) => errorTable[code].http)) {
    described[status] = {
      description: codes.map((code) => `\`${code}\`: ${errorTable[code].title}.`).join(' '),
      content: { 'application/problem+json': { schema: Type.Ref('Problem'), 'x-codes': codes } },
    };
  }
  return described;
}

/** Bodies that have a default may be left out: the collector takes all for required. */
function completed(document: OpenApi): OpenApi {
  addExamples(document);
  for (const { requestBody: asked } of Object.values(document.paths).flatMap((path) => Object.values(path))) {
    const schemas = Object.values(asked?.content ?? {}).map(({ schema }) => resolve(document, schema));
    if (asked !== undefined && schemas.some((schema) => schema.default !== undefined)) asked.required = false;
  }
  return document;
}

/** Collects what the routes say of themselves; so it comes before them. */
export async function describeRoutes(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Hatstand',
        version,
        description:
          'Push jobs, have them POSTed to your web apps or run by your functions, and lose none. Bodies are JSON in camelCase; durations are texts such as "30s", times ISO 8601 in UTC, ids and fences decimal texts. Every refusal is `application/problem+json` with a stable `code`, every answer of the server has `X-Hatstand-Version`.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      tags: [
        { name: 'jobs', description: 'Records of work, pushed once, that end once.' },
        { name: 'attempts', description: 'Workers elsewhere: jobs that are claimed, reported and settled over HTTP, in any language.' },
        { name: 'queues', description: 'Where jobs wait, by name: what is paused, closed and limited.' },
        { name: 'limits', description: 'How many jobs of a key run at once, and how many may be pushed, whatever their queues.' },
        { name: 'triggers', description: 'What pushes jobs by itself: by the clock, when something happens, when it is called.' },
        { name: 'batches', description: 'Jobs that belong together, and what is pushed when all of them have ended.' },
        { name: 'tasks', description: 'Functions that nodes keep running until they end, on one node at a time.' },
        { name: 'events', description: 'What happened, as somebody published it: what triggers fire for, and who listens hears.' },
        { name: 'nodes', description: 'The processes that run jobs.' },
        { name: 'system', description: 'This server and its store.' },
      ],
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'Needed when the server has a token.' } } },
      security: [{}, { token: [] }],
    },
    refResolver: { buildLocalReference: (json, _base, _fragment, i) => String(json['$id'] ?? `schema${i}`) },
  });
  for (const schema of [
    ...namedSchemas,
    ...queueSchemas,
    ...limitSchemas,
    JobWithHistory,
    AttemptPage,
    LogPage,
    Purge,
    ...elsewhereSchemas,
    ...triggerSchemas,
    ...batchSchemas,
    ...taskSchemas,
    ...historySchemas,
    ...eventSchemas,
    ...nodeSchemas,
    Imported,
  ])
    app.addSchema(schema);
  let text: string | undefined;
  app.get('/openapi.json', { schema: { hide: true } }, async (_, reply) => {
    text ??= JSON.stringify(completed(JSON.parse(JSON.stringify(app.swagger()))));
    return reply.type('application/json; charset=utf-8').send(text);
  });
}
