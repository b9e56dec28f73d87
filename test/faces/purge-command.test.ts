/** `hatstand purge`. */
import { afterAll, beforeAll, expect, it } from 'vitest';
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

it('removes ended jobs that are old enough, and tells how many', async () => {
  for (const worker of ['mail', 'mail', 'mail', 'report']) {
    const { out } = await hatstand('push', '--worker', worker);
    expect((await hatstand('cancel', out.trim())).code).toBe(0);
  }
  const young = await hatstand('purge', '--older-than', '1h', '--keep', '0', '--json');
  expect([young.code, JSON.parse(young.out)]).toEqual([0, { looked: 0, purged: 0 }]);
  expect((await hatstand('purge', '--older-than', '0', '--keep', '1', '--worker', 'mail')).out).toBe('2 of 3 ended jobs are gone\n');
  expect((await hatstand('list', '-q')).out.trim().split('\n')).toHaveLength(2);
  const refused = await hatstand('purge', '--older-than', '0', '--domain', '..');
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('domain')]);
  expect((await hatstand('purge')).code).toBe(2);
});
