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
    expect.arrayContaining(['WHY', 'it is paused', 'made or changed: version 3', expect.stringContaining('next at')]),
  );
  expect(shown.err).toContain('is not known any more');
  expect((await hatstand('triggers', 'history', 'never')).code).toBe(5);
});

it('has triggers put right and ended ones deleted, of one domain or all', async () => {
  await hatstand('triggers', 'add', '@every', '1h', '--worker', 'w', '--id', 'right', '--domain', 'acme');
  expect((await hatstand('triggers', 'rebuild', '--domain', 'acme')).out).toBe('0 of 1 triggers were not due in time, and are now\n');
  const { code, out } = await hatstand('triggers', 'clean', '--domain', 'acme', '--json');
  expect([code, JSON.parse(out)]).toEqual([0, { looked: 1, changed: 0 }]);
});
