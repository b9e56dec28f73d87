/** The log of a job: what attempts have told. Scripts know it too (log.lua). */
import { messageOf } from '../../../core/errors.ts';
import { type LogLine, type LogText, logLevels, type Progress, unreadableLine } from '../../../core/report.ts';
import { latestTime } from '../../../core/time.ts';
import { noWord, timeOf, wholeOf } from './words.ts';

/** What a script takes of a line as it is: behind it stand fence, number, time and size in a log. */
export const lineText = ({ level, text, fields }: LogText): string => `${level} ${fields?.length ?? noWord}\n${fields ?? ''}${text}`;

/** The line of a text, or what can be said of one that is none. */
export function readLine(text: string): LogLine {
  const end = text.indexOf('\n');
  const [fence = '', number = '', at, , level, length = noWord] = text.slice(0, end).split(' ');
  const place = { fence: digits(fence), number: Number(digits(number)) };
  try {
    const known = logLevels.find((each) => each === level);
    if (end < 0 || known === undefined) throw new Error('it has no level');
    const from = length === noWord ? end + 1 : end + 1 + wholeOf(length);
    return { ...place, at: timeOf(at), level: known, text: text.slice(from), fields: length === noWord ? null : text.slice(end + 1, from) };
  } catch (error) {
    return unreadableLine(place, messageOf(error));
  }
}

const digits = (word: string): string => /^\d{1,19}$/.exec(word)?.[0] ?? '0';

/** `''`: there is no log. A progress of a time that was damaged is none. */
export function readLog(text: string): { readonly dropped: number; readonly progress: Progress | null } {
  const end = text.indexOf('\n');
  const [, , , , dropped = '0', fence = noWord, at = noWord] = text.slice(0, end).split(' ');
  const count = Number(digits(dropped));
  if (digits(fence) === '0' || !/^\d{1,15}$/.test(at) || Number(at) > latestTime) return { dropped: count, progress: null };
  return { dropped: count, progress: { fence, at: Number(at), value: text.slice(end + 1) } };
}
