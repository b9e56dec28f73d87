/** The log of a job, in pages. */
import { type Static, Type } from 'typebox';
import { jobStates } from '../../../core/job.ts';
import { logLevels, reportLimits } from '../../../core/report.ts';
import { Count, closed, Id, OrNull, Time } from './fields.ts';

/** Lines on one page: as many as a log has. */
export const mostLines = reportLimits.keptLines;

const Line = Type.Object(
  {
    fence: Id('Of the attempt that told it.'),
    number: Type.Integer({ minimum: 0, description: 'Among all lines of that attempt: what is missing between two was not kept.' }),
    at: Time('When it was told.'),
    level: Type.Enum([...logLevels]),
    text: Type.String(),
    fields: Type.Unknown({ description: 'Facts, as one object; null: none.' }),
  },
  closed,
);

const place = Type.String({ title: 'the `next` of an earlier page', pattern: '^\\d{1,19}\\.\\d{1,15}$', examples: ['1771239904134021.7'] });

export const progressFields = {
  progress: Type.Unknown({ description: 'How far its newest attempt is, or came, as that told it: any JSON; null: nothing was told.' }),
  progressAt: OrNull(Time('When that was told.')),
};

export const LogPage = Type.Object(
  {
    lines: Type.Array(Line, { description: 'Oldest first.', maxItems: mostLines }),
    next: OrNull({ ...place, description: '`after` of the next page; null: there is no line yet.' }),
    more: Type.Boolean({ description: 'There are further lines now.' }),
    dropped: Count(
      `How many lines of all that were told are not kept: the newest ${reportLimits.keptLines} with ${reportLimits.keptCharacters / 1_024} Ki characters are.`,
    ),
    state: Type.Enum([...jobStates], { description: 'Of the job: once it has ended, and there are no further lines, none will come.' }),
    ...progressFields,
  },
  { $id: 'LogPage', ...closed },
);

export const LinesQuery = Type.Object(
  {
    after: Type.Optional({ ...place, description: '`next` of the page before: the lines behind it. Default: from the oldest on.' }),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: mostLines, default: 100, description: 'Lines on a page.' })),
  },
  closed,
);
export type LinesQuery = Static<typeof LinesQuery>;
