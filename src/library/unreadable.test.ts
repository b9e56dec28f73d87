import { describe, expect, it } from 'vitest';
import { HatstandError } from '../core/errors.ts';
import { hatstand, store } from './hatstand.suite.ts';

const setAside = async (): Promise<string> => {
  const { id } = await hatstand.push('w', 'the payload');
  await store.upkeep.setAside(id, 'it was damaged');
  return id;
};

describe('a job whose record nobody can read', () => {
  it('is told by every call about it, with the words of the HTTP API', async () => {
    const id = await setAside();
    const told = {
      code: 'unreadable',
      message: expect.stringContaining(`The record of job ${id} cannot be read and is set aside: it was damaged.`),
    };
    for (const ask of [
      () => hatstand.get(id),
      () => hatstand.history(id),
      () => hatstand.wait(id),
      () => hatstand.cancel(id),
      () => hatstand.restart(id),
    ])
      await expect(ask()).rejects.toMatchObject(told);
    expect(await hatstand.get('17')).toBeNull();
    expect(await hatstand.cancel('17')).toEqual({ kind: 'missing' });
  });

  it('is listed, shown as it is, and deleted', async () => {
    const ids = [await setAside(), await setAside()];
    const [first = '', second] = ids;
    const page = await hatstand.unreadable({ limit: 1 });
    expect(page).toEqual({ total: 2, next: second, records: [{ id: first, at: expect.any(Number), reason: 'it was damaged' }] });
    expect((await hatstand.unreadable({ from: page.next ?? undefined })).records.map(({ id }) => id)).toEqual([second]);
    expect(await hatstand.raw(first)).toMatchObject({ id: first, reason: 'it was damaged', raw: expect.stringContaining('the payload') });
    expect(await hatstand.delete(first)).toEqual({ kind: 'discarded' });
    expect(await hatstand.delete(first)).toEqual({ kind: 'missing' });
    expect(await hatstand.raw(first)).toBeNull();
  });
});

it('what is no job is named by what it was', async () => {
  await hatstand.pause('mail');
  await store.upkeep.setAside('queue:mail', 'it was damaged');
  expect((await hatstand.unreadable()).records).toMatchObject([{ id: 'queue:mail' }]);
  expect(await hatstand.raw('queue:mail')).toMatchObject({ id: 'queue:mail', raw: expect.stringContaining('paused') });
  expect(await hatstand.delete('queue:mail')).toEqual({ kind: 'discarded' });
  expect(await hatstand.delete('queue:mail')).toEqual({ kind: 'missing' });
  for (const wrong of ['', 'x', 'job:1']) await expect(hatstand.raw(wrong)).rejects.toThrow(HatstandError);
  await expect(hatstand.delete('x:y')).rejects.toMatchObject({ code: 'invalid_request' });
  await expect(hatstand.unreadable({ from: 'x' })).rejects.toMatchObject({ code: 'invalid_request' });
});
