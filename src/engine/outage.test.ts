import { expect, it } from 'vitest';
import { HatstandError } from '../core/errors.ts';
import { silent } from '../system/silent.ts';
import { makeOutage } from './outage.ts';

it('tells once that the store is away, and that it is back when all have worked again', () => {
  const told: unknown[] = [];
  const log = {
    ...silent,
    error: (name: string, fields?: object) => void told.push([name, fields]),
    info: (name: string, fields?: object) => void told.push([name, fields]),
  };
  let now = 0;
  const outage = makeOutage({ monotonic: () => now }, log);
  const away = new HatstandError('store_unavailable', 'nobody answers');
  outage.worked('renew');
  expect([outage.met('renew', away), outage.met('sweep', away), outage.met('renew', away)]).toEqual([true, true, true]);
  expect(outage.met('fire', new HatstandError('store_full', 'full'))).toBe(false);
  expect(outage.met('fire', 'thrown')).toBe(false);
  now = 11_400;
  for (const loop of ['fire', 'renew', 'sweep', 'sweep']) outage.worked(loop);
  outage.met('sweep', away);
  expect(told).toEqual([
    ['store.away', { error: 'nobody answers' }],
    ['store.back', { seconds: 11 }],
    ['store.away', { error: 'nobody answers' }],
  ]);
});
