/** Settings of queues as words: `paused concurrency max per`, and `closed` behind those of one that takes no jobs (settings.lua). */
import { checkKeptSettings, type QueueSettings } from '../../../core/queue.ts';

const unset = 'none';
/** Leaves a setting as it is. */
const same = 'same';
const [closedWord, openWord] = ['closed', 'open'];

const changeWord = (value: number | null | undefined): string => (value === undefined ? same : value === null ? unset : String(value));

/** What a change says of each setting. */
export function changeWords({ paused, closed, concurrency, rate }: Partial<QueueSettings>): readonly string[] {
  const limits = [concurrency, rate === null ? null : rate?.max, rate === null ? null : rate?.per].map(changeWord);
  return [paused === undefined ? same : paused ? '1' : '0', ...limits, closed === undefined ? same : closed ? closedWord : openWord];
}

const settingOf = (word: string): number | null => (word === unset ? null : Number(word));

/** Throws for what makes none. */
export function readSettings(text: string): QueueSettings {
  const [paused, concurrency = unset, maxWord = unset, perWord = unset, closed] = text.split(' ');
  const [max, per] = [settingOf(maxWord), settingOf(perWord)];
  if (paused !== '0' && paused !== '1') throw new Error(`0 or 1 was expected, not ${JSON.stringify(paused?.slice(0, 64))}`);
  checkKeptSettings(settingOf(concurrency), max, per);
  if (closed !== undefined && closed !== closedWord) throw new Error(`closed was expected, not ${JSON.stringify(closed.slice(0, 64))}`);
  const rate = max === null || per === null ? null : { max, per };
  return { paused: paused === '1', closed: closed !== undefined, concurrency: settingOf(concurrency), rate };
}
