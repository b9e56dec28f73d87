import { expect, it } from 'vitest';
import { endable } from './endable.ts';

/** Gives a number, and then waits until it is over. */
const numbers = () =>
  endable(async function* (over) {
    yield 1;
    await new Promise<void>((resolve) => over.addEventListener('abort', () => resolve(), { once: true }));
    yield 2;
  });

it('gives what it gives', async () => {
  for await (const n of numbers()) {
    expect(n).toBe(1);
    break;
  }
});

it('ends while it waits', async () => {
  const all = numbers();
  expect(await all.next()).toEqual({ done: false, value: 1 });
  const waiting = all.next();
  const ended = all.return();
  expect(await waiting).toEqual({ done: false, value: 2 });
  expect(await ended).toEqual({ done: true, value: undefined });
  expect(await all.next()).toEqual({ done: true, value: undefined });
});

it('ends with an error, and when it is disposed of', async () => {
  const failed = numbers();
  await failed.next();
  const waiting = failed.next();
  const thrown = failed.throw(new Error('enough'));
  await waiting;
  await expect(thrown).rejects.toThrow('enough');
  {
    await using disposed = numbers();
    await disposed.next();
  }
});
