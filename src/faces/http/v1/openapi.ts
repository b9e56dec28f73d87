/** The OpenAPI document of `/v1`. */
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { type TSchema, Type } from 'typebox';
import { nodeSchemas } from './node-schemas.ts';
import { namedSchemas } from './schemas.ts';
import { Imported } from './transfer-schemas.ts';

interface Answer {
  readonly description: string;
  readonly schema?: TSchema;
  /** Default: JSON. */
  readonly type?: string;
}

type Described = Readonly<
  Record<string, { readonly description: string; readonly content?: Readonly<Record<string, { readonly schema: TSchema }>> } | TSchema>
>;

/** What a refusal means, in general; each carries a `code` and a `detail` of its own. */
const refusals: Readonly<Record<number, string>> = {
  400: 'The request is not valid.',
  404: 'There is no such thing.',
  409: 'The state does not allow it.',
  413: 'The request is too large.',
  415: 'The content type is not supported.',
  422: 'The idempotency key was used for another job.',
  503: 'The store is not available, or the server is shutting down.',
  507: 'The store is full; nothing was kept.',
};

/** The answers of a route: what it gives, and the refusals it knows beside 401 and 403, which any may give. */
export function answers(given: Readonly<Record<number, Answer>>, refused: readonly number[]): Described {
  const described: Record<string, Described[string]> = {};
  for (const [status, { description, schema, type = 'application/json' }] of Object.entries(given)) {
    described[status] = schema === undefined ? Type.Null({ description }) : { description, content: { [type]: { schema } } };
  }
  for (const status of refused) {
    described[status] = {
      description: refusals[status] ?? '',
      content: { 'application/problem+json': { schema: Type.Ref('Problem') } },
    };
  }
  return described;
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
        { name: 'queues', description: 'The lines that jobs wait in.' },
        { name: 'nodes', description: 'The processes that run jobs.' },
        { name: 'system', description: 'This server and its store.' },
      ],
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'Needed when the server has a token.' } } },
      security: [{}, { token: [] }],
    },
    refResolver: { buildLocalReference: (json, _base, _fragment, i) => String(json['$id'] ?? `schema${i}`) },
  });
  for (const schema of [...namedSchemas, ...nodeSchemas, Imported]) app.addSchema(schema);
  let text: string | undefined;
  app.get('/openapi.json', { schema: { hide: true } }, async (_, reply) => {
    text ??= JSON.stringify(app.swagger());
    return reply.type('application/json; charset=utf-8').send(text);
  });
}
