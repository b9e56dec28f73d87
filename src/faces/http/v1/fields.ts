/** The kinds of values that fields of `/v1` have, as JSON Schema says them: as strictly as the server reads them. */
import { Type } from 'typebox';
import { formatDuration, longestDuration, type Millis } from '../../../core/duration.ts';
import { jobLimits, namePattern } from '../../../core/new-job.ts';

export const closed = { additionalProperties: false } as const;

export const OrNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
export const Count = (description?: string) => Type.Integer(description === undefined ? { minimum: 0 } : { minimum: 0, description });

/** One that no store can hold (beyond 63 bits) is of no job. */
export const Id = (description: string) =>
  Type.String({
    title: 'a decimal number of up to 19 digits, without leading zeros,',
    description,
    pattern: '^(?:0|[1-9]\\d{0,18})$',
    examples: ['942130478012362752'],
  });

/** Of a queue, a worker or a domain. */
export const Name = (description: string, example: string, more: object = {}) =>
  Type.String({
    title: `1 to ${jobLimits.queue} letters, digits, dots, dashes or underscores, and not only dots,`,
    description,
    pattern: namePattern.source,
    maxLength: jobLimits.queue,
    examples: [example],
    ...more,
  });

interface DurationBounds {
  readonly least?: Millis;
  readonly longest?: Millis;
}

/** JSON Schema has no keyword for the bounds of a duration: they stand as `x-minimum` and `x-maximum`. */
export const Duration = (
  description: string,
  example: string,
  { least = 0, longest = longestDuration }: DurationBounds = {},
  more: object = {},
) =>
  Type.String({
    title: 'a duration',
    description,
    pattern: '^(?:\\d+(?:\\.\\d+)?(?:ms|s|m|h|d))+$',
    maxLength: 64,
    'x-minimum': formatDuration(least),
    'x-maximum': formatDuration(longest),
    examples: [example],
    ...more,
  });

/** As the server writes it. */
export const Time = (description: string) => Type.String({ description, format: 'date-time', examples: ['2026-01-31T12:00:00.000Z'] });
