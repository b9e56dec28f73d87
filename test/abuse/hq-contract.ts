/** HQ's API at the root as an OpenAPI document, as far as requests can be made of it and answers held against it. */
import type { OpenApi, Operation, Parameter, Schema } from '../../src/faces/http/v1/openapi-document.ts';

const text: Schema = { type: 'string' };
const flag: Schema = { type: 'boolean' };
const whole: Schema = { type: 'integer', minimum: 0 };
const json = (schema: Schema, status = 200): Operation['responses'] => ({
  [status]: { description: '', content: { 'application/json': { schema } } },
});

const object = (properties: Readonly<Record<string, Schema>>, optional: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
});

const nullable = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });

const job = object({
  ...{ canceled: flag, comment: text, createdAt: text, err: text, failure: flag, finishedAt: nullable(text) },
  ...{ headers: nullable({ type: 'object', additionalProperties: text }), id: { type: 'string', pattern: '^[0-9]{1,19}$' }, name: text },
  ...{ output: text, payload: {}, running: flag, startedAt: nullable(text), status: text, statusCode: nullable(whole), success: flag },
  ...{ timeout: whole, url: text, waiting: flag },
});

const refusalsOf = (...statuses: readonly number[]): Operation['responses'] =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: '',
        content: { 'application/json': { schema: object({ status: { const: status }, error: { type: 'string', minLength: 1 } }) } },
      },
    ]),
  );
const refusals = refusalsOf(400, 403, 404, 405, 413, 415, 422, 431, 503);
/** Of a queue that is closed, and of a limit that is reached: HQ has neither. */
const notTaken = refusalsOf(409, 429);

const operation = (operationId: string, responses: Operation['responses'], more: Partial<Operation> = {}): Operation => ({
  operationId,
  summary: '',
  tags: [],
  responses: { ...refusals, ...responses },
  ...more,
});

const query = (name: string, schema: Schema): Parameter => ({ name, in: 'query', schema });
const id: Parameter = { name: 'id', in: 'path', schema: { type: 'string', pattern: '^(?:0|[1-9]\\d{0,18})$' } };
const withId = { parameters: [id] };
const words = { enum: ['', 'waiting', 'running', 'canceling', 'success', 'failure', 'canceled', 'unfinished'] };

/** What is no name of a field is passed over, and fields of other kinds are often taken: HQ's own rules. */
const pushed: Schema = {
  type: 'object',
  properties: {
    url: { type: 'string', pattern: '^[hH][tT][tT][pP][sS]?://' },
    name: { type: 'string', maxLength: 1_024 },
    comment: { type: 'string', maxLength: 1_024 },
    payload: {},
    headers: {
      type: 'object',
      additionalProperties: { type: 'string', pattern: '^[ -~]{0,20}$' },
      propertyNames: { pattern: '^[A-Za-z-]{1,9}$' },
    },
    timeout: { type: 'integer', minimum: 0, maximum: 100_000 },
  },
  required: ['url'],
};
const bodies = (schema: Schema): Operation['requestBody'] => ({ required: true, content: { 'application/json': { schema } } });

const list = object({ jobs: { type: 'array', items: job }, hasNext: flag, next: { type: 'string' }, count: whole }, ['next']);
const ids = object({ id: text });

export const hqDocument: OpenApi = {
  openapi: '3.1.0',
  info: { title: 'HQ', version: '', description: '' },
  tags: [],
  components: { schemas: {} },
  paths: {
    '/': { get: operation('hqVersion', json(object({ version: text, commitHash: text }))) },
    '/stats': {
      get: operation(
        'hqStats',
        json(
          object({
            ...{ queues: whole, dispatchers: whole, maxWorkers: whole, queueUsage: whole },
            ...{ numWaitingJobs: whole, numRunningJobs: whole, numWorkers: whole, numJobs: whole },
          }),
        ),
      ),
    },
    '/job': {
      get: operation('hqList', json(list), {
        parameters: [
          query('limit', { type: 'integer', minimum: 1, maximum: 200 }),
          ...[query('status', words), query('name', text), query('term', text), query('reverse', { enum: ['true', 'false', '1', '0'] })],
          ...[query('begin', id.schema), query('pretty', { enum: ['', '1'] })],
        ],
      }),
      post: operation(
        'hqPush',
        { ...json(job), ...notTaken },
        {
          parameters: [{ name: 'idempotency-key', in: 'header', schema: { type: 'string', pattern: '^[\\x20-\\x7e]{1,256}$' } }],
          requestBody: bodies(pushed) as NonNullable<Operation['requestBody']>,
        },
      ),
    },
    '/job/{id}': { get: operation('hqGet', json(job), withId), delete: operation('hqDelete', json(ids), withId) },
    '/job/{id}/stop': { post: operation('hqStop', json(ids), withId) },
    '/job/{id}/restart': {
      post: operation(
        'hqRestart',
        { ...json(job), ...notTaken },
        {
          ...withId,
          requestBody: bodies(object({ copy: flag }, ['copy'])) as NonNullable<Operation['requestBody']>,
        },
      ),
    },
    '/livez': { get: operation('livez', json(object({ live: { const: true } }))) },
    '/readyz': { get: operation('readyz', json({ type: 'object', properties: { ready: { const: true } }, required: ['ready'] })) },
  },
};
