/** What is secret in a job goes to its web app and to another store, and is shown to nobody else. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { putOf } from '../../../stores/conformance/definitions.ts';
import { all } from '../../../stores/conformance/subject.ts';
import { openServer, type TestServer } from '../server.suite.ts';

const secrets = { Authorization: 'Bearer s3cret-1', 'X-Api-Key': 's3cret-2', Cookie: 'id=s3cret-3', 'X-Tenant': 'acme' };
const url = 'http://me:s3cret-4@a.example/b?token=s3cret-5&x=1';
const shown = {
  url: 'http://me:***@a.example/b?token=***&x=1',
  headers: { Authorization: '***', 'X-Api-Key': '***', Cookie: '***', 'X-Tenant': 'acme' },
};
const ndjson = { 'content-type': 'application/x-ndjson' };

let server: TestServer;
beforeEach(async () => {
  server = await openServer();
});
afterEach(() => server.close());

async function pushed(): Promise<string> {
  const { json, text } = await server.ask('POST', '/v1/jobs', { body: { url, headers: secrets, idempotencyKey: 'k' } });
  expect(json).toMatchObject(shown);
  expect(text).not.toContain('s3cret');
  return String(json['id']);
}

const kept = async (id: unknown) => {
  const job = await server.store.jobs.get(String(id));
  return { url: job?.url, headers: job?.headers };
};

describe('what is secret in a job', () => {
  it('is in no answer, under /v1 and at the root', async () => {
    const id = await pushed();
    expect(await kept(id)).toEqual({ url, headers: secrets });
    const again = { body: { url, headers: secrets, idempotencyKey: 'k' } };
    const answers = [
      await server.ask('POST', '/v1/jobs', again),
      await server.ask('GET', `/v1/jobs/${id}`),
      await server.ask('GET', '/v1/jobs'),
      await server.ask('GET', `/v1/jobs/${id}/wait?timeout=1ms`),
      await server.ask('GET', `/job/${id}`),
      await server.ask('GET', '/job'),
      await server.ask('POST', '/job', { body: { url, headers: secrets } }),
      await server.ask('POST', `/v1/jobs/${id}/cancel`),
      await server.ask('POST', `/v1/jobs/${id}/restart`, { body: { copy: true } }),
    ];
    for (const { status, text } of answers) {
      expect(status).toBeLessThan(300);
      expect(text).toContain('***');
      expect(text).not.toContain('s3cret');
    }
  });

  it('stays what it is in a copy of the job as it was shown', async () => {
    const id = await pushed();
    const { json } = await server.ask('POST', `/v1/jobs/${id}/restart`, { body: { ...shown, name: 'again' } });
    expect(json).toMatchObject({ ...shown, name: 'again' });
    expect(await kept(json['id'])).toEqual({ url, headers: secrets });
    const other = await server.ask('POST', `/v1/jobs/${id}/restart`, { body: { headers: { authorization: '***' } } });
    expect(await kept(other.json['id'])).toEqual({ url, headers: { authorization: 'Bearer s3cret-1' } });
  });

  it('must be given where nobody knows it', async () => {
    const id = await pushed();
    const ask = async (path: string, body: object) => (await server.ask('POST', path, { body })).json;
    expect(await ask('/v1/jobs', { url: 'http://a/', headers: { Authorization: '***' } })).toMatchObject({
      status: 400,
      field: 'headers.Authorization',
      detail: expect.stringContaining('was hidden'),
    });
    expect(await ask('/v1/jobs', { url: shown.url })).toMatchObject({
      status: 400,
      field: 'url',
      detail: expect.stringContaining('hidden'),
    });
    expect(await ask(`/v1/jobs/${id}/restart`, { headers: { 'X-Token': '***' } })).toMatchObject({ status: 400, field: 'headers.X-Token' });
    expect(await ask(`/v1/jobs/${id}/restart`, { url: 'http://me:***@elsewhere/' })).toMatchObject({ status: 400, field: 'url' });
  });

  it('goes with an export to another store, and is hidden in one for people, which no store takes', async () => {
    const id = await pushed();
    const whole = await server.ask('GET', '/v1/export');
    const forPeople = await server.ask('GET', '/v1/export?secrets=hidden');
    expect(forPeople.text).toContain('***');
    expect(forPeople.text).not.toContain('s3cret');
    await server.store.jobs.remove(id, ['queued', 'running', 'scheduled', 'canceled', 'succeeded', 'failed']);
    const refused = await server.ask('POST', '/v1/import', { headers: ndjson, body: forPeople.text });
    expect(refused.json).toMatchObject({
      restored: 0,
      failed: 1,
      faults: [{ detail: expect.stringContaining('was hidden by this export') }],
    });
    const taken = await server.ask('POST', '/v1/import', { headers: ndjson, body: whole.text });
    expect(taken.json).toMatchObject({ restored: 1, failed: 0 });
    const { jobs } = await server.store.jobs.list(all);
    expect(jobs).toMatchObject([{ id, url, headers: secrets }]);
  });

  it('that is stars is taken in as it is, but from an export that hides', async () => {
    const stars = { url: 'http://me:***@a/?token=***', headers: { Authorization: '***' } };
    const id = await server.push(stars);
    const [whole, forPeople] = [await server.ask('GET', '/v1/export'), await server.ask('GET', '/v1/export?secrets=hidden')];
    const clear = () => server.store.jobs.remove(id, ['queued']);
    await clear();
    const sent = async (body: string) => (await server.ask('POST', '/v1/import', { headers: ndjson, body })).json;
    const [head = '', job = ''] = whole.text.split('\n');
    expect(JSON.parse(forPeople.text.split('\n', 1)[0] ?? '')).toEqual({ ...(JSON.parse(head) as object), secrets: 'hidden' });
    expect(await sent(forPeople.text)).toMatchObject({ restored: 0, failed: 1 });
    expect(await sent(`${forPeople.text}${whole.text}`)).toMatchObject({ restored: 1, failed: 1 });
    expect((await server.store.jobs.list(all)).jobs).toMatchObject([{ id, ...stars }]);
    await clear();
    expect(await sent(job)).toMatchObject({ restored: 1, failed: 0 });
    expect(await kept(id)).toEqual(stars);
  });

  it('that is hidden is refused by its own line, whatever stands before it', async () => {
    const id = await pushed();
    const plain = await server.push({ url: 'http://a/' });
    const [whole, forPeople] = [await server.ask('GET', '/v1/export'), await server.ask('GET', '/v1/export?secrets=hidden')];
    for (const one of [id, plain]) await server.store.jobs.remove(one, ['queued']);
    const [head = ''] = whole.text.split('\n');
    const [, hiding = '', other = ''] = forPeople.text.split('\n');
    expect(JSON.parse(hiding)).toMatchObject({ secrets: 'hidden', job: shown });
    expect(JSON.parse(other)).not.toHaveProperty('secrets');
    // As an export of before wrote it, which had no such word.
    const unsaid = hiding.replace('"secrets":"hidden",', '');
    for (const line of [hiding, `${head}\n${hiding}`, unsaid, `${head}\n${unsaid}`]) {
      const { json } = await server.ask('POST', '/v1/import', { headers: ndjson, body: line });
      expect(json).toMatchObject({ restored: 0, failed: 1, faults: [{ detail: expect.stringContaining('"url" was hidden') }] });
    }
    const { json } = await server.ask('POST', '/v1/import', { headers: ndjson, body: other });
    expect(json).toMatchObject({ restored: 1, failed: 0 });
  });
});

describe('what is refused', () => {
  const refused: readonly [what: string, fields: object | string][] = [
    ['a header with a line break', { url, headers: { Authorization: 'Bearer s3cret\n' } }],
    ['a header that is no text', { url, headers: { Authorization: ['s3cret'] } }],
    ['headers that are a text', { url, headers: 'Authorization: s3cret' }],
    ['an address without a host', { url: 'http://me:s3cret@/?token=s3cret' }],
    ['an address with a port too large', { url: 'http://me:s3cret@a:99999/' }],
    ['an address of another scheme', { url: 'ftp://me:s3cret@a/?token=s3cret' }],
    ['an address with a wrong escape', { url: 'http://me:s3cret%zz@a/' }],
    ['an address with a blank in its login', { url: 'http://me:s3cret @a b/' }],
    ['an address that is none', { url: 'me:s3cret@a' }],
    ['an address beside a worker', { url, worker: 'resize' }],
    ['an address that is too long', { url: `http://me:s3cret@a/${'x'.repeat(10_000)}` }],
    ['no JSON', `{"url":"${url}","headers":{"Authorization":"s3cret"`],
    ['a token in the query', { url, token: 's3cret' }],
  ];
  it.each(refused)('is told without what is secret in it: %s', async (_, body) => {
    for (const path of ['/v1/jobs', '/v1/jobs?token=s3cret', '/job?token=s3cret']) {
      const { text, status } = await server.ask('POST', path, { body });
      if (path.startsWith('/v1')) expect(status).toBe(400);
      expect(text).not.toContain('s3cret');
    }
  });
});

describe('what is secret in a trigger', () => {
  it('is in no answer but its address, and in no export for people, which no import takes', async () => {
    const asked = { type: '@webhook', id: 'hook', url, options: { headers: secrets }, secret: 's3cret-6 and more' };
    const { json, text } = await server.ask('POST', '/v1/triggers', { body: asked });
    expect(text).not.toContain('s3cret');
    const token = String(json['webhook']).split('/').at(-1) ?? '';
    const exports = await Promise.all(['hidden', 'shown'].map((each) => server.ask('GET', `/v1/export?secrets=${each}`)));
    const [hiddenOne = '', shownOne = ''] = exports.map((each) => each.text);
    for (const word of ['s3cret', token]) expect([hiddenOne.includes(word), shownOne.includes(word)]).toEqual([false, true]);
    const other = await openServer();
    const take = (body: string) => other.ask('POST', '/v1/import', { body, headers: ndjson });
    expect((await take(hiddenOne)).json).toMatchObject({ failed: 1 });
    expect((await take(shownOne)).json).toMatchObject({ failed: 0, definitions: 1 });
    expect((await other.ask('POST', String(json['webhook']), { body: '1' })).status).toBe(401);
    await other.close();
  });

  it('stays what it is in a change of the trigger as it was shown', async () => {
    await server.ask('POST', '/v1/triggers', { body: { type: '@webhook', id: 'hook', url, options: { headers: secrets } } });
    const changed = await server.ask('PATCH', '/v1/triggers/hook', {
      body: { ...{ url: shown.url }, options: { headers: shown.headers, name: 'again' } },
    });
    expect(changed.json).toMatchObject({ url: shown.url, options: { headers: shown.headers, name: 'again' } });
    await server.ask('POST', '/v1/triggers/hook/launch');
    const { jobs } = await server.store.jobs.list(all);
    expect(jobs.at(-1)).toMatchObject({ url, headers: secrets, name: 'again' });
  });

  it('is not shown of a trigger that nobody can read', async () => {
    await server.store.definitions.put([putOf('a', { body: '{"job":{"headers":{"Authorization":"s3cret-6"}}}', due: 'never' })]);
    const shownLines = (await server.ask('GET', '/v1/export?secrets=hidden')).text;
    expect(shownLines).toContain('"secrets":"hidden"');
    expect(shownLines).not.toContain('s3cret');
    expect((await server.ask('GET', '/v1/export')).text).toContain('s3cret-6');
  });
});
