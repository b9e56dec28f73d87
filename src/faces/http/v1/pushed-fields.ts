/** Fields that pushes and the jobs of triggers have, and copies have not: those are pushed whatever else there is, whenever they begin. */
import { Type } from 'typebox';
import { mostAwaited, onFailures, usualOnFailure } from '../../../core/after.ts';
import { timePattern } from '../../../core/time.ts';
import { uniqueScopeExpected, uniqueScopePattern, usualUntil } from '../../../core/unique.ts';
import { closed, Duration, Id, OrNull } from './fields.ts';

/** How long it is the only one. */
const until = Type.Union([Type.Enum(['started', 'ended']), Duration('So long from its push on.', '1d', { least: 1 })], {
  description: `\`started\`: until its first attempt begins; \`ended\`: until it has ended; or so long from its push on. \`${usualUntil}\` if it is not given. No longer than the job is kept.`,
});

const startBefore = Type.Union(
  [
    Duration('So long from its push on.', '10m'),
    Type.String({ title: 'a time that exists', description: 'A time.', pattern: timePattern, examples: ['2026-01-31T12:00:00Z'] }),
    Type.Null(),
  ],
  {
    description:
      'It begins before this or never: a duration from its push on, or a time. Else it is canceled with the reason `expired`. Later than a `delay` or an `at` of its kind, or it is refused; null: at any time.',
    'x-not-before': ['delay', 'at'],
  },
);

export const pushedFields = {
  startBefore: Type.Optional(startBefore),
  unique: Type.Optional(
    OrNull(
      Type.Object(
        {
          scope: Type.String({
            title: uniqueScopeExpected,
            pattern: uniqueScopePattern.source,
            description:
              'Among which jobs of its domain it is the only one: those of its `worker`, all of the `domain`, or those that name the same key, of whatever worker.',
            examples: ['worker', 'key:import-7'],
          }),
          until: Type.Optional(until),
        },
        {
          ...closed,
          description:
            'While there is another such job, none is made: the answer is that one, and its `kind` is `duplicate`. Null: there may be any number, whatever its worker says.',
        },
      ),
    ),
  ),
};

/** What pushes alone have: the jobs of triggers are pushed when their time has come. */
export const after = Type.Optional(
  OrNull(
    Type.Object(
      {
        jobs: Type.Array(Id('Of a job of the same domain, that was pushed before.'), { minItems: 1, maxItems: mostAwaited }),
        onFailure: Type.Optional(
          Type.Enum([...onFailures], {
            description:
              'When one of them fails or is canceled: `cancel` ends it at once, with the reason `after` and the id of that job; with `start` it starts all the same when all have ended.',
            default: usualOnFailure,
          }),
        ),
      },
      {
        ...closed,
        description:
          'It starts when these have ended, and not before its own `delay` or `at`. Those that have ended already count as they ended; with one that is not there, the push is refused (`awaited_missing`). Null: it waits for none.',
      },
    ),
  ),
);
