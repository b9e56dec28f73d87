import { expect, it } from 'vitest';
import type { LiveText } from '../../core/live.ts';
import { makeAttemptLive } from './attempt-live.ts';

it('tells a progress once, however often its report is sent', () => {
  const told: LiveText[] = [];
  const attempts = makeAttemptLive({
    live: { begun: () => undefined, ended: () => undefined, tell: (_, text) => void told.push(text) },
    clock: { after: () => () => undefined },
  });
  const ref = { id: '1', fence: '1' } as never;
  const tell = (value: string | null): void => {
    attempts.hold(ref, 1_000);
    attempts.tell(ref, { progress: value, lines: [], events: [] }, 0);
  };
  for (const value of ['1', '1', null, '1', '2', '1']) tell(value);
  expect(told.map((text) => 'value' in text && text.value)).toEqual(['1', '2', '1']);
  attempts.ended(ref);
  tell('1');
  expect(told).toHaveLength(4);
});
