import { afterEach, beforeEach, expect, it } from 'vitest';
import { openServer, type TestServer } from '../server.suite.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openServer();
});
afterEach(() => server.close());

async function canceled(worker: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const { json } = await server.ask('POST', '/v1/jobs', { body: { worker } });
    await server.ask('POST', `/v1/jobs/${json['id']}/cancel`);
  }
}

const purge = (body: object) => server.ask('POST', '/v1/jobs/purge', { body });
const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

it('removes ended jobs, and tells how many, by the sums of its last line', async () => {
  await canceled('mail', 4);
  await canceled('report', 1);
  await server.ask('POST', '/v1/jobs', { body: { worker: 'mail' } });
  const answer = await purge({ olderThan: '0s', keep: 1 });
  expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/x-ndjson; charset=utf-8']);
  expect(lines(answer.text).at(-1)).toEqual({ looked: 5, purged: 3, done: true });
  expect(lines((await purge({ olderThan: '0s', keep: 0, workers: ['mail'], domain: '' })).text).at(-1)).toEqual({
    looked: 1,
    purged: 1,
    done: true,
  });
  expect((await server.ask('GET', '/v1/jobs')).json['jobs']).toMatchObject([{ worker: 'mail' }, { worker: 'report' }]);
});

it('keeps the newest 50 when nobody says how many', async () => {
  await canceled('mail', 52);
  expect(lines((await purge({ olderThan: '0s' })).text).at(-1)).toEqual({ looked: 52, purged: 2, done: true });
});

it.each([
  [{}, 'olderThan'],
  [{ olderThan: '14' }, 'olderThan'],
  [{ olderThan: '1d', keep: -1 }, 'keep'],
  [{ olderThan: '1d', workers: [] }, 'workers'],
  [{ olderThan: '1d', worker: 'mail' }, 'worker'],
])('says what is wrong with %j', async (body, field) => {
  const { status, json } = await purge(body);
  expect([status, json['code']]).toEqual([400, 'invalid_request']);
  expect(JSON.stringify(json)).toContain(field);
});
