/** What `hatstand triggers history` tells of a trigger that a server fires. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { type Ran, run, type Serving, serve } from './command.ts';

let server: Serving;
beforeAll(async () => {
  server = await serve(['--dispatchers', '0']);
});
afterAll(async () => {
  server.process.kill('SIGKILL');
  await server.ended;
});

const hatstand = (...args: readonly string[]): Promise<Ran> => run(args, { HATSTAND_ADDRESS: server.address });

interface History {
  readonly decisions: readonly { readonly kind: string; readonly why?: string; readonly jobs?: readonly { readonly id: string }[] }[];
  readonly since: string;
  readonly jobs: readonly { readonly id: string }[];
}

async function told(id: string, why: string): Promise<History> {
  let history: History | undefined;
  await until(why, async () => {
    history = JSON.parse((await hatstand('triggers', 'history', id, '--json')).out) as History;
    return history.decisions.some((each) => each.why?.includes(why));
  });
  return history ?? expect.fail(why);
}

it('tells each firing with its jobs, each decision not to fire, and each change', async () => {
  expect((await hatstand('triggers', 'add', '@at', '2026-01-01', '--worker', 'w', '--id', 'once')).code).toBe(0);
  const { decisions, jobs, since } = await told('once', 'fired for');
  expect(decisions.map(({ kind }) => kind)).toEqual(['decided', 'changed', 'changed']);
  expect(decisions[0]?.jobs?.map(({ id }) => id)).toEqual(jobs.map(({ id }) => id));
  expect(Date.parse(since)).toBeLessThan(Date.now());

  await hatstand('triggers', 'add', '@every', '1h', '--worker', 'w', '--id', 'beat');
  await hatstand('triggers', 'pause', 'beat');
  await told('beat', 'it is paused');
  const shown = await hatstand('triggers', 'history', 'beat');
  expect(shown.out.split('\n').map((line) => line.split(/ {2,}/)[1])).toEqual(
    expect.arrayContaining(['WHY', 'it is paused', 'paused', 'made', expect.stringContaining('next at')]),
  );
  // All of it is known.
  expect(shown.err).toBe('');
  expect((await hatstand('triggers', 'history', 'once')).err).toContain('is not known any more');
  expect((await hatstand('triggers', 'history', 'never')).code).toBe(5);
});

it('has triggers put right and ended ones deleted, of one domain or all', async () => {
  await hatstand('triggers', 'add', '@every', '1h', '--worker', 'w', '--id', 'right', '--domain', 'acme');
  expect((await hatstand('triggers', 'rebuild', '--domain', 'acme')).out).toBe('0 of 1 triggers were not due in time, and are now\n');
  const { code, out } = await hatstand('triggers', 'clean', '--domain', 'acme', '--json');
  expect([code, JSON.parse(out)]).toEqual([0, { looked: 1, changed: 0 }]);
});

it('tells times on the clocks of the zone as well, and takes none that is past for one to come', async () => {
  await hatstand('triggers', 'add', '@cron', '0 30 8 * * *', '--tz', 'Europe/Berlin', '--worker', 'w', '--id', 'zoned');
  const next = await hatstand('triggers', 'next', 'zoned', '-c', '1');
  expect(next.out).toMatch(/^\S+T0[67]:30:00.000Z {2}\w{3} \S+ 08:30 Europe\/Berlin {2}\d+ \w+ from now\n$/);
  const asked = ['@cron', '0 30 8 * * *', '--tz', 'Asia/Kathmandu', '--from', '2026-01-01', '-c', '1'];
  expect((await hatstand('triggers', 'preview', ...asked)).out).toContain(
    '2026-01-01T02:45:00.000Z  Thu 2026-01-01 08:30 Asia/Kathmandu  ',
  );
  for (const past of [
    ['pause', 'zoned', '--until', '2026-01-01'],
    ['change', 'zoned', '--ends-at', '2026-01-01'],
    ['backfill', 'zoned', '--from', '2100-01-01'],
  ])
    expect(await hatstand('triggers', ...past)).toMatchObject({ code: 2, out: '', err: expect.stringContaining('future') });
});

it('gives the proof of a job that a client has begun', async () => {
  const added = await hatstand('triggers', 'add', '@client', '--id', 'backup');
  expect(added).toMatchObject({ code: 0, err: '' });
  expect((await hatstand('triggers', 'launch', 'backup')).err).toContain('--json prints the proof');
  const { out } = await hatstand('triggers', 'launch', 'backup', '--json');
  const { id, proof } = JSON.parse(out) as { readonly id: string; readonly proof: object };
  const body = JSON.stringify({ proof, outcome: 'succeeded' });
  const headers = { 'content-type': 'application/json' };
  const settled = await fetch(`${server.address}/v1/jobs/${id}/settle`, { method: 'POST', headers, body });
  expect(settled.status, await settled.text()).toBe(200);
});

it('tells the whole address of a webhook', async () => {
  const { err } = await hatstand('triggers', 'add', '@webhook', '--worker', 'w', '--id', 'hook');
  const address = /http:\S+/.exec(err)?.[0] ?? expect.fail(err);
  expect((await fetch(address, { method: 'POST', body: '{}' })).status).toBe(202);
  expect((await hatstand('triggers', 'show', 'hook')).out).toContain(address);
});
