/** A job with its attempts, and pages of them. */
import { type Static, Type } from 'typebox';
import { Count, closed, Id, OrNull, Time } from './fields.ts';
import { progressFields } from './log-schemas.ts';
import { output, payload, recordFields, result } from './schemas.ts';

const Attempt = Type.Object(
  {
    run: Type.Integer({ minimum: 1 }),
    attempt: Count(),
    fence: Id('The number that proves it.'),
    holder: Type.String(),
    startedAt: Time('When it began.'),
    endedAt: OrNull(Time('When it ended.')),
    end: Type.Enum(['running', 'succeeded', 'failed', 'canceled', 'returned', 'lost']),
    ...result,
    stack: Type.String({ description: 'Where a function threw, up to 8 KiB; empty otherwise.' }),
    ...output,
  },
  closed,
);
/** Attempts on one page. */
export const mostAttempts = 100;
const pageOfAttempts = 'newest first: as many as have about a megabyte of outputs and errors.';
const outputOfAttempts = 'Of earlier attempts the beginning of the output is kept (`history_output_limit`), and `outputCut` is true.';
const nextAttempts = OrNull(Type.String({ description: 'The cursor of the page of `attempts` behind these; null: there are no more.' }));
export const JobWithHistory = Type.Object(
  {
    ...recordFields,
    ...output,
    ...payload,
    history: Type.Array(Attempt, {
      description: `The newest ${mostAttempts} attempts, ${pageOfAttempts} ${outputOfAttempts}`,
      maxItems: mostAttempts,
    }),
    historyNext: nextAttempts,
    ...progressFields,
  },
  { $id: 'JobWithHistory', ...closed },
);
export const AttemptPage = Type.Object(
  { attempts: Type.Array(Attempt, { description: `A page, ${pageOfAttempts} ${outputOfAttempts}` }), next: nextAttempts },
  { $id: 'AttemptPage', ...closed },
);

export const AttemptsQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: mostAttempts, default: 20, description: 'Attempts on a page.' })),
    cursor: Type.Optional(Type.String({ maxLength: 64, description: '`next` of the page before, or `historyNext` of the job.' })),
  },
  closed,
);
export type AttemptsQuery = Static<typeof AttemptsQuery>;
