import { expect, it } from 'vitest';
import { Recent } from './recent.ts';

it('keeps what was asked for lately, and no more than twice its number', () => {
  const recent = new Recent<number>(10);
  let made = 0;
  const ask = (key: string): number => recent.get(key, () => ++made);
  for (let at = 0; at < 1_000; at++) {
    ask(`${at}`);
    ask('often');
    expect(recent.size).toBeLessThanOrEqual(20);
  }
  expect(made).toBe(1_001);
  expect(ask('999')).toBe(1_001);
  ask('0');
  expect(made).toBe(1_002);
});
