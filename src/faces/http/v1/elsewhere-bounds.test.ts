import { request } from 'undici';
import { expect, it } from 'vitest';
import { asked } from '../../../stores/conformance/subject.ts';
import { openServer } from '../server.suite.ts';

it('a claim whose answer finds no room is refused, or is not read, gives back what it had claimed', async () => {
  const server = await openServer({ connections: { answerBytes: 1024 * 1024 } });
  try {
    const payload = JSON.stringify('x'.repeat(4_000_000));
    await server.store.jobs.push(Array.from({ length: 3 }, () => asked({ worker: 'resize', payload })));
    const claim = (operation: string, max: number): object => ({ holder: 'py', operation, workers: ['resize'], max, wait: '0s' });
    const unread = await request(`${server.url}/v1/jobs/claim`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(claim('1', 2)),
    });
    unread.body.on('error', () => undefined);
    expect(unread.statusCode).toBe(200);
    const refused = await server.ask('POST', '/v1/jobs/claim', { body: claim('2', 1) });
    expect(refused.json).toMatchObject({ status: 503, code: 'overloaded' });
    expect(refused.headers['retry-after']).toBe('1');
    unread.body.destroy();
    await expect.poll(() => server.store.jobs.count()).toMatchObject([{ counts: { queued: 3, running: 0 } }]);
  } finally {
    await server.close();
  }
});

it('the key by which attempts are proven leaves its cluster by no export, and comes by no import', async () => {
  const [server, other] = [await openServer(), await openServer()];
  try {
    await server.store.jobs.push([asked({ worker: 'resize' })]);
    const body = { holder: 'py', operation: '1', workers: ['resize'] };
    expect((await server.ask('POST', '/v1/jobs/claim', { body })).status).toBe(200);
    const key = { kind: 'secret', domain: '', key: 'attempts' } as const;
    const { definitions } = await server.store.definitions.list({ by: 'keys', keys: [key] });
    expect(definitions).toHaveLength(1);
    expect((await server.ask('GET', '/v1/export')).text).not.toContain(String(JSON.parse(definitions[0]?.body ?? '')));
    const line = JSON.stringify({
      kind: 'definition',
      definition: { ...definitions[0], body: '"a key that somebody has chosen"' },
      parts: [],
    });
    const imported = await other.ask('POST', '/v1/import', { body: `${line}\n`, headers: { 'content-type': 'application/x-ndjson' } });
    expect(imported.text).toContain('is its own');
    expect((await other.store.definitions.list({ by: 'keys', keys: [key] })).definitions).toEqual([]);
  } finally {
    await server.close();
    await other.close();
  }
});
