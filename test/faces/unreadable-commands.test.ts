/** What the command line tells of a record that nobody can read. */
import { expect, it, onTestFinished } from 'vitest';
import { openServer } from '../../src/faces/http/server.suite.ts';
import { type Ran, run } from './command.ts';

it('a record that nobody can read is told, shown as it is, and removed', async () => {
  const server = await openServer();
  onTestFinished(() => server.close());
  const hatstand = (...args: readonly string[]): Promise<Ran> => run(args, { HATSTAND_ADDRESS: server.url });
  const id = await server.push({ comment: 'a comment' });
  await server.store.upkeep.setAside(id, 'it was damaged');

  const doctor = await hatstand('doctor');
  expect(doctor.out).toContain(`The record of job ${id} cannot be read and is set aside: it was damaged.`);
  expect((await hatstand('stats')).out).toMatch(/unreadable\s*1 records/);
  const info = await hatstand('info', id);
  expect([info.code, info.err]).toEqual([6, expect.stringContaining('it was damaged')]);
  const raw = await hatstand('info', id, '--raw');
  expect([raw.code, raw.out]).toEqual([0, expect.stringContaining('a comment')]);
  expect(JSON.parse((await hatstand('info', id, '--raw', '--json')).out)).toMatchObject({ id, reason: 'it was damaged' });
  await server.store.queues.configure('mail', { paused: true });
  await server.store.upkeep.setAside('queue:mail', 'it was damaged');
  expect((await hatstand('doctor')).out).toContain(
    'The record of queue mail cannot be read and is set aside: it was damaged. "hatstand info queue:mail --raw"',
  );
  expect((await hatstand('info', 'queue:mail', '--raw')).out).toContain('paused');
  expect((await hatstand('delete', 'queue:mail')).code).toBe(0);
  expect((await hatstand('delete', 'queue:mail')).code).toBe(5);
  expect((await hatstand('delete', id)).code).toBe(0);
  expect((await hatstand('info', id)).code).toBe(5);
  expect((await hatstand('info', id, '--raw')).code).toBe(5);
});
