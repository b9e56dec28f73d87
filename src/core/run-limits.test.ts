import { expect, it } from 'vitest';
import { newJob } from './new-job.ts';
import { functionRetry } from './retry.ts';
import { isRules, strictest, taken, toldRules, type WorkerRules } from './run-limits.ts';

const job = newJob({ worker: 'w', options: { timeout: 60_000, retry: { ...functionRetry, attempts: 9 }, onLost: 'retry', rules: 'v1' } });
const bounded: WorkerRules = { adminOnly: false, limits: { attempts: 3, timeout: null } };
const secret: WorkerRules = { adminOnly: true, limits: { timeout: 1_000 } };

it('a job is taken within the limits of its worker, by an administrator as it is, and by others not at all when the worker is for those alone', () => {
  expect(taken(job, bounded, false).options).toMatchObject({ timeout: 60_000, retry: { attempts: 3 } });
  expect(() => taken(job, secret, false)).toThrow('There is no worker "w".');
  for (const rules of [bounded, secret]) expect(taken(job, rules, true)).toBe(job);
  expect(taken(job, null, false)).toBe(job);
});

it('of several declarations the strictest counts, and one that bounds nothing is not told', () => {
  expect(strictest(bounded, secret)).toEqual({ adminOnly: true, limits: { attempts: 3, timeout: 1_000 } });
  expect(toldRules({ adminOnly: false, limits: { timeout: null } })).toBeUndefined();
  expect(toldRules(secret)).toEqual(secret);
});

it('what another node tells is looked at', () => {
  expect([bounded, secret, JSON.parse(JSON.stringify(secret))].map(isRules)).toEqual([true, true, true]);
  const wrong: unknown[] = [null, 1, {}, { adminOnly: 1, limits: {} }, { adminOnly: true }, { adminOnly: true, limits: { timeout: 'x' } }];
  for (const attempts of [0, -1, 0.5, null, '2']) wrong.push({ adminOnly: false, limits: { attempts } });
  wrong.push({ adminOnly: false, limits: { timeout: Number.POSITIVE_INFINITY } });
  expect(wrong.filter(isRules)).toEqual([]);
});
