/** The OpenAPI document refuses what the server refuses, takes what it takes, and says what it answers. */
import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyOf, writeTrigger } from '../../../core/trigger.ts';
import { readTrigger } from '../../../core/trigger-record.ts';
import { node } from '../../../stores/conformance/subject.ts';
import { type Answer, openServer, type TestServer } from '../server.suite.ts';
import { type Contract, type Route, readContract, takesAll, takesText, valuesOf, wrongValuesOf } from './contract.suite.ts';
import { examples } from './examples.ts';
import type { Parameter, Schema } from './openapi-document.ts';
import { fireTasks } from './tasks.suite.ts';

/** What goes on for as long as its client listens: events.test.ts. */
const endless = ['followEvents', 'watchJob', 'watchTask'];
/** What wants a proof, which no example has: elsewhere.test.ts. */
const proven = ['reportAttempt', 'settleAttempt', 'askTaskOfAttempt'];
const operationIds = Object.keys(examples).filter((id) => !endless.includes(id));
const runs = 40;
/** The document says what these mean, and not what they may look like. */
const meaning = ['malformed_trigger', 'invalid_filter', 'invalid_cursor', 'key_reused', 'awaited_missing'];

let server: TestServer;
let contract: Contract;
beforeAll(async () => {
  server = await openServer();
  contract = await readContract(server);
  await server.store.nodes.join(node('web-1'), 3_600_000);
});
afterAll(() => server.close());

interface Request {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** `undefined`: none. */
  readonly body: unknown;
}

function ask(route: Route, { path, query, body }: Request, type = 'application/json'): Promise<Answer> {
  const address = route.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ''));
  const search = new URLSearchParams(query).toString();
  const sent = body === undefined ? {} : { body: typeof body === 'string' && type !== 'application/json' ? body : JSON.stringify(body) };
  return server.ask(route.method, `${address}${search === '' ? '' : `?${search}`}`, {
    headers: body === undefined ? {} : { 'content-type': type },
    ...sent,
  });
}

const parametersIn = (route: Route, place: Parameter['in']): readonly Parameter[] =>
  (route.parameters ?? []).filter((parameter) => parameter.in === place);

const bodyOf = (route: Route): Schema | undefined => route.requestBody?.content['application/json']?.schema;

/** Undoes what keeps jobs out. */
async function takeAll(): Promise<void> {
  await server.ask('POST', '/v1/queues/default/open');
  for (const { name } of await server.store.limits.list()) await server.store.limits.remove(name);
}

/** Something that is there for what stands in the address, or nearly so. */
async function known(route: Route): Promise<Readonly<Record<string, readonly string[]>>> {
  if (!route.path.includes('{')) return {};
  await takeAll();
  const id = await server.push();
  if (route.operationId !== 'cancelJob') await server.ask('POST', `/v1/jobs/${id}/cancel`);
  return {
    id: [id, '0', '9223372036854775807', '9999999999999999999'],
    node: ['web-1'],
    name: ['default', 'mail'],
    token: ['of-a-webhook'],
  };
}

function requests(route: Route, there: Readonly<Record<string, readonly string[]>>): fc.Arbitrary<Request> {
  const texts = (parameter: Parameter): fc.Arbitrary<string> =>
    valuesOf(contract, parameter.schema)
      .map(String)
      .filter((text) => !/^\.{1,2}$/.test(text));
  const inPath = parametersIn(route, 'path').map((parameter) => {
    const existing = there[parameter.name] ?? [];
    // A job that is not there is not waited for, and one that is has ended.
    return [parameter.name, fc.oneof(fc.constantFrom(...existing), texts(parameter))] as const;
  });
  const inQuery = parametersIn(route, 'query').map((parameter) => [parameter.name, texts(parameter)] as const);
  const schema = bodyOf(route);
  return fc.record({
    path: fc.record(Object.fromEntries(inPath)),
    query: fc.record(Object.fromEntries(inQuery), { requiredKeys: [] }),
    body: schema === undefined ? fc.constant(undefined) : valuesOf(contract, schema).map(withoutWait(route)),
  }) as fc.Arbitrary<Request>;
}

/** What waits for a job need not. */
const withoutWait =
  ({ operationId }: Route) =>
  (body: unknown): unknown =>
    operationId === 'claimJobs' ? { ...(body as object), wait: '0s' } : body;

function expectAsSaid(route: Route, answer: Answer, what: unknown): void {
  expect(
    contract.faultsOf(route, answer),
    `${route.operationId} ${JSON.stringify(what).slice(0, 500)} ${answer.status} ${answer.text.slice(0, 500)}`,
  ).toEqual([]);
}

/** Two fields, each of which may be so by itself: a document of one field each cannot say how they go together. */
const togetherWrong = [
  'startBefore must be longer than delay: the job could never start.',
  'attempts may be 100 with a totalTimeout, not ',
];
const isTogetherWrong = ({ json }: Answer): boolean => togetherWrong.some((begin) => String(json['detail']).startsWith(begin));

describe.each(operationIds)('%s', (operationId) => {
  it('takes what the document takes', async () => {
    const route = contract.route(operationId);
    const there = await known(route);
    await fc.assert(
      fc.asyncProperty(requests(route, there), async (request) => {
        const answer = await ask(route, request);
        expectAsSaid(route, answer, request);
        const isRefused = (answer.status === 400 || answer.status === 422) && !isTogetherWrong(answer);
        if (isRefused) expect(meaning, answer.text).toContain(answer.json['code']);
        expect(answer.status, answer.text).toBeLessThan(500);
        refusedElements(answer);
      }),
      { numRuns: runs },
    );
  });

  it('refuses what the document refuses', async () => {
    const route = contract.route(operationId);
    const there = await known(route);
    const wrong = wrongRequests(route, there);
    await fc.assert(
      fc.asyncProperty(wrong, async (request) => {
        const answer = await ask(route, request);
        expectAsSaid(route, answer, request);
        const each = answer.status === 200 && Array.isArray(request.body);
        if (each) expect(answer.json['failed']).toBeGreaterThan(0);
        // Jobs that an attempt pushes are looked at once it has proved itself.
        else if (answer.status !== 403 || answer.json['field'] !== 'proof')
          expect(answer.status, `${JSON.stringify(request).slice(0, 500)} ${answer.text.slice(0, 200)}`).toBe(400);
      }),
      { numRuns: runs },
    );
  });
});

/** Each element of an array is answered for itself. */
function refusedElements(answer: Answer): void {
  if (!answer.text.startsWith('{"jobs":') || !('failed' in answer.json)) return;
  const codes = (answer.json['jobs'] as readonly { readonly error?: { readonly code: string } }[]).flatMap(
    ({ error }) => error?.code ?? [],
  );
  expect(
    codes.filter((code) => !meaning.includes(code)),
    answer.text,
  ).toEqual([]);
}

/** Right but for one thing: a part of the address, a parameter of the query, or the body. */
function wrongRequests(route: Route, there: Readonly<Record<string, readonly string[]>>): fc.Arbitrary<Request> {
  const odd = ['', ' ', '-1', '1e3', '1.0', '007', '-0', '9'.repeat(30), 'x'.repeat(2_000), '/', 'null'];
  const junk = fc.oneof(fc.string(), fc.constantFrom(...odd));
  const ways: fc.Arbitrary<(request: Request) => Request>[] = [
    fc
      .tuple(fc.string({ minLength: 1, maxLength: 8 }), junk)
      .filter(([name]) => !parametersIn(route, 'query').some((each) => each.name === name))
      .map(([name, text]) => (request: Request) => ({ ...request, query: { ...request.query, [name]: text } })),
  ];
  for (const parameter of route.parameters ?? []) {
    if (parameter.in === 'header') continue;
    // Without a text, it is another address.
    const isWrong = (text: string): boolean =>
      !takesText(contract, parameter, text) && !(parameter.in === 'path' && /^\.{0,2}$/.test(text));
    if (parameter.name === 'cursor' || parameter.name === 'node' || !odd.some(isWrong)) continue;
    const texts = junk.filter(isWrong);
    ways.push(
      texts.map((text) => (request: Request) => ({
        ...request,
        [parameter.in]: { ...request[parameter.in === 'path' ? 'path' : 'query'], [parameter.name]: text },
      })),
    );
  }
  const schema = bodyOf(route);
  if (schema !== undefined && !takesAll(contract, schema))
    ways.push(wrongValuesOf(contract, schema).map((body) => (request: Request) => ({ ...request, body })));
  return fc.tuple(requests(route, there), fc.oneof(...ways)).map(([request, spoil]) => spoil(request));
}

it('a wrong value is not looked for where none is', () => {
  expect(() => wrongValuesOf(contract, {})).toThrow('none is wrong');
});

describe('examples', () => {
  it('stand at every operation, for every answer that is no refusal', () => {
    expect(new Set(contract.routes.map((route) => route.operationId))).toEqual(new Set(Object.keys(examples)));
    for (const route of contract.routes) {
      for (const [status, { content }] of Object.entries(route.responses)) {
        if (status >= '300' || content === undefined) continue;
        for (const { schema, example } of Object.values(content)) {
          expect(contract.takes(schema, example), `${route.operationId} ${status}`).toBe(true);
        }
      }
      for (const [type, { examples: given = {} }] of Object.entries(route.requestBody?.content ?? {})) {
        expect(Object.keys(given).length, `${route.operationId} ${type}`).toBeGreaterThan(0);
      }
    }
  });

  it('of fields and parameters are what their schemas take, and so are defaults', () => {
    const faults: string[] = [];
    const look = (value: unknown, place: string): void => {
      if (typeof value !== 'object' || value === null) return;
      const schema = value as Schema;
      if (Array.isArray(schema.examples) || 'default' in schema) {
        for (const each of [...(schema.examples ?? []), ...('default' in schema ? [schema.default] : [])]) {
          if (!contract.takes(schema, each)) faults.push(`${place} ${JSON.stringify(each)}`);
        }
      }
      for (const [key, each] of Object.entries(value)) if (!['examples', 'default', 'example'].includes(key)) look(each, `${place}/${key}`);
    };
    look(contract.document.components.schemas, '');
    for (const { path, parameters = [] } of contract.routes) {
      for (const { name, schema, example } of parameters) {
        look(schema, `${path} ${name}`);
        if (example !== undefined && !contract.takes(schema, example)) faults.push(`${path} ${name} ${JSON.stringify(example)}`);
      }
    }
    expect(faults).toEqual([]);
  });

  it.each(operationIds.filter((id) => !proven.includes(id)))('of %s are answered as they say', async (operationId) => {
    const own = await openServer();
    try {
      const route = contract.route(operationId);
      const path = Object.fromEntries(parametersIn(route, 'path').map(({ name, example }) => [name, String(example)]));
      await seed(own, operationId, path);
      const address = route.path.replace(/\{(\w+)\}/g, (_, name: string) => path[name] ?? '');
      const contents = Object.entries(route.requestBody?.content ?? {});
      const bodies = contents.flatMap(([type, media]) => Object.values(media.examples ?? {}).map((example) => ({ type, ...example })));
      for (const { type, value, 'x-status': status } of bodies) {
        const body = typeof value === 'string' ? value : JSON.stringify(value);
        const answer = await own.ask(route.method, address, { body, headers: { 'content-type': type } });
        expect(answer.status, answer.text).toBe(status);
        expectAsSaid(route, answer, value);
        await seed(own, operationId, path);
      }
      if (bodies.length > 0) return;
      const query = parametersIn(route, 'query').flatMap(({ name, example }) =>
        example === undefined || name === 'timeout' ? [] : [[name, String(example)] as const],
      );
      const answer = await own.ask(route.method, `${address}?${new URLSearchParams(Object.fromEntries(query))}`);
      expect(answer.status, answer.text).toBeLessThan(300);
      expectAsSaid(route, answer, query);
    } finally {
      await own.close();
    }
  });
});

/** Makes what the example's address names. */
async function seed(
  own: TestServer,
  operationId: string,
  { id, node: name, name: named }: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  if (id !== undefined && /Trigger|Webhook/.test(operationId)) return seedTrigger(own, id, operationId);
  if (id !== undefined && operationId.endsWith('Batch')) return seedBatch(own, id);
  if (id !== undefined && operationId.endsWith('Task')) return seedTask(own, id, operationId);
  if (id !== undefined && (await own.store.jobs.get(id)) === null)
    await own.ask('POST', '/v1/import', { body: exported(id, operationId), headers: { 'content-type': 'application/x-ndjson' } });
  else if (id !== undefined) {
    await own.ask('POST', `/v1/jobs/${id}/cancel`);
  }
  if (id !== undefined && (operationId === 'getUnreadable' || operationId === 'deleteUnreadable'))
    await own.store.upkeep.setAside(id, 'it was damaged');
  if (name !== undefined) await own.store.nodes.join(node(name), operationId === 'forgetNode' ? 0 : 60_000);
  if (operationId === 'getQueue' && named !== undefined) await own.ask('PATCH', `/v1/queues/${named}`, { body: { concurrency: 1 } });
  if (operationId === 'deleteLimit' && named !== undefined) await own.ask('PUT', `/v1/limits/${named}`, { body: { concurrency: 1 } });
}

async function seedBatch(own: TestServer, id: string): Promise<void> {
  for (const domain of ['', 'acme']) await own.ask('POST', '/v1/batches', { body: { id, domain, open: true } });
}

async function seedTask(own: TestServer, id: string, operationId: string): Promise<void> {
  for (const name of ['web-1', 'web-2']) await own.store.nodes.join(node(name, { serves: null }), 60_000);
  for (const domain of ['', 'acme']) {
    await own.ask('POST', '/v1/tasks', { body: { id, domain, worker: 'tail' } });
    if (operationId === 'collectTask') await own.ask('POST', `/v1/tasks/${id}/stop?domain=${domain}`);
  }
  if (operationId === 'collectTask') await fireTasks(own.store);
}

/** For those that name its tenant, and for those that do not. */
async function seedTrigger(own: TestServer, id: string, operationId: string): Promise<void> {
  for (const domain of ['', 'acme']) {
    const asked = operationId === 'callWebhook' ? { type: '@webhook' } : { type: '@cron', arguments: '@hourly' };
    await own.ask('POST', '/v1/triggers', { body: { ...asked, id, domain, worker: 'report' } });
    if (operationId !== 'callWebhook') continue;
    const key = keyOf({ domain, id });
    const [definition] = (await own.store.definitions.list({ by: 'keys', keys: [key] })).definitions;
    const body = writeTrigger({ ...readTrigger(definition?.body ?? null), hook: { token: 'PvzpvaKU5H4NzGe4GK8KRk', secret: null } });
    await own.store.definitions.put([{ ...key, group: '', body, state: null, due: 'never', dueOnEnd: false, if: null }]);
  }
}

function exported(id: string, operationId: string): string {
  const ended = operationId !== 'cancelJob';
  return `${JSON.stringify({
    kind: 'job',
    job: {
      id,
      state: ended ? 'canceled' : 'queued',
      reason: '',
      domain: '',
      queue: 'mail',
      worker: 'http',
      name: '',
      comment: '',
      manual: false,
      priority: 0,
      payload: null,
      url: 'http://127.0.0.1:9/',
      headers: null,
      options: { timeout: null, retry: { attempts: 1, backoff: 0, maxBackoff: 0 }, onLost: 'retry', rules: 'v1' },
      createdAt: 1_771_239_903_104,
      dueAt: 1_771_239_903_104,
      startedAt: null,
      endedAt: ended ? 1_771_239_904_104 : null,
      run: 1,
      attempt: 0,
      lost: 0,
      fence: '0',
      holder: '',
      result: { statusCode: null, output: '', outputCut: false, error: '' },
    },
    attempts: [],
  })}\n`;
}

it('compiles every schema of the document', () => {
  for (const schema of Object.values(contract.document.components.schemas)) expect(() => Compile(schema as object)).not.toThrow();
});
