import { expect, it } from 'vitest';
import { makePhase } from './phase.ts';

it('a phase changes along the arrows alone', () => {
  const phase = makePhase();
  expect([phase.now(), phase.may('push'), phase.may('claim')]).toEqual(['outside', true, false]);
  expect([phase.can('renew'), phase.follow('renew'), phase.now()]).toEqual([false, false, 'outside']);
  for (const verb of ['start', 'join'] as const) expect(phase.follow(verb)).toBe(true);
  expect([phase.now(), phase.can('renew'), phase.may('claim'), phase.may('be ready')]).toEqual(['active', true, true, true]);
  expect([phase.follow('drain'), phase.may('claim'), phase.may('fire'), phase.may('be ready')]).toEqual([true, false, true, true]);
  expect([phase.follow('forget'), phase.now()]).toEqual([false, 'draining']);
  expect([phase.follow('stop'), phase.follow('join'), phase.may('push')]).toEqual([true, false, false]);
  expect([phase.follow('leave'), phase.follow('start'), phase.now()]).toEqual([true, false, 'left']);
});
