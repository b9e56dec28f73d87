import { expect, it } from 'vitest';
import { silent } from '../system/silent.ts';
import { makeLink } from './elsewhere-link.ts';

const longest = 600_000;

it('calls all who wait as soon as a server that was away answers one of them', async () => {
  const link = makeLink('work', silent);
  const called: string[] = [];
  link.after(longest, () => void called.push('a'));
  link.after(longest, () => void called.push('b'));
  link.after(longest, () => void called.push('forgotten'))();
  const paused = link.pause(10);
  link.worked();
  expect(called).toEqual([]);
  link.away(new Error('gone'));
  link.worked();
  expect(called).toEqual(['a', 'b']);
  await paused;
  link.away(new Error('gone'));
  link.worked();
  expect(called).toEqual(['a', 'b']);
});

it('calls once when the time is over, and not again when the server answers', async () => {
  const link = makeLink('work', silent);
  link.away(new Error('gone'));
  let calls = 0;
  await new Promise<void>((resolve) => {
    link.after(1, () => {
      calls += 1;
      resolve();
    });
  });
  link.worked();
  expect(calls).toBe(1);
});

it('ends a pause with its signal, also one that has aborted', async () => {
  const link = makeLink('work', silent);
  const abort = new AbortController();
  const paused = link.pause(10, abort.signal);
  abort.abort();
  await paused;
  await link.pause(10, abort.signal);
});
