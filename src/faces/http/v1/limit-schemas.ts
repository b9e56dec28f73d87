/** Limits, as they go in and come out under `/v1`. */
import { type Static, Type } from 'typebox';
import { limitNameExpected, limitNamePattern } from '../../../core/limit.ts';
import { jobLimits } from '../../../core/new-job.ts';
import { queueLimits } from '../../../core/queue.ts';
import { timePattern } from '../../../core/time.ts';
import { Count, closed, Duration, OrNull, Time } from './fields.ts';

const rate = Type.Object(
  {
    max: Type.Integer({ minimum: 1, maximum: queueLimits.most, description: 'So many jobs.', examples: [100] }),
    per: Duration('On average in such a time, and at most `max` at once.', '1h', { least: 1, longest: queueLimits.longestPer }),
  },
  closed,
);

const concurrency = Type.Integer({
  minimum: 1,
  maximum: queueLimits.most,
  description: 'Jobs that run at once in the whole cluster; null: as many as there are slots. What is beyond it waits parked.',
  examples: [4],
});

const pausedUntil = Type.String({
  title: 'a time that exists',
  description: 'None of its jobs starts before this; they wait parked.',
  pattern: timePattern,
  examples: ['2026-12-31T23:59:59Z'],
});

/** What is left out is null. */
export const LimitPut = Type.Object(
  {
    concurrency: Type.Optional(OrNull(concurrency)),
    rate: Type.Optional(OrNull(rate)),
    pausedUntil: Type.Optional(OrNull(pausedUntil)),
  },
  { $id: 'LimitPut', ...closed, minProperties: 1 },
);
export type LimitPut = Static<typeof LimitPut>;

export const Limit = Type.Object(
  {
    name: Type.String({ description: 'A key, or a pattern.', examples: ['worker:thumbnail'] }),
    concurrency: OrNull(Type.Integer()),
    rate: OrNull(rate),
    pausedUntil: OrNull(Time('None of its jobs starts before this; null: they may.')),
    left: OrNull(Count('How many jobs may be pushed now; null: there is no rate, or it is a pattern, and each key has its own.')),
    held: OrNull(Count('How many jobs of the key run; null: it has no concurrency and is not paused, or it is a pattern.')),
    parked: OrNull(Count('How many wait for one of them to end; null: it is a pattern.')),
  },
  { $id: 'Limit', ...closed },
);
export const LimitList = Type.Object(
  { limits: Type.Array(Type.Ref('Limit'), { description: 'By name.' }) },
  { $id: 'LimitList', ...closed },
);

export const LimitParams = Type.Object({
  name: Type.String({
    title: `${limitNameExpected},`,
    description: 'A key, or a pattern.',
    pattern: limitNamePattern.source,
    maxLength: jobLimits.limit,
    examples: ['worker:thumbnail'],
  }),
});
export type LimitParams = Static<typeof LimitParams>;

export const limitSchemas = [LimitPut, Limit, LimitList];
