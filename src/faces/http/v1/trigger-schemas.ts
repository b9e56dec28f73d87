/** Triggers as they go in and come out under `/v1`. */
import { type Static, Type } from 'typebox';
import { overlaps } from '../../../core/definition.ts';
import { ruleLimits } from '../../../core/event-rule.ts';
import { endStates } from '../../../core/job.ts';
import { triggerLimits } from '../../../core/new-trigger.ts';
import { folds, gaps } from '../../../core/schedule/cron-next.ts';
import { mostPreviewed } from '../../../core/schedule/preview.ts';
import { mostCharacters, timeTriggerTypes } from '../../../core/schedule/schedule.ts';
import { longestJitter, missedPolicies, mostMissed, mostSkips } from '../../../core/schedule/timetable.ts';
import { timePattern } from '../../../core/time.ts';
import { triggerStatuses, triggerTypes } from '../../../core/trigger.ts';
import { AttemptTtl, Proof } from './elsewhere-schemas.ts';
import { Count, closed, Duration, Id, Name, OrNull, Time } from './fields.ts';
import { pushedFields } from './pushed-fields.ts';
import { orderFields, output, payload as payloadField, pushFields, recordFields, runFields, targetFields, type Usual } from './schemas.ts';

const plain: Usual = () => ({});
const { domain, manual: _manual, ...order } = orderFields(plain);
/** In addresses. */
export const tenant = domain;
const { url, worker, payload: _payload, headers } = targetFields(plain);

/** How its jobs are, beside what they are. */
const Options = Type.Object(
  {
    ...order,
    ...runFields(plain),
    ...pushedFields,
    totalTimeout: pushFields.totalTimeout,
    headers,
    forwardLogs: Type.Optional(Type.Boolean({ description: 'The log lines of its jobs are told as events as well.' })),
  },
  { ...closed, description: 'What each of its jobs has, as in a push.' },
);

const text = (description: string, example: string, most = mostCharacters) =>
  Type.String({ description, maxLength: most, examples: [example] });
const When = (description: string) =>
  Type.String({ title: 'a time that exists', description, pattern: timePattern, examples: ['2026-12-31T23:59:59Z'] });

const TimeZone = Type.String({
  description: 'A name of the IANA database, in which a cron expression or a phrase is meant. UTC if none is given.',
  maxLength: 64,
  examples: ['Europe/Berlin'],
});

const Daylight = Type.Object(
  {
    gap: Type.Optional(Type.Enum([...gaps], { description: 'Times that do not exist: run once after the gap, or leave them out.' })),
    fold: Type.Optional(Type.Enum([...folds], { description: 'Times that come twice: run at the first, at the last, or at both.' })),
  },
  { ...closed, description: 'Usually as the expression is meant: fixed times run once, at the first; others follow the wall clock.' },
);

const policy = Type.Enum([...missedPolicies], {
  description: '`last`: one run for all that were missed; `skip`: none of what is late; `all`: one for each.',
});
const Missed = Type.Union(
  [
    policy,
    Type.Object(
      {
        policy,
        most: Type.Optional(Type.Integer({ minimum: 1, maximum: mostMissed, description: 'Of `all`: so many of them, the newest.' })),
        lateness: Type.Optional(
          OrNull(Duration('What is later than this is left out; null: a minute with `skip`, else nothing is too late.', '1h')),
        ),
      },
      closed,
    ),
  ],
  { description: 'Runs whose time came while no node could push them.', default: 'last' },
);

const debounceFields = {
  wait: Duration('From the first, or from each one if there is a maxWait.', '10s', { longest: triggerLimits.window }),
  maxWait: Type.Optional(OrNull(Duration('The longest, from the first.', '1m', { longest: triggerLimits.window }))),
};
const Debounce = Type.Union([debounceFields.wait, Type.Object(debounceFields, closed)], {
  description: 'What comes within this time becomes one job. For events and webhooks.',
});

const changeFields = {
  arguments: Type.Optional(
    text(
      'When it fires, in the words of its type: a time (`@at`), a duration (`@in`, `@every`), a cron expression (`@cron`), a phrase (`@daily`), rules (`@event`).',
      '0 30 8 * * MON-FRI',
      ruleLimits.characters,
    ),
  ),
  timeZone: Type.Optional(OrNull(TimeZone)),
  daylight: Type.Optional(Daylight),
  message: Type.Optional(Type.Unknown({ description: 'The payload of its jobs: any JSON value.' })),
  options: Type.Optional(Options),
  missed: Type.Optional(Missed),
  overlap: Type.Optional(
    Type.Enum([...overlaps], {
      description:
        'When a job of it has not ended: push all the same, `skip` the run, let `one` wait, or cancel the earlier one (`replace`). An `@event` or `@webhook` trigger without debounce, and a `@client` trigger, take `allow` alone.',
      default: 'allow',
    }),
  ),
  debounce: Type.Optional(OrNull(Debounce)),
  jitter: Type.Optional(Duration('Each run begins up to this much later.', '30s', { longest: longestJitter })),
  endsAt: Type.Optional(OrNull(When('No tick after it fires; null: it has no end.'))),
  secret: Type.Optional(
    OrNull(
      Type.String({
        minLength: 16,
        maxLength: triggerLimits.secret,
        description: 'Of a webhook: calls must be signed with it. Never shown.',
      }),
    ),
  ),
};

export const TriggerId = Type.String({
  title: '1 to 128 letters, digits, dots, dashes or underscores, and not only dots,',
  description: 'Its name. One that nobody guesses is made when none is given.',
  pattern: '^\\.*[A-Za-z0-9_-][A-Za-z0-9._-]*$',
  maxLength: 128,
  examples: ['nightly-report'],
});

const type = Type.Enum([...triggerTypes], { description: 'What fires it.' });

const onlyNull = { type: 'null' } as const;
/** What a trigger that does not fire by the clock has not, and one that is not called. */
const noTimes = { timeZone: onlyNull, daylight: false, missed: false, jitter: false, endsAt: onlyNull };
const noCalls = { debounce: onlyNull, secret: onlyNull };
/** What no function takes. */
const noHttp = { properties: { headers: false, rules: false } };
/** What no HTTP job takes. */
const noFunction = { properties: { totalTimeout: onlyNull } };
const ofTypes = (types: readonly string[], properties: object) => ({
  properties: { type: { enum: types }, ...properties },
  anyOf: [
    { required: ['worker'], properties: { worker: { not: { const: 'http' } }, url: false, options: noHttp } },
    { required: ['url'], properties: { worker: { const: 'http' }, options: noFunction } },
  ],
});

export const TriggerAdd = Type.Object(
  { type, ...changeFields, id: Type.Optional(TriggerId), domain, url, worker },
  {
    $id: 'TriggerAdd',
    ...closed,
    oneOf: [
      ofTypes(timeTriggerTypes, noCalls),
      ofTypes(['@event'], { ...noTimes, secret: onlyNull }),
      ofTypes(['@webhook'], noTimes),
      { properties: { type: { const: '@client' }, url: false, options: noHttp, ...noTimes, ...noCalls } },
    ],
  },
);
export type TriggerAdd = Static<typeof TriggerAdd>;

export const TriggerChange = Type.Object(
  { ...changeFields, url, worker },
  { $id: 'TriggerChange', ...closed, description: 'What is not named stays as it is.' },
);
export type TriggerChange = Static<typeof TriggerChange>;

/** One of its jobs. */
const Last = (which: string) =>
  OrNull(
    Type.Object(
      {
        job: Id('Its id.'),
        at: Time('When it ended, or was pushed if it has not.'),
        end: OrNull(Type.Enum([...endStates], { description: 'How it ended; null: it has not.' })),
        error: Type.String(),
      },
      { ...closed, description: `Its newest job ${which}; null: there was none.` },
    ),
  );

const { queue, priority, name, comment, headers: shownHeaders, timeout, totalTimeout, retry, onLost, rules, unique } = recordFields;

export const Trigger = Type.Object(
  {
    id: Type.String(),
    domain: Type.String(),
    type,
    arguments: Type.String(),
    timeZone: OrNull(TimeZone),
    daylight: OrNull(Type.Required(Daylight)),
    worker: recordFields.worker,
    url: recordFields.url,
    message: Type.Unknown({ description: 'The payload of its jobs, exactly; null when there is none.' }),
    options: Type.Object(
      {
        ...{ queue, priority, name, comment, headers: shownHeaders, timeout, totalTimeout, retry, onLost, rules },
        forwardLogs: Type.Boolean({ description: 'The log lines of its jobs are told as events as well.' }),
        unique,
        startBefore: OrNull(Type.String()),
      },
      { ...closed, description: 'What each of its jobs has.' },
    ),
    missed: Type.Object({ policy, most: Count(), lateness: OrNull(Duration('What is later does not run.', '1h')) }, closed),
    overlap: Type.Enum([...overlaps]),
    debounce: OrNull(Type.Object({ wait: Type.String(), maxWait: OrNull(Type.String()) }, closed)),
    jitter: Duration('Each run begins up to this much later.', '30s'),
    endsAt: OrNull(Time('No tick after it fires.')),
    status: Type.Enum([...triggerStatuses], {
      description: '`bad`: its worker found it bad, as `reason` tells; `ended`: no tick is left.',
    }),
    reason: Type.String({ description: 'Why it is bad; else empty.' }),
    pausedUntil: OrNull(Time('Until when it is paused; null: it is not, or until it is resumed.')),
    skip: Count('So many of its next ticks push nothing.'),
    nextAt: OrNull(Time('Its next tick; null: there is none by itself.')),
    outlasted: Type.Boolean({ description: 'A run of it goes on beyond the time of the next one.' }),
    window: OrNull(
      Type.Object(
        {
          openedAt: Time('With the first.'),
          closesAt: OrNull(Time('Null: as soon as an earlier job has ended.')),
          count: Count(),
          dropped: Count(),
        },
        { ...closed, description: 'What has been gathered and is not pushed yet.' },
      ),
    ),
    webhook: OrNull(Type.String({ description: 'The path of its address, which nobody guesses; null: it is no webhook.' })),
    signed: Type.Boolean({ description: 'Calls of it must be signed.' }),
    live: Count('Its jobs that have not ended.'),
    newest: Last('of all'),
    succeeded: Last('that succeeded'),
    failed: Last('that failed'),
    launched: Last('that a person asked for'),
    unserved: recordFields.unserved,
    version: Count('Greater with every change.'),
    createdAt: Time('When it was made.'),
    changedAt: Time('When it was changed last.'),
  },
  { $id: 'Trigger', ...closed },
);

export const TriggerList = Type.Object(
  {
    triggers: Type.Array(Type.Ref('Trigger'), { description: 'By domain and id.' }),
    next: OrNull(Type.String({ description: 'The cursor of the next page; null: this is the last.' })),
  },
  { $id: 'TriggerList', ...closed },
);

export const TriggerPreviewAsked = Type.Object(
  {
    type: Type.Enum([...timeTriggerTypes], { description: 'One that fires by the clock.' }),
    arguments: changeFields.arguments,
    timeZone: changeFields.timeZone,
    daylight: changeFields.daylight,
    from: Type.Optional(When('Runs after this time; now by default.')),
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: mostPreviewed, default: 5, description: 'How many.' })),
  },
  { $id: 'TriggerPreviewAsked', ...closed },
);
export type TriggerPreviewAsked = Static<typeof TriggerPreviewAsked>;

export const TriggerPreview = Type.Object(
  {
    next: Type.Array(Time('A run.'), { description: 'In order, strictly after `from`; empty: it never fires.' }),
    notes: Type.Array(Type.String(), { description: 'What should be known about them: changes of the clocks, days passed over.' }),
  },
  { $id: 'TriggerPreview', ...closed },
);

export const TriggerPause = Type.Object(
  { until: Type.Optional(OrNull(When('Until then; null: until it is resumed.'))) },
  { $id: 'TriggerPause', ...closed, default: {} },
);
export type TriggerPause = Static<typeof TriggerPause>;

export const TriggerSkip = Type.Object(
  {
    count: Type.Optional(
      Type.Integer({ minimum: 0, maximum: mostSkips, default: 1, description: 'Ticks to leave out; 0: none any more.' }),
    ),
  },
  { $id: 'TriggerSkip', ...closed, default: {} },
);
export type TriggerSkip = Static<typeof TriggerSkip>;

export const TriggerLaunch = Type.Object(
  {
    payload: Type.Optional(Type.Unknown({ description: 'Of this job, in the place of the message.' })),
    holder: Type.Optional(Name('Of `@client`: who runs it, for people.', 'laptop-7', { default: 'client' })),
    attemptTtl: AttemptTtl,
  },
  { $id: 'TriggerLaunch', ...closed, default: {} },
);
export type TriggerLaunch = Static<typeof TriggerLaunch>;

export const LaunchedJob = Type.Object(
  {
    ...recordFields,
    ...output,
    ...payloadField,
    proof: OrNull(Proof),
  },
  {
    $id: 'LaunchedJob',
    ...closed,
    description: 'A job. With `proof`, which those of `@client` have, whoever launched it reports and settles its attempt.',
  },
);

export const TriggerNextQuery = Type.Object(
  {
    domain: Type.Optional({ ...domain, description: 'Its tenant.' }),
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: mostPreviewed, default: 5, description: 'How many.' })),
  },
  closed,
);
export type TriggerNextQuery = Static<typeof TriggerNextQuery>;

export const TriggerBackfill = Type.Object(
  {
    from: When('The first moment of the span.'),
    to: Type.Optional(When('The last moment of the span; now by default, and at most.')),
  },
  { $id: 'TriggerBackfill', ...closed },
);
export type TriggerBackfill = Static<typeof TriggerBackfill>;

export const TriggerBackfilled = Type.Object(
  {
    jobs: Type.Array(Id('A job.')),
    pushed: Count('Jobs that were pushed now.'),
    replayed: Count('Jobs that an earlier backfill had pushed.'),
  },
  { $id: 'TriggerBackfilled', ...closed },
);

export const TriggerListQuery = Type.Object(
  {
    domain: Type.Optional({ ...domain, description: 'Of this tenant alone.' }),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50, description: 'Triggers on a page.' })),
    cursor: Type.Optional(
      Type.String({ title: 'the `next` of an earlier page', description: '`next` of the page before.', pattern: '^[A-Za-z0-9_-]{1,512}$' }),
    ),
  },
  closed,
);
export type TriggerListQuery = Static<typeof TriggerListQuery>;

export const AllTriggersQuery = Type.Object(
  {
    domain: Type.Optional({ ...domain, description: 'Of this tenant alone.' }),
    cursor: Type.Optional(
      Type.String({ title: 'the `next` of an earlier part', description: '`next` of the part before.', pattern: '^[A-Za-z0-9_-]{1,512}$' }),
    ),
  },
  closed,
);
export type AllTriggersQuery = Static<typeof AllTriggersQuery>;

export const TriggersLookedAt = Type.Object(
  {
    looked: Count('Triggers that were looked at.'),
    changed: Count('Of these, how many were put right, or are gone.'),
    next: OrNull(Type.String({ description: 'The cursor of the next part; null: this was the last.' })),
  },
  { $id: 'TriggersLookedAt', ...closed },
);

export const TriggerParams = Type.Object({ id: TriggerId });
export type TriggerParams = Static<typeof TriggerParams>;
export const TriggerQuery = Type.Object({ domain: Type.Optional({ ...domain, description: 'Its tenant.' }) }, closed);
export type TriggerQuery = Static<typeof TriggerQuery>;

/** What became of a call of a webhook. */
export const HookCalled = Type.Object(
  {
    job: OrNull(Id('The job that was pushed; null: the payload waits, with others, for the end of the debounce.')),
    kind: Type.Enum(['pushed', 'replayed', 'duplicate', 'gathered']),
  },
  { $id: 'HookCalled', ...closed },
);

export const triggerSchemas = [
  HookCalled,
  TriggerBackfill,
  TriggerBackfilled,
  TriggerAdd,
  TriggerChange,
  Trigger,
  TriggerList,
  TriggerPreviewAsked,
  TriggerPreview,
  TriggerPause,
  TriggerSkip,
  TriggerLaunch,
  LaunchedJob,
  TriggersLookedAt,
];
