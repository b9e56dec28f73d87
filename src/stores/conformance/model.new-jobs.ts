/** Jobs and claims of random histories, with texts that a store might take for its own signs. */
import fc from 'fast-check';
import { type DefinitionKey, ownerOf } from '../../core/definition.ts';
import type { Millis } from '../../core/duration.ts';
import type { After, NewJob } from '../../core/job.ts';
import { jobLimits, newJob } from '../../core/new-job.ts';
import type { Unique } from '../../core/unique.ts';
import { asked, minute } from './subject.ts';

/** Time passes in whole units, each far longer than what a history takes by itself. */
export const unit: Millis = 10 * minute;
/** Added where something must not depend on what passes beside the units. */
export const margin: Millis = unit / 2;

/** Stand between words, lines and records wherever these are kept as text. */
export const signs = ' /;%\u001e\n\u{1F600}';

/** The operation of the n-th claim: every other one has signs. */
export const operationOf = (number: number): string => (number % 2 === 0 ? `${number}` : `${number}${signs}`);

/** Seats of nodes, whose incarnations are called after them, and a holder that is no node. */
export const seatNames = ['x', `y${signs}`, 'z'];
export const outsider = `-${signs}`;

/** Some look like a store's own words for nothing, an id or the end of a line; texts of more than 1024 characters lie elsewhere. */
const texts = [
  ...['', '-', '%2D', 'i', 'l\n', '\n', '\u001e', 'a\u0000b', 'é\u2028', `a${signs}b`, ' 1 0\n', '0000000000000000001 2 0'],
  ...['x'.repeat(1_024), 'y'.repeat(1_025)],
];

/** `0` has jobs in one queue only: whose turn it is among several is each store's own affair. */
const places = [
  { worker: 'w', queue: 'a' },
  { worker: 'w', queue: '-' },
  { worker: '0', queue: '-' },
] as const;

export const queues = ['a', '-'] as const;

export const wants = [
  [{ worker: 'w', queues: ['a'] }],
  [{ worker: 'w', queues: ['-'] }],
  [{ worker: '0', queues: 'any' }],
  [
    { worker: '0', queues: 'any' },
    { worker: 'w', queues: ['a'] },
  ],
] as const;

/** Most often the usual. */
const seldom = <const T, const U>(usual: T, others: readonly U[]): fc.Arbitrary<T | U> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

/** Texts of results: `''` is a usual one. */
export const resultText = seldom('', texts);

/** Bytes of outputs that histories keep. */
export const keeps = fc.constantFrom(16_384, 16_384, 16_384, 1_024, 7);

/** What jobs are like unless something else is said. */
export const plainJob = asked({ options: { ...asked().options, retry: { attempts: 1, backoff: unit, maxBackoff: unit } } });

export const definitionKeys: readonly DefinitionKey[] = [
  { kind: 'trigger', domain: '', key: 'a' },
  { kind: 'trigger', domain: '', key: `-${signs.replace('\n', '').replace('\u001e', '')}` },
  { kind: 'trigger', domain: 'd', key: 'a' },
];

/** Of definitions, which there may be or not. */
const owners = definitionKeys.map(ownerOf);

const uniques: readonly Unique[] = [
  { scope: 'worker', until: 'ended' },
  { scope: 'domain', until: 'started' },
  { scope: 'key:a /;%', until: 'started' },
  { scope: 'key:a /;%', until: 2 * unit + margin },
];

/** Instead of ids they say how many jobs are younger (`model.jobs.ts` puts ids there). */
const afters: readonly After[] = [
  { jobs: ['0'], onFailure: 'cancel' },
  { jobs: ['0', '1'], onFailure: 'start' },
  { jobs: ['1', '2', '5'], onFailure: 'cancel' },
  { jobs: ['3', '9'], onFailure: 'start' },
];

export const job: fc.Arbitrary<NewJob> = fc
  .record({
    place: fc.constantFrom(...places),
    name: seldom(
      '',
      texts.filter((text) => text.length <= jobLimits.name),
    ),
    comment: seldom('', texts),
    url: seldom('', texts),
    domain: seldom('', ['d']),
    payload: fc.option(fc.constantFrom('{}', '{}', '{}', ...texts)),
    headers: seldom(null, [{ a: signs }, { [signs]: '' }]),
    manual: seldom(false, [true]),
    priority: fc.constantFrom(0, 0, 0, 1, -1),
    delay: seldom(null, [1, 2, 3]),
    key: seldom(null, ['k', `l${signs}`]),
    digest: fc.constantFrom('d', 'd', 'e'),
    attempts: fc.constantFrom(1, 2, 3),
    unique: seldom(null, uniques),
    before: seldom(null, [2, 3, 4]),
    after: seldom(null, afters),
    onLost: fc.constantFrom('retry' as const, 'retry' as const, 'fail' as const, 'always' as const),
    owner: fc.constantFrom('', '', ...owners),
    limit: seldom('', ['l', signs]),
    about: seldom(null, ['{}', '"x"', `"${signs.replace('\n', '')}"`]),
  })
  .map(({ place, delay, key, digest, attempts, onLost, unique, before, after, ...rest }) => {
    const { options } = plainJob;
    const retry = { ...options.retry, attempts };
    const start = delay === null ? null : { delay: delay * unit };
    const startBefore = before === null ? {} : { startBefore: { delay: (before + (delay ?? 0)) * unit + margin } };
    const idempotency = key === null ? null : { key, digest };
    return newJob({
      ...plainJob,
      ...place,
      ...rest,
      start,
      idempotency,
      options: { ...options, onLost, retry, ...(unique === null ? {} : { unique }), ...startBefore, ...(after === null ? {} : { after }) },
    });
  });
