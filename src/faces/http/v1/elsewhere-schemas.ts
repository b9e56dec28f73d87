/** What those who run attempts elsewhere send and get. */
import { type Static, type TSchema, Type } from 'typebox';
import { elsewhereLimits, reservedWorkers } from '../../../core/elsewhere.ts';
import { liveLimits, liveName } from '../../../core/live.ts';
import { checkpointLimit, mailLimits } from '../../../core/mail.ts';
import { jobLimits } from '../../../core/new-job.ts';
import { logLevels, reportLimits } from '../../../core/report.ts';
import { closed, Duration, Id, Name, OrNull, Time } from './fields.ts';
import { longestWait, Push } from './schemas.ts';

const { ttl, jobs, names, pushes } = elsewhereLimits;

const Holder = Name('Who runs it, for people, and part of the proof: one name for each process.', 'resizer-1');

const Worker = Name('One that is run elsewhere: any but `http` and `client`.', 'resize', {
  title: `1 to ${jobLimits.queue} letters, digits, dots, dashes or underscores, not only dots, and neither http nor client,`,
  not: { enum: [...reservedWorkers] },
});

export const AttemptTtl = Type.Optional(
  Duration(
    'How long the attempt is held from now on without being heard of; then it is taken back, as lost.',
    '30s',
    { least: ttl.least, longest: ttl.longest },
    { default: '30s' },
  ),
);

/** What shows that somebody holds an attempt. */
export const Proof = Type.Object(
  {
    holder: Holder,
    fence: Id('Of the attempt.'),
    capability: Type.String({
      title: 'the capability that came with the attempt',
      description: 'What only the cluster can make, for this attempt and this holder.',
      pattern: '^[A-Za-z0-9_-]{43}$',
      examples: ['mYz0S2gUJxM3Pp2oRj1b8mO2mZb2n8cUu1oG4yq0X1E'],
    }),
  },
  { ...closed, description: 'As it came with the attempt; it is sent back with all that is said of it.' },
);
export type Proof = Static<typeof Proof>;

export const Claim = Type.Object(
  {
    holder: Holder,
    operation: Type.String({
      title: '1 to 128 visible ASCII characters',
      description: 'New for each claim of this holder. When its answer was lost, the same again gives the attempts that it had claimed.',
      pattern: '^[\\x21-\\x7e]{1,128}$',
      examples: ['7f3a-42'],
    }),
    workers: Type.Array(Worker, {
      minItems: 1,
      maxItems: names,
      description: 'Whose jobs are asked for. The jobs of one answer are of one of them.',
    }),
    queues: Type.Optional(
      Type.Array(Name('A queue.', 'mail'), { minItems: 1, maxItems: names, description: 'From which jobs are taken; left out: all.' }),
    ),
    max: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: jobs,
        default: 1,
        description:
          'Jobs at once, as many as can begin now; an answer has about 8 MiB of payloads at most. 0: only what the operation has claimed already.',
      }),
    ),
    wait: Type.Optional(Duration('How long to wait for a job when there is none.', '30s', { longest: longestWait }, { default: '30s' })),
    attemptTtl: AttemptTtl,
  },
  { $id: 'Claim', ...closed },
);
export type Claim = Static<typeof Claim>;

export const ClaimedAttempt = Type.Object(
  {
    proof: Proof,
    attemptTtl: Duration('Until then it must be heard of, or settled.', '30s'),
    firstStartedAt: Time('When the first attempt of the run began.'),
    owner: Type.String({
      description: 'What pushed the job, such as `trigger/acme/nightly-report`; empty: nothing but a person or a program did.',
    }),
    hasPayload: Type.Boolean({ description: 'Whether the job has a payload: `null` may be one, and stands in the place of none.' }),
    about: Type.Unknown({
      description:
        'What the job says beside its payload: `tick`, `event`, `message`, `gathered`, `parent`; `task`, how a job of a task runs. With a `message` that is what the worker is told, and the payload is what came from outside. Null: nothing.',
    }),
    job: Type.Ref('Job'),
  },
  { $id: 'ClaimedAttempt', ...closed },
);

export const Claimed = Type.Object(
  {
    attempts: Type.Array(Type.Ref('ClaimedAttempt'), { description: 'Empty: there was nothing within `wait`.', maxItems: jobs }),
  },
  { $id: 'Claimed', ...closed },
);

const Line = Type.Object(
  {
    number: Type.Integer({
      minimum: 1,
      maximum: 999_999_999_999,
      description:
        'Among all lines of the attempt, from 1. One that was told before is not kept again; what is passed over counts as left out.',
    }),
    level: Type.Enum([...logLevels]),
    text: Type.String({ description: `Of more than ${reportLimits.text} characters the beginning is kept.` }),
    fields: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: 'Facts.' })),
    ago: Type.Optional(Duration('How long ago it was told.', '1s', { longest: ttl.longest }, { default: '0s' })),
  },
  closed,
);

const LiveEvent = Type.Object(
  {
    name: Type.String({ pattern: liveName.source, examples: ['scanned'] }),
    data: Type.Optional(Type.Unknown({ description: `Any JSON of at most ${liveLimits.data} characters.` })),
    number: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 999_999_999_999,
        description:
          'It is to be kept, too, as an event of the job (`hatstand.jobs`, `NOTIFIED`): its number among those of the attempt, from 1. One of a number that is kept is not kept again.',
      }),
    ),
    ago: Type.Optional(Duration('Of one that is kept: how long ago it was told.', '1s', { longest: ttl.longest }, { default: '0s' })),
    late: Type.Optional(
      Type.Boolean({ default: false, description: 'Of one that is kept: the server could not be reached when it was told.' }),
    ),
  },
  closed,
);

const told = {
  progress: Type.Optional(
    Type.Unknown({ description: `How far it is: any JSON of at most ${reportLimits.progress} characters. Left out: as it was.` }),
  ),
  lines: Type.Optional(
    Type.Array(Line, {
      maxItems: reportLimits.lines,
      description: `For the job's log: at most ${reportLimits.characters / 1_024} Ki characters together.`,
    }),
  ),
};

const reportWith = (push: TSchema, more: object) =>
  Type.Object(
    {
      proof: Proof,
      attemptTtl: AttemptTtl,
      ...told,
      events: Type.Optional(
        Type.Array(LiveEvent, {
          maxItems: liveLimits.events,
          description: 'What those hear who watch the job now, at this node, and nobody later but for what is numbered.',
        }),
      ),
      push: Type.Optional(
        Type.Array(push, {
          maxItems: pushes,
          description:
            'Jobs that the attempt pushes, of the domain of its job unless they say another. When the report is repeated they are pushed again, unless they have an idempotencyKey.',
        }),
      ),
    },
    { ...closed, ...more },
  );

/** As requests are checked by it. */
export const AttemptReportAsked = reportWith(Push, {});
export type AttemptReportAsked = Omit<Static<typeof AttemptReportAsked>, 'push'> & { readonly push?: readonly Push[] };
/** As the document tells it. */
export const AttemptReport = reportWith(Type.Ref('Push'), { $id: 'AttemptReport' });

const PushedByAttempt = Type.Union([
  Type.Object(
    {
      id: Id('Of the job; with the kind `conflict`, of the one to which its idempotency key belongs.'),
      kind: Type.Enum(['pushed', 'replayed', 'duplicate', 'conflict']),
      left: Type.Optional(
        Type.Integer({
          minimum: 1,
          description: 'For how many others it waits, which its `after` names. Left out when it waits for none.',
        }),
      ),
    },
    closed,
  ),
  Type.Object({ error: Type.Ref('Problem') }, closed),
]);

export const AttemptReported = Type.Object(
  {
    state: Type.Enum(['running', 'stopping'], {
      description: '`stopping`: somebody has canceled the job. End the attempt, and settle it.',
    }),
    pushed: Type.Array(PushedByAttempt, { description: 'What became of each of `push`, in order.', maxItems: pushes }),
  },
  { $id: 'AttemptReported', ...closed },
);

const outcomes = ['succeeded', 'failed', 'skipped', 'released'] as const;
const ofOutcome = (outcome: (typeof outcomes)[number], without: object) => ({ properties: { outcome: { const: outcome }, ...without } });
const noOutput = { output: false, outputText: false, outputCut: false };
const noFailure = { cause: false, stack: false, retry: false, retryAfter: false, left: false, badTrigger: false };

export const AttemptSettle = Type.Object(
  {
    proof: Proof,
    outcome: Type.Enum([...outcomes], {
      description:
        '`failed`: tried again if its policy has tries left. `skipped`: there is nothing to do, and the job ends canceled. `released`: handed back without burning a try, such as when a worker is shut down.',
    }),
    output: Type.Optional(
      Type.Unknown({ description: 'What came of it: any JSON, kept exactly; beyond 1 MiB its beginning is. Of what succeeded or failed.' }),
    ),
    outputText: Type.Optional(Type.String({ description: 'The same as a text that is kept as it is, in the place of `output`.' })),
    outputCut: Type.Optional(Type.Boolean({ description: '`outputText` is the beginning of a longer one.' })),
    reason: Type.Optional(
      Type.Enum(['aborted', 'refused'], { description: 'Of what succeeded: it was ended without an error, or was not to run.' }),
    ),
    error: Type.Optional(Type.String({ description: 'Why it failed, or was skipped, for people: at most 8 Ki characters are kept.' })),
    cause: Type.Optional(
      Type.Enum(['thrown', 'timeout', 'message', 'canceled'], { description: 'Why it failed, in one word; `thrown` if none is given.' }),
    ),
    stack: Type.Optional(Type.String({ description: 'Where it was thrown.' })),
    retry: Type.Optional(Type.Boolean({ description: 'Whether it may be tried again; `true` if it is left out.' })),
    badTrigger: Type.Optional(
      Type.Boolean({
        description:
          'The trigger that pushed the job is bad, as `error` says: it pushes nothing more until it is resumed, and the job is not tried again.',
      }),
    ),
    retryAfter: Type.Optional(Duration('Not before this, if it is tried again.', '10s')),
    left: Type.Optional(Duration('Of the `totalTimeout` of the job, what is left: no try begins after it.', '2m', {})),
    ...told,
  },
  {
    $id: 'AttemptSettle',
    ...closed,
    not: { required: ['output', 'outputText'] },
    oneOf: [
      ofOutcome('succeeded', { ...noFailure, error: false }),
      { ...ofOutcome('failed', { reason: false }), required: ['error'] },
      ofOutcome('skipped', { ...noOutput, ...noFailure, reason: false }),
      ofOutcome('released', { ...noOutput, ...noFailure, reason: false, error: false }),
    ],
  },
);
export type AttemptSettle = Static<typeof AttemptSettle>;

export const AttemptSettled = Type.Object(
  {
    kind: Type.Enum(['settled', 'repeated'], { description: '`repeated`: it was settled so before, and the answer was lost.' }),
    ended: Type.Boolean({ description: 'The job has ended with it; else it is tried again, or waits for somebody else.' }),
  },
  { $id: 'AttemptSettled', ...closed },
);

const Control = Type.String({ description: 'The id of a control message.', maxLength: 512 });
const manyControls = { maxItems: mailLimits.waiting };

export const AttemptTask = Type.Object(
  {
    proof: Proof,
    checkpoint: Type.Optional(
      Type.Unknown({
        description: `Any JSON of at most ${checkpointLimit} characters: it is kept, and the attempts that follow may go on from it.`,
      }),
    ),
    resumes: Type.Optional(Type.Boolean({ description: 'Whether the newest checkpoint is asked for.', default: false })),
    handled: Type.Optional(
      Type.Array(Control, { ...manyControls, description: 'Control messages that were handled: no attempt is told them any more.' }),
    ),
    knows: Type.Optional(Type.Array(Control, { ...manyControls, description: 'Control messages that are known, and not told again.' })),
    wait: Type.Optional(Duration('How long to wait until there is something to tell.', '30s', { longest: longestWait }, { default: '0s' })),
  },
  { $id: 'AttemptTask', ...closed },
);
export type AttemptTask = Static<typeof AttemptTask>;

export const AttemptTaskHeard = Type.Object(
  {
    hasCheckpoint: Type.Boolean({ description: 'Whether it was asked for, and there is one: that may be `null`.' }),
    checkpoint: Type.Unknown({ description: 'The newest one.' }),
    controls: Type.Array(Type.Object({ id: Control, name: Type.String(), hasData: Type.Boolean(), data: Type.Unknown() }, closed), {
      description: 'What the task was told, and is not known, in its order.',
    }),
    ends: OrNull(
      Type.Enum(['handover', 'canceled'], {
        description:
          'The attempt is to end soon. `handover`: the task goes on elsewhere when it is settled as `released`; `canceled`: it is not to run, or to begin anew.',
      }),
    ),
  },
  { $id: 'AttemptTaskHeard', ...closed },
);

export const elsewhereSchemas = [
  Claim,
  ClaimedAttempt,
  Claimed,
  AttemptReport,
  AttemptReported,
  AttemptSettle,
  AttemptSettled,
  AttemptTask,
  AttemptTaskHeard,
];
