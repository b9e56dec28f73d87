import { Compile } from 'typebox/compile';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { node } from '../../../stores/conformance/subject.ts';
import { openMemory } from '../../../stores/memory/index.ts';
import { failed, openServer, succeeded, type TestServer } from '../server.suite.ts';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

let server: TestServer;
let document: Document;
/** How far the store's clock is ahead. */
let ahead = 0;
beforeAll(async () => {
  server = await openServer({}, openMemory({ clock: { now: () => Date.now() + ahead } }));
  document = JSON.parse((await server.ask('GET', '/v1/openapi.json')).text) as Document;
});
afterAll(() => server.close());

/** The document's schema with what it refers to in place. */
function resolved(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(resolved);
  if (typeof node !== 'object' || node === null) return node;
  const reference = (node as { $ref?: string }).$ref;
  if (reference !== undefined) return resolved(document.components.schemas[reference.replace('#/components/schemas/', '')]);
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, resolved(value)]));
}

/** Asks, and holds the answer against what the document says of it. */
async function asks(
  method: string,
  template: string,
  path: string,
  body?: object | string,
  headers = {},
): Promise<Record<string, unknown>> {
  const answer = await server.ask(method, path, body === undefined ? { headers } : { body, headers });
  const said = document.paths[template]?.[method.toLowerCase()]?.responses[String(answer.status)];
  expect(said, `${method} ${template} answers ${answer.status}: ${answer.text}`).toBeDefined();
  const type = String(answer.headers['content-type'] ?? '').split(';')[0] ?? '';
  if (answer.status === 204) return {};
  const schema = said?.content?.[type]?.schema;
  expect(schema, `${method} ${template} answers ${type}`).toBeDefined();
  const faults = Compile(resolved(schema) as object).Errors(answer.json);
  expect(faults, `${method} ${template} ${answer.status}`).toEqual([]);
  return answer.json;
}

describe('the OpenAPI document', () => {
  it('is OpenAPI 3.1, names its schemas and describes every operation', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(['Push', 'Job', 'JobList', 'Problem', 'Queue', 'Stats']),
    );
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    expect(operations.length).toBe(76);
    for (const operation of operations) {
      expect(operation.operationId).toMatch(/^[a-z][A-Za-z]+$/);
      expect(operation.summary).not.toBe('');
      for (const response of Object.values(operation.responses)) expect(response.description).not.toBe('Default Response');
    }
  });

  it('refers to nothing that it does not hold', () => {
    const text = JSON.stringify(document);
    for (const [, name] of text.matchAll(/"\$ref":"([^"]*)"/g)) {
      expect(Object.keys(document.components.schemas)).toContain(name?.replace('#/components/schemas/', ''));
    }
  });

  it('tells that a job to wait for may be missing where jobs are sent, and nowhere else', () => {
    const tells = Object.values(document.paths).flatMap((path) =>
      Object.values(path).flatMap((route) => (JSON.stringify(route.responses).includes('"awaited_missing"') ? route.operationId : [])),
    );
    expect(tells.toSorted()).toEqual(['addBatch', 'pushJobs', 'pushToBatch', 'reportAttempt']);
  });

  it('says what is answered', async () => {
    const url = 'http://127.0.0.1:9/';
    const id = (
      await asks('POST', '/v1/jobs', '/v1/jobs', {
        url,
        payload: { a: 1 },
        headers: { 'X-A': '1' },
        idempotencyKey: 'k',
        retry: { backoff: '1ms' },
      })
    )['id'];
    await asks('POST', '/v1/jobs', '/v1/jobs', [{ url }, { url: 'x' }]);
    await asks('POST', '/v1/jobs', '/v1/jobs', {
      url,
      payload: { a: 1 },
      headers: { 'X-A': '1' },
      idempotencyKey: 'k',
      retry: { backoff: '1ms' },
    });
    await asks('POST', '/v1/jobs', '/v1/jobs', { url, idempotencyKey: 'k' });
    await asks('POST', '/v1/jobs', '/v1/jobs', '{');
    await asks('POST', '/v1/jobs', '/v1/jobs', 'x', { 'content-type': 'text/plain' });
    await server.settle(await server.start(), failed(500, 'no'));
    ahead += 1_000;
    await server.start();
    await asks('GET', '/v1/jobs/{id}', `/v1/jobs/${id}`);
    await asks('POST', '/v1/jobs/{id}/restart', `/v1/jobs/${id}/restart`);
    await asks('POST', '/v1/jobs/{id}/restart', `/v1/jobs/${id}/restart`, { copy: true });
    await asks('POST', '/v1/jobs/{id}/cancel', `/v1/jobs/${id}/cancel`);
    await asks('GET', '/v1/jobs/{id}/wait', `/v1/jobs/${id}/wait?timeout=1ms`);
    await server.settle(await server.start(), succeeded('x'));
    await asks('GET', '/v1/jobs', '/v1/jobs?limit=1');
    await asks('GET', '/v1/jobs', '/v1/jobs?limit=0');
    await asks('GET', '/v1/jobs/{id}', '/v1/jobs/5');
    await asks('DELETE', '/v1/jobs/{id}', `/v1/jobs/${id}`);
    await asks('PATCH', '/v1/queues/{name}', '/v1/queues/mail', { rate: { max: 1, per: '1s' }, concurrency: 1 });
    await asks('POST', '/v1/queues/{name}/pause', '/v1/queues/mail/pause');
    await asks('GET', '/v1/queues/{name}', '/v1/queues/mail');
    await asks('GET', '/v1/queues', '/v1/queues');
    await asks('GET', '/v1/stats', '/v1/stats');
    await server.store.nodes.join(node('n'), 60_000);
    await asks('GET', '/v1/nodes', '/v1/nodes');
    await asks('POST', '/v1/nodes/{node}/drain', '/v1/nodes/n/drain');
    await asks('POST', '/v1/nodes/{node}/resume', '/v1/nodes/n/resume');
    await asks('POST', '/v1/nodes/{node}/resume', '/v1/nodes/m/resume');
    await asks('DELETE', '/v1/nodes/{node}', '/v1/nodes/n');
    await asks('POST', '/v1/doctor', '/v1/doctor');
    const ndjson = { 'content-type': 'application/x-ndjson' };
    await asks('POST', '/v1/import', '/v1/import', '{"kind":"end","queues":0,"jobs":0}\nx\n', ndjson);
    await asks('POST', '/v1/import', '/v1/import', '{}');
    const lines = { 'application/x-ndjson': { schema: { type: 'string' } } };
    expect(document.paths['/v1/export']).toMatchObject({ get: { responses: { 200: { content: lines } } } });
  });
});
