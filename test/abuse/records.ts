/** Copies of jobs as any store of ours can have made them, with everything that a record may have. */
import fc from 'fast-check';
import { failureCauses } from '../../src/core/cause.ts';
import { definitionKinds, definitionLimits } from '../../src/core/definition.ts';
import { idEpoch } from '../../src/core/id.ts';
import { type Attempt, hasEnded, type Job, type JobResult, jobStates, onLostWords } from '../../src/core/job.ts';
import { bodyReaders } from '../../src/core/kept-body.ts';
import { keysOf, parkedReason } from '../../src/core/limit.ts';
import { writeMail } from '../../src/core/mail.ts';
import { jobLimits } from '../../src/core/new-job.ts';
import { newTask } from '../../src/core/new-task.ts';
import { newTrigger } from '../../src/core/new-trigger.ts';
import type { OwnedJob } from '../../src/core/owned.ts';
import { queueLimits } from '../../src/core/queue.ts';
import { recordLimits } from '../../src/core/record.ts';
import { httpRetry } from '../../src/core/retry.ts';
import { type TaskJob, writeTask } from '../../src/core/task.ts';
import { latestTime } from '../../src/core/time.ts';
import type { DefinitionCopy, JobCopy, TransferItem } from '../../src/core/transfer.ts';
import { type TriggerJob, writeTrigger } from '../../src/core/trigger.ts';

/** Texts that a store might take for its own signs, and characters of every length. */
const signs = ['', '-', '%2D', 'null', '\n', '\u001e', 'a\u0000b', 'é\u2028', ' /;%', '\u{1F600}', 'x'.repeat(1_024), 'y'.repeat(1_025)];
const text = (longest: number): fc.Arbitrary<string> =>
  fc.oneof(fc.constantFrom(...signs), fc.string({ unit: 'binary', maxLength: 40 })).filter((each) => each.length <= longest);
const name = fc.constantFrom('q', 'a.b', '-', 'x'.repeat(jobLimits.queue));
const json = fc.oneof(
  fc.constantFrom(
    '{}',
    '0',
    '"\\ud800"',
    ' { "a" : [ 1e400 ] } ',
    `${'['.repeat(900)}${']'.repeat(900)}`,
    JSON.stringify('z'.repeat(2_000)),
  ),
  fc.json(),
);
const time = fc.oneof(fc.constantFrom(0, latestTime), fc.integer({ min: idEpoch, max: Date.now() }));
const count = fc.oneof(fc.nat(5), fc.constant(recordLimits.counted));
/** As many as one that waits may have. */
const tries = fc.oneof(fc.nat(5), fc.constant(jobLimits.attempts));
const millis = fc.oneof(fc.nat(100_000), fc.double({ min: 0, max: 1e9, noNaN: true }));

const result: fc.Arbitrary<JobResult> = fc.record({
  statusCode: fc.option(fc.integer({ min: 0, max: recordLimits.statusCode })),
  output: text(jobLimits.outputBytes),
  outputCut: fc.boolean(),
  error: text(jobLimits.error),
  cause: fc.option(fc.constantFrom(...failureCauses)),
  stack: text(jobLimits.stack),
});

const attempt = fc.record({
  run: count.map((number) => Math.max(1, number)),
  attempt: tries,
  holder: text(recordLimits.holder),
  startedAt: time,
  endedAt: fc.option(time),
  end: fc.constantFrom('succeeded' as const, 'failed' as const, 'canceled' as const, 'returned' as const, 'lost' as const),
  result,
});

const id = fc.nat().map(String);
const after = fc.record({ jobs: fc.array(id, { minLength: 1, maxLength: 3 }), onFailure: fc.constantFrom('cancel', 'start') });

const plainOptions = {
  timeout: fc.option(millis),
  retry: fc.record({ attempts: fc.integer({ min: 1, max: jobLimits.attempts }), backoff: millis, maxBackoff: millis }),
  onLost: fc.constantFrom(...onLostWords),
  rules: fc.constantFrom('hq' as const, 'v1' as const),
};
const options = fc.oneof(fc.record(plainOptions), fc.record({ ...plainOptions, after }));

const job = fc.record({
  state: fc.constantFrom(...jobStates),
  reason: text(recordLimits.reason),
  domain: fc.constantFrom('', 'd'),
  queue: name,
  worker: fc.oneof(fc.constant('http'), name),
  name: text(jobLimits.name),
  comment: text(jobLimits.comment),
  manual: fc.boolean(),
  priority: fc.integer({ min: -jobLimits.priority, max: jobLimits.priority }),
  payload: fc.option(json),
  url: text(jobLimits.url),
  headers: fc.option(fc.dictionary(fc.constantFrom('Host', 'x-a', "!#$%&'*+-.^_`|~"), fc.constantFrom('', 'a\tb', 'é', 'x y'))),
  options,
  owner: fc.constantFrom('', 'trigger//a', 'nobody'),
  limit: text(jobLimits.limit),
  about: fc.option(json),
  createdAt: time,
  dueAt: time,
  startedAt: fc.option(time),
  endedAt: time,
  run: count.map((number) => Math.max(1, number)),
  attempt: tries,
  lost: count,
  holder: text(recordLimits.holder),
  result,
});

/** Of a job that waits for one of its keys. */
function parkedReasonOf(fields: Parameters<typeof keysOf>[0], parkedFor: number | null): string {
  const keys = keysOf(fields);
  return parkedFor === null ? '' : parkedReason(keys[parkedFor % keys.length] ?? '');
}

let made = 0n;

/** Each has an id of its own, made some time ago. */
export const jobCopy: fc.Arbitrary<JobCopy> = fc
  .record({ job, attempts: fc.array(attempt, { maxLength: 3 }), isClaimed: fc.boolean(), parkedFor: fc.option(fc.nat(2), { freq: 1 }) })
  .map(({ job: fields, attempts, isClaimed, parkedFor }) => {
    made += 1n;
    const id = ((BigInt(Date.now() - idEpoch - 60_000) << 22n) + made).toString();
    const isHeld = fields.state === 'running' || fields.state === 'stopping';
    const earlier: readonly Attempt[] = attempts.map((each, at) => ({ ...each, fence: String(1_000 + at) }));
    const whole: Job = {
      ...fields,
      id,
      reason: hasEnded(fields.state) ? fields.reason : fields.state === 'queued' ? parkedReasonOf(fields, parkedFor) : '',
      startedAt: isHeld ? fields.dueAt : hasEnded(fields.state) ? fields.startedAt : null,
      endedAt: hasEnded(fields.state) ? fields.endedAt : null,
      attempt: isHeld ? Math.max(1, fields.attempt) : fields.attempt,
      fence: isHeld || isClaimed || earlier.length > 0 ? '2000' : '0',
      holder: isHeld ? fields.holder || 'n' : hasEnded(fields.state) ? fields.holder : '',
    };
    return { job: whole, attempts: earlier };
  });

const past = fc.integer({ min: idEpoch, max: Date.now() - 60_000 });
const fact = <E extends OwnedJob['end']>(ends: readonly E[]): fc.Arbitrary<OwnedJob | null> =>
  fc.option(
    fc
      .record({ made: past, at: time, end: fc.constantFrom(...ends), error: text(jobLimits.error) })
      .map(({ made: when, ...known }) => ({ id: (BigInt(when - idEpoch) << 22n).toString(), ...known })),
  );
const facts = fc.record({
  newest: fact([null, 'succeeded', 'failed', 'canceled']),
  succeeded: fact(['succeeded']),
  failed: fact(['failed']),
  manual: fact([null, 'canceled']),
  live: count,
  ended: fc.constant(null),
  gone: fc.record({ succeeded: count, failed: count, canceled: count }),
});

const triggerAsked = [
  { type: '@cron', arguments: '0 30 2 * * *', timeZone: 'Europe/Berlin', missed: { policy: 'all', most: 5, lateness: 60_000 } },
  { type: '@every', arguments: '5m', jitter: 1_000 },
  { type: '@at', arguments: '2026-01-01T00:00:00Z' },
  { type: '@event', arguments: 'a.b:CREATED', debounce: { wait: 1_000, maxWait: null } },
  { type: '@webhook', secret: 'a secret of some length' },
  { type: '@client' },
] as const;

/** One of each type, as somebody makes them. */
export const triggerBodies = triggerAsked.map((asked) => {
  const job: TriggerJob = {
    ...{ queue: 'q', worker: 'w', name: '', comment: '', priority: 0, payload: null, url: '', headers: null, limit: '' },
    options: { timeout: null, retry: httpRetry, onLost: 'retry', rules: 'v1' },
  };
  const made = { ref: { domain: '', id: 'k' }, now: idEpoch, token: 'unguessable' };
  return writeTrigger(newTrigger({ job, ...asked }, made));
});

const taskJob: TaskJob = {
  ...{ queue: 'q', worker: 'w', name: '', comment: '', priority: 0, payload: '{"a": 1.0}', url: '', headers: null, limit: '' },
  options: { timeout: null, retry: httpRetry, onLost: 'retry', rules: 'v1' },
};
const taskBodies = [{}, { pause: 0, restart: { on: 'always' as const }, stalledAfter: 5_000 }, { cleanEnd: true, stateOptional: true }].map(
  (change) => writeTask(newTask({ job: taskJob, ...change }, { ref: { domain: '', id: 'k' }, now: idEpoch })),
);
const mailBodies = [null, '1.0', '"\\ud800"'].map((data) => writeMail({ name: 'reload', data }));

/** Keys and bodies of what somebody reads have their form; those of another definition are its own. */
const names = fc.constantFrom('k', '_.', '0');
const named = fc.oneof(
  fc.record({ kind: fc.constant('trigger' as const), key: names, body: fc.constantFrom(...triggerBodies) }),
  fc.record({ kind: fc.constant('task' as const), key: names, body: fc.constantFrom(...taskBodies) }),
  fc.record({ kind: fc.constant('checkpoint' as const), key: names, body: json }),
  fc.record({ kind: fc.constant('mail' as const), key: fc.constantFrom('k/a', '_./b', '0/'), body: fc.constantFrom(...mailBodies) }),
  fc.record({
    kind: fc.constantFrom(...definitionKinds.filter((kind) => bodyReaders[kind] === undefined)),
    key: fc.constantFrom('k', '🎩', ' /;%', '\u2028'),
    body: json,
  }),
);

const definition = fc.record({
  domain: fc.constantFrom('', 'd'),
  version: count.map((number) => Math.max(1, number)),
  group: fc.constantFrom('', 'g', 'x'.repeat(definitionLimits.group)),
  state: text(1_025),
  due: fc.option(time),
  firedAt: fc.option(past),
  dueOnEnd: fc.boolean(),
  changedAt: time,
  owned: facts,
});

/** Each has a key of its own. */
const definitionCopy: fc.Arbitrary<DefinitionCopy> = fc
  .record({
    named,
    definition,
    parts: fc.array(json, { maxLength: 3 }),
    window: fc.option(fc.record({ openedAt: past, open: fc.option(fc.nat(100_000)), dropped: count })),
  })
  .map(({ named: its, definition: fields, parts, window }) => {
    made += 1n;
    const opened = window && {
      openedAt: window.openedAt,
      closesAt: window.open === null ? null : window.openedAt + window.open,
      count: parts.length,
      dropped: window.dropped,
    };
    return { definition: { ...fields, ...its, key: `${its.key}${made}`, window: opened }, parts: opened === null ? [] : parts };
  });

const queue = fc.record({
  name: fc.oneof(name, fc.constantFrom('z', '0', 'Q_-.')),
  settings: fc.record({
    paused: fc.boolean(),
    closed: fc.boolean(),
    concurrency: fc.option(fc.constantFrom(1, 2, queueLimits.most)),
    rate: fc.option(fc.record({ max: fc.constantFrom(1, queueLimits.most), per: fc.constantFrom(1, 1.5, queueLimits.longestPer) })),
  }),
});

const limit = fc.record({
  name: fc.constantFrom('worker:w', 'tenant:*', '*', 'k'),
  settings: fc.record({
    concurrency: fc.option(fc.constantFrom(1, queueLimits.most)),
    rate: fc.option(fc.record({ max: fc.constantFrom(1, queueLimits.most), per: fc.constantFrom(1, queueLimits.longestPer) })),
    pausedUntil: fc.option(fc.constantFrom(0, 1_771_239_904_134)),
  }),
});

/** What an export has lines for. */
export const transferItem: fc.Arbitrary<TransferItem> = fc.oneof(
  { weight: 4, arbitrary: jobCopy.map((copy) => ({ kind: 'job', copy }) as const) },
  { weight: 2, arbitrary: definitionCopy.map((copy) => ({ kind: 'definition', copy }) as const) },
  { weight: 1, arbitrary: queue.map((settings) => ({ kind: 'queue', ...settings }) as const) },
  { weight: 1, arbitrary: limit.map((settings) => ({ kind: 'limit', ...settings }) as const) },
);
