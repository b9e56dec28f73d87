import { afterEach, beforeEach, expect, it } from 'vitest';
import { openServer, type TestServer } from '../server.suite.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openServer();
});
afterEach(() => server.close());

const post = (path: string) => server.ask('POST', path);
const add = (fields: object) => server.ask('POST', '/v1/triggers', { body: { type: '@every', arguments: '10m', worker: 'w', ...fields } });

/** Nobody looks at it any more by itself. */
async function forgotten(id: string, state: string | null = null): Promise<void> {
  const { definitions } = await server.store.definitions.list({ by: 'keys', keys: [{ kind: 'trigger', domain: 'acme', key: id }] });
  for (const { kind, domain, key, group, body, version } of definitions)
    await server.store.definitions.put([{ kind, domain, key, group, body, state, due: 'never', dueOnEnd: false, if: version }]);
}

it('triggers that would not be due are put right, of one domain or all', async () => {
  await add({ id: 'a', domain: 'acme' });
  await add({ id: 'b' });
  await forgotten('a');
  expect((await post('/v1/triggers/rebuild?domain=other')).json).toEqual({ looked: 0, changed: 0, next: null });
  expect((await post('/v1/triggers/rebuild?domain=acme')).json).toEqual({ looked: 1, changed: 1, next: null });
  expect((await post('/v1/triggers/rebuild')).json).toEqual({ looked: 2, changed: 0, next: null });
});

it('triggers that have ended are deleted', async () => {
  const { json } = await add({ id: 'a', domain: 'acme' });
  await add({ id: 'b', domain: 'acme' });
  await forgotten('a', JSON.stringify({ since: Date.parse(String(json['createdAt'])), tick: null, decided: 0, skip: null }));
  expect((await post('/v1/triggers/clean')).json).toEqual({ looked: 2, changed: 1, next: null });
  expect((await server.ask('GET', '/v1/triggers/a?domain=acme')).status).toBe(404);
});

it('a part begins where the one before ended, and nowhere else', async () => {
  expect((await post('/v1/triggers/clean?cursor=bm9uZQ')).json).toMatchObject({ status: 400, code: 'invalid_cursor' });
});
