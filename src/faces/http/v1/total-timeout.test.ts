import { afterEach, beforeEach, expect, it } from 'vitest';
import { openServer, type TestServer } from '../server.suite.ts';

let server: TestServer;

beforeEach(async () => {
  server = await openServer();
});
afterEach(() => server.close());

const push = (body: object) => server.ask('POST', '/v1/jobs', { body });

it('is kept for a function, shown, and copied', async () => {
  const { json } = await push({ worker: 'mail', totalTimeout: '1h30m' });
  expect(json).toMatchObject({ totalTimeout: '1h30m', timeout: '10s' });
  await server.ask('POST', `/v1/jobs/${json['id']}/cancel`);
  const copy = async (change: object) =>
    (await server.ask('POST', `/v1/jobs/${json['id']}/restart`, { body: { copy: true, ...change } })).json;
  expect(await copy({})).toMatchObject({ totalTimeout: '1h30m' });
  expect(await copy({ timeout: '1m' })).toMatchObject({ totalTimeout: '1h30m', timeout: '1m' });
  expect((await push({ worker: 'mail', totalTimeout: null })).json).toMatchObject({ totalTimeout: null });
});

it.each([
  [{ url: 'http://127.0.0.1:9/', totalTimeout: '1h' }, 'totalTimeout is for jobs of functions'],
  [{ worker: 'mail', totalTimeout: '0s' }, 'totalTimeout must be'],
  [{ worker: 'mail', totalTimeout: 5 }, 'totalTimeout must be'],
])('%j is refused: %s', async (body, words) => {
  expect(await push(body)).toMatchObject({ status: 400, json: { code: 'invalid_request', detail: expect.stringContaining(words) } });
});
