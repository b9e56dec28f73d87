/** Limits as words: `concurrency max per pausedUntil` (settings.lua). */
import { checkKeptTime, type LimitSettings } from '../../../core/limit.ts';
import { checkKeptSettings } from '../../../core/queue.ts';

const unset = 'none';

export const settingsText = ({ concurrency, rate, pausedUntil }: LimitSettings): string =>
  [concurrency, rate?.max, rate?.per, pausedUntil].map((value) => (value == null ? unset : String(value))).join(' ');

/** Throws for what makes none. */
export function readSettings(text: string): LimitSettings {
  const [concurrency = Number.NaN, max = Number.NaN, per = Number.NaN, pausedUntil = Number.NaN, ...others] = text
    .split(' ')
    .map((word) => (word === unset ? null : Number(word)));
  checkKeptSettings(concurrency, max, per);
  checkKeptTime(pausedUntil);
  if (others.length > 0) throw new Error('four words were expected');
  return { concurrency, rate: max === null || per === null ? null : { max, per }, pausedUntil };
}
