import { expect, it } from 'vitest';
import { silent } from '../system/silent.ts';
import { makeFaultLog } from './fault-log.ts';

it('what fails again and again is told once, as is that it works again', () => {
  const told: unknown[] = [];
  const note = (name: string, facts?: object): void => void told.push([name, facts]);
  const faults = makeFaultLog({ ...silent, error: note, info: note }, 'loop', { loop: 'renew' });
  faults.worked();
  faults.failed(new Error('away'));
  faults.failed(new Error('away'));
  faults.failed(new Error('full'));
  faults.worked();
  faults.worked();
  faults.failed(new Error('full'));
  expect(told).toEqual([
    ['loop.failed', { loop: 'renew', error: 'away' }],
    ['loop.failed', { loop: 'renew', error: 'full' }],
    ['loop.recovered', { loop: 'renew', failures: 3 }],
    ['loop.failed', { loop: 'renew', error: 'full' }],
  ]);
});
