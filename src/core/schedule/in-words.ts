/** A schedule in plain words, for people who do not read cron: `at 08:30, on Monday to Friday, in Europe/Berlin`. */
import { formatDuration } from '../duration.ts';
import { timeText } from '../time.ts';
import type { Cron } from './cron.ts';
import { valuesOf } from './cron-field.ts';
import { compiled, type Schedule } from './schedule.ts';

const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const weekdayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
/** With more times of the day than this, they are not listed one by one. */
const mostTimes = 6;

export function inWords(schedule: Schedule): string {
  if (schedule.kind === 'once') return `once, at ${timeText(schedule.at)}`;
  if (schedule.kind === 'interval') return `every ${formatDuration(schedule.every)} since ${timeText(schedule.from)}`;
  const cron = compiled(schedule.cron);
  return [...timeWords(cron), ...dayWords(cron), `in ${schedule.timeZone}`].join(', ');
}

function timeWords({ hours, minutes, seconds }: Cron): readonly string[] {
  const [hour, minute, second] = [valuesOf(hours), valuesOf(minutes), valuesOf(seconds)];
  if (hour.length * minute.length * second.length <= mostTimes) {
    const times = hour.flatMap((h) => minute.flatMap((m) => second.map((s) => clock(h, m, s))));
    return [`at ${listed(times)}`];
  }
  const words = [
    ...unitWords('second', second, 60, 'minute'),
    ...unitWords('minute', minute, 60, 'hour'),
    ...unitWords('hour', hour, 24, 'day'),
  ];
  // What is allowed always need not be told beside what is allowed more often.
  return words.filter(({ isEvery }, at) => at === 0 || !isEvery).map(({ text }) => text);
}

interface UnitWords {
  readonly text: string;
  readonly isEvery: boolean;
}

function unitWords(unit: string, values: readonly number[], all: number, larger: string): readonly UnitWords[] {
  if (values.length === all) return [{ text: `every ${unit}`, isEvery: true }];
  if (unit === 'second' && values.length === 1 && values[0] === 0) return [];
  const step = (values[1] ?? 0) - (values[0] ?? 0);
  const isEven = values[0] === 0 && values.length === Math.ceil(all / step) && values.every((value, at) => value === at * step);
  if (step > 1 && isEven && all % step === 0) return [{ text: `every ${step} ${unit}s`, isEvery: false }];
  if (unit === 'hour')
    return [
      { text: `from ${listed(rangesOf(values).map(([from, to]) => `${clock(from, 0, 0)} to ${clock(to, 59, 59)}`))}`, isEvery: false },
    ];
  return [
    {
      text: `at ${unit} ${named(values, String)} of the ${larger}`,
      isEvery: false,
    },
  ];
}

function dayWords({ days, months, weekdays, eitherDay }: Cron): readonly string[] {
  const words: string[] = [];
  const day = days.isAny ? null : `on day ${named(valuesOf(days), String)}`;
  const weekday = weekdays.isAny ? null : `on ${named(valuesOf(weekdays), (value) => weekdayNames[value] ?? '')}`;
  if (eitherDay) words.push(`${day} of the month or ${weekday}`);
  else if (day !== null) words.push(`${day} of the month`);
  else if (weekday !== null) words.push(weekday);
  if (!months.isAny) words.push(`in ${named(valuesOf(months), (value) => monthNames[value - 1] ?? '')}`);
  return words;
}

/** Values that follow each other, together. */
function rangesOf(values: readonly number[]): readonly (readonly [from: number, to: number])[] {
  const found: [from: number, to: number][] = [];
  for (const value of values) {
    const last = found.at(-1);
    if (last !== undefined && last[1] === value - 1) last[1] = value;
    else found.push([value, value]);
  }
  return found;
}

/** By their names; three or more that follow each other as a range. */
const named = (values: readonly number[], name: (value: number) => string): string =>
  listed(
    rangesOf(values).flatMap(([from, to]) => {
      if (from === to) return [name(from)];
      return to === from + 1 ? [name(from), name(to)] : [`${name(from)} to ${name(to)}`];
    }),
  );

const listed = (texts: readonly string[]): string =>
  texts.length <= 1 ? (texts[0] ?? '') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`;

const two = (value: number): string => String(value).padStart(2, '0');
const clock = (hour: number, minute: number, second: number): string =>
  `${two(hour)}:${two(minute)}${second === 0 ? '' : `:${two(second)}`}`;
