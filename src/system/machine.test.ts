import { expect, it } from 'vitest';
import { systemMachine } from './machine.ts';

it('a machine tells in percent what is used of it', () => {
  const { cpu, memory } = systemMachine.use();
  expect(cpu).toBeGreaterThanOrEqual(0);
  expect(Number.isInteger(cpu) && Number.isInteger(memory)).toBe(true);
  // This process alone uses some, and there was enough to start it.
  expect(memory).toBeGreaterThan(0);
  expect(memory).toBeLessThanOrEqual(100);
});
