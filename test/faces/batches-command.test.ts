/** What `hatstand batches` does with a server that runs jobs. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { type Ran, run, type Serving, serve } from './command.ts';

let server: Serving;
const folder = mkdtempSync(join(tmpdir(), 'hatstand-batches-'));
const file = join(folder, 'jobs.ndjson');
beforeAll(async () => {
  server = await serve(['--dispatchers', '0']);
});
afterAll(async () => {
  server.process.kill('SIGKILL');
  await server.ended;
  rmSync(folder, { recursive: true });
});

const hatstand = (...args: readonly string[]): Promise<Ran> => run(args, { HATSTAND_ADDRESS: server.address });

it('adds the jobs of a file as a batch, shows it, cancels it, and deletes it', async () => {
  // More than one request takes.
  writeFileSync(file, Array.from({ length: 2_100 }, (_, at) => `{"worker": "mail", "payload": ${at}}\n`).join(''));
  const add = ['batches', 'add', file, '--id', 'letter', '--on-ended', '{"worker": "report"}'];
  const unserved = 'No live node serves the worker mail: jobs wait until one does.\n';
  expect(await hatstand(...add)).toMatchObject({ code: 0, out: 'letter\n', err: unserved });
  // Once more, as after an answer that was lost: no job is pushed twice.
  expect(await hatstand(...add)).toMatchObject({ code: 0 });
  const shown = JSON.parse((await hatstand('batches', 'show', 'letter', '--json')).out) as object;
  expect(shown).toMatchObject({ id: 'letter', status: 'sealed', total: 2_100, live: 2_100 });
  expect((await hatstand('batches')).out).toMatch(/letter +2100 +2100 .* sealed/);
  expect(await hatstand('batches', 'cancel', 'letter')).toMatchObject({ code: 0, out: 'letter\n' });
  await until('its end', async () => (await hatstand('batches', 'show', 'letter')).out.includes('for ended, queued'));
  expect((await hatstand('batches', 'show', 'letter')).out).toMatch(/canceled +2100/);
  expect((await hatstand('batches', 'delete', 'letter')).code).toBe(0);
  expect((await hatstand('batches', 'show', 'letter')).code).toBe(5);
});

it('leaves a batch open on request, and seals it', async () => {
  writeFileSync(file, '{"worker": "mail"}');
  const id = (await hatstand('batches', 'add', '--open')).out.trim();
  expect((await hatstand('batches', 'push', id, file)).code).toBe(0);
  for (const _ of ['once', 'again'])
    expect(await hatstand('batches', 'push', id, file, '--idempotency-key', 'more')).toMatchObject({ code: 0, out: `${id}\n` });
  expect(JSON.parse((await hatstand('batches', 'seal', id, '--json')).out)).toMatchObject({ status: 'sealed', total: 2 });
  expect(await hatstand('batches', 'push', id, file)).toMatchObject({ code: 6, out: '', err: expect.stringContaining('is sealed') });
  expect(await hatstand('batches', 'push', 'never', file)).toMatchObject({ code: 5 });
  expect(await hatstand('batches', 'add')).toMatchObject({ code: 2 });
  expect(await hatstand('batches', 'add', file, '--on-ended', '{')).toMatchObject({ code: 2 });
});
