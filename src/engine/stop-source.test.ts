import { expect, test } from 'vitest';
import { StopSource } from './stop-source.ts';

test('the first reason to stop is told, once, to those who listen still', () => {
  const source = new StopSource();
  const told: string[] = [];
  const gone = (): void => void told.push('gone');
  source.addEventListener('abort', () => void told.push(`first ${source.reason}`));
  source.addEventListener('abort', gone);
  source.removeEventListener('abort', gone);
  expect(source).toMatchObject({ aborted: false, reason: null });

  source.abort('canceled');
  source.abort('lost');
  source.addEventListener('abort', () => void told.push('late'));

  expect(source).toMatchObject({ aborted: true, reason: 'canceled' });
  expect(told).toEqual(['first canceled']);
});
