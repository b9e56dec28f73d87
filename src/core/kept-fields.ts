/** Reading what a definition was made of, field by field: whatever it is, it is told what is wrong. */
import { checkHeaderFields } from './headers.ts';
import { newJob } from './new-job.ts';
import type { TriggerJob } from './trigger.ts';

export type Fields = Readonly<Record<string, unknown>>;

export const wrong = (field: string, expected: string): Error => new Error(`its ${field} is not ${expected}`);

export function fieldsOf(value: unknown, field: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw wrong(field, 'an object');
}

export const isOneOf = (value: unknown, words: readonly unknown[]): boolean => words.includes(value);
export const isTextOrNull = (value: unknown): boolean => value === null || typeof value === 'string';
export const isTime = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
export const isTimeOrNull = (value: unknown): boolean => value === null || isTime(value);

/** A job that is kept until it is pushed, as a push has it. Throws what is wrong with it. */
export function checkKeptJob(value: unknown, which: string): void {
  const fields = fieldsOf(value, which);
  const { onLost, rules, retry } = fieldsOf(fields['options'], `options of its ${which}`);
  fieldsOf(retry, `retry of its ${which}`);
  if (!isOneOf(onLost, ['retry', 'fail'])) throw wrong('onLost', 'retry or fail');
  if (!isOneOf(rules, ['hq', 'v1'])) throw wrong('rules', 'hq or v1');
  for (const field of ['queue', 'worker', 'name', 'comment', 'url', 'limit'])
    if (typeof fields[field] !== 'string') throw wrong(`${field} of its ${which}`, 'a text');
  if (!isTextOrNull(fields['payload'])) throw wrong('message', 'a text or null');
  const job = fields as unknown as TriggerJob;
  newJob({ ...job, start: null });
  if (job.headers !== null) checkHeaderFields({ ...fieldsOf(job.headers, `headers of its ${which}`) } as Record<string, string>);
  if (job.payload !== null) JSON.parse(job.payload);
}
