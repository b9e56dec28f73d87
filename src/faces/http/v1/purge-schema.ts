/** What a purge is asked for. */
import { type Static, Type } from 'typebox';
import { purgeLimits } from '../../../engine/api/purge.ts';
import { closed, Duration, Name } from './fields.ts';
import { orderFields } from './schemas.ts';

export const Purge = Type.Object(
  {
    olderThan: Duration('So long ago a job must have ended.', '14d'),
    keep: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: purgeLimits.keep,
        default: purgeLimits.usualKeep,
        description: 'So many of the newest ended jobs stay however old they are: of each state, worker and domain.',
      }),
    ),
    workers: Type.Optional(
      Type.Array(Name('A worker.', 'mail'), {
        minItems: 1,
        maxItems: purgeLimits.workers,
        description: 'Of these workers alone; left out: of all.',
      }),
    ),
    domain: Type.Optional(Type.Union([orderFields(() => ({})).domain], { description: 'Of this tenant alone; left out: of all.' })),
  },
  { $id: 'Purge', ...closed },
);
export type Purge = Static<typeof Purge>;
