/** What goes in and comes out under `/v1`: checked on the way in, and told in the OpenAPI document. */
import { type Static, Type } from 'typebox';
import { onFailures } from '../../../core/after.ts';
import { causeMeanings, failureCauses } from '../../../core/cause.ts';
import { formatDuration, type Millis } from '../../../core/duration.ts';
import { errorTable } from '../../../core/errors.ts';
import { filterLength } from '../../../core/filter.ts';
import { headerNamePattern, headerValuePattern } from '../../../core/headers.ts';
import { jobStates } from '../../../core/job.ts';
import { limitKeyExpected, limitKeyPattern } from '../../../core/limit.ts';
import { jobLimits, namePattern } from '../../../core/new-job.ts';
import { functionRetry, httpRetry } from '../../../core/retry.ts';
import { timePattern } from '../../../core/time.ts';
import { Count, closed, Duration, Id, Name, OrNull, Time } from './fields.ts';
import { reservedHeaderPattern, urlPattern } from './http-job.ts';
import { after, pushedFields } from './pushed-fields.ts';

/** A value that is taken when a push names none; a copy keeps that of its original. */
export type Usual = (value: unknown) => object;

const text = formatDuration;

const retryFields = (usual: Usual) => ({
  attempts: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: jobLimits.attempts,
      description: `Tries in all; 1: the first failure is final. ${httpRetry.attempts} for HTTP jobs, ${functionRetry.attempts} for functions.`,
      examples: [3],
    }),
  ),
  backoff: Type.Optional(
    Duration(
      `The wait after the first failure; it doubles with each further one, ±10 %. \`${text(httpRetry.backoff)}\` for HTTP jobs, \`${text(functionRetry.backoff)}\` for functions.`,
      '1s',
    ),
  ),
  maxBackoff: Type.Optional(
    Duration(
      'The wait never grows beyond this; as long as `backoff` when that alone is given and longer. A `backoff` that is not given is no longer than this; one that is given and longer is refused.',
      '1h',
      {},
      { ...usual(text(httpRetry.maxBackoff)), 'x-not-below': 'backoff' },
    ),
  ),
});

export const Headers = Type.Unsafe<Record<string, string>>({
  type: 'object',
  description: `Added to the request; ${jobLimits.headerBytes} bytes at most in all. Those that Hatstand or the connection sets are refused.`,
  maxProperties: jobLimits.headers,
  propertyNames: { type: 'string', pattern: headerNamePattern, not: { pattern: reservedHeaderPattern } },
  additionalProperties: { type: 'string', pattern: headerValuePattern, maxLength: jobLimits.headerBytes },
  examples: [{ 'X-Tenant': 'acme' }],
});

export const targetFields = (usual: Usual) => ({
  url: Type.Optional(
    Type.String({
      title: 'a complete http or https address without blanks',
      maxLength: jobLimits.url,
      pattern: urlPattern,
      description:
        'Where the payload is POSTed: an http or https URL of the URL standard; `user:password@` becomes basic authorization. Required for HTTP jobs.',
      examples: ['http://127.0.0.1:8000/mail'],
    }),
  ),
  worker: Type.Optional(
    Name('Who runs it: `http`, or the name of a registered function, which takes no url, headers or rules.', 'http', usual('http')),
  ),
  payload: Type.Optional(
    Type.Unknown({
      description:
        'Any JSON value; it reaches the worker byte for byte as it came here. At most `payload_limit` bytes (4 MiB) and 64 levels of objects and arrays.',
      ...usual(null),
    }),
  ),
  headers: Type.Optional(Headers),
});

export const orderFields = (usual: Usual) => ({
  queue: Type.Optional(Name('The queue it waits in, which exists as soon as a job names it.', 'mail', usual('default'))),
  priority: Type.Optional(
    Type.Integer({
      minimum: -jobLimits.priority,
      maximum: jobLimits.priority,
      description: 'Within its lane the higher one goes first.',
      examples: [5],
      ...usual(0),
    }),
  ),
  manual: Type.Optional(
    Type.Boolean({ description: 'Asked for by a person: two of such jobs start for every one of the others.', ...usual(false) }),
  ),
  name: Type.Optional(
    Type.String({ maxLength: jobLimits.name, description: 'For people and filters.', examples: ['welcome mail'], ...usual('') }),
  ),
  comment: Type.Optional(Type.String({ maxLength: jobLimits.comment, description: 'For people.', ...usual('') })),
  limit: Type.Optional(
    Type.String({
      title: `empty, or ${limitKeyExpected},`,
      description: 'A key under which it is counted, beside those of its worker and its domain (`/v1/limits`).',
      pattern: `^$|${limitKeyPattern.source}`,
      maxLength: jobLimits.limit,
      examples: ['tenant:acme'],
      ...usual(''),
    }),
  ),
  domain: Type.Optional(
    Type.String({
      title: `empty, or 1 to ${jobLimits.queue} letters, digits, dots, dashes or underscores, and not only dots,`,
      description: 'The tenant.',
      pattern: `^$|${namePattern.source}`,
      maxLength: jobLimits.queue,
      examples: ['acme'],
      ...usual(''),
    }),
  ),
});

export const runFields = (usual: Usual) => ({
  timeout: Type.Optional(
    OrNull(Duration('The longest one attempt may take; null: no limit. `30s` for HTTP jobs, `10s` for functions.', '30s', { least: 1 })),
  ),
  retry: Type.Optional(Type.Object(retryFields(usual), { ...closed, description: 'How often it is tried, and when.' })),
  onLost: Type.Optional(
    Type.Enum(['retry', 'fail'], {
      description: 'When its holder is lost: run it again, or fail it, for work that must not repeat.',
      ...usual('retry'),
    }),
  ),
  rules: Type.Optional(
    Type.Enum(['v1', 'hq'], {
      description:
        '`v1`: any 2xx succeeds, no redirects. `hq`: exactly 200 succeeds, redirects are followed, one attempt, no timeout. For HTTP jobs.',
      ...usual('v1'),
    }),
  ),
});

/** What a job is made of, whether pushed or changed in a copy. */
const jobFields = (usual: Usual) => ({ ...targetFields(usual), ...orderFields(usual), ...runFields(usual) });

/** A job is of one kind: an HTTP job has a url, a function's job has none of the fields of HTTP. */
export const ofHttp = { required: ['url'], properties: { worker: { const: 'http' }, totalTimeout: { type: 'null' } } };
export const ofFunction = {
  required: ['worker'],
  properties: { worker: { not: { const: 'http' } }, url: false, headers: false, rules: false },
};

export const IdempotencyKey = Type.String({
  title: `1 to ${jobLimits.idempotencyKey} printable ASCII characters`,
  pattern: `^[\\x20-\\x7e]{1,${jobLimits.idempotencyKey}}$`,
  description:
    'Pushing the same job again with the same key gives the job that is there, whichever face it came by; another job is refused. It is known for a day, and until its job has ended. Blanks and escapes of the payload make no other job.',
  examples: ['order-4711'],
});

export const pushFields = {
  ...jobFields((value) => ({ default: value })),
  ...pushedFields,
  after,
  totalTimeout: Type.Optional(
    OrNull(
      Duration('The longest that all attempts of a run may take, from the start of the first one; null: no limit. For functions.', '10m', {
        least: 1,
      }),
    ),
  ),
  delay: Type.Optional(Duration('Not before this long from now.', '10s')),
  at: Type.Optional(
    Type.String({
      title: 'a time that exists',
      description:
        'Not before this time, as RFC 3339 has it; without an offset it is in UTC, without a time it is the beginning of the day. In the past: at once. Not with `delay`.',
      pattern: timePattern,
      examples: ['2026-01-31T12:00:00Z'],
    }),
  ),
  forwardLogs: Type.Optional(
    Type.Boolean({ description: 'Its log lines are told as events as well, to who follows `hatstand.jobs:<id>`.', default: false }),
  ),
  idempotencyKey: Type.Optional(IdempotencyKey),
};

export const Push = Type.Object(
  {
    ...pushFields,
    hooked: Type.Optional(
      Type.Boolean({ description: 'Whoever pushes has asked the `beforeHook` of its worker, so nobody asks it again.', default: false }),
    ),
  },
  { $id: 'Push', ...closed, oneOf: [ofHttp, ofFunction], not: { required: ['delay', 'at'] } },
);
export type Push = Static<typeof Push>;

export const Restart = Type.Object(
  {
    copy: Type.Optional(Type.Boolean({ description: 'A new job like this one; any other field implies it.' })),
    ...jobFields(() => ({})),
  },
  {
    $id: 'Restart',
    ...closed,
    default: {},
    description: 'What the copy has instead of what the original has.',
    anyOf: [{ not: { required: ['worker'] } }, { properties: { worker: { const: 'http' } } }, ofFunction],
    not: { required: ['copy'], properties: { copy: { const: false } }, minProperties: 2 },
  },
);
export type Restart = Static<typeof Restart>;

/** Of one request that waits. */
export const longestWait: Millis = 300_000;

const causes = Object.entries(causeMeanings)
  .map(([word, meaning]) => `\`${word}\`: ${meaning}`)
  .join('; ');

const State = Type.Enum([...jobStates]);
export const result = {
  statusCode: OrNull(Type.Integer({ description: 'The HTTP status; null when there was none.' })),
  error: Type.String({ description: 'Why it failed; empty when it did not.' }),
  cause: OrNull(
    Type.Enum([...failureCauses], {
      description: `Why it failed, in one word; null when it did not, or failed before causes were kept. ${causes}.`,
    }),
  ),
};
export const output = {
  output: Type.String({ description: 'What the worker answered.' }),
  outputCut: Type.Boolean({ description: 'The output was longer and is kept up to its cap.' }),
};

const unserved = Type.Boolean({ description: 'It waits, and no live node serves its worker in its queue.' });
export const recordFields = {
  id: Id('Its id.'),
  state: State,
  reason: Type.String({
    description:
      'Why it is in this state, when that is not plain: `lost`, `skipped`, `stopped`, `aborted`, `refused`, `timeout`, `expired`; of a queued job that waits for others of a key to end, `limit` and that key.',
  }),
  worker: Type.String(),
  queue: Type.String(),
  domain: Type.String(),
  limit: Type.String({ description: 'The key under which its push had it counted; empty: none of its own.' }),
  name: Type.String(),
  comment: Type.String(),
  url: Type.String(),
  headers: Type.Record(Type.String(), Type.String()),
  priority: Type.Integer(),
  manual: Type.Boolean(),
  rules: Type.Enum(['v1', 'hq']),
  run: Type.Integer({ minimum: 1, description: 'Each restart adds one.' }),
  attempt: Count('Attempts of this run so far.'),
  attempts: Type.Integer({ minimum: 1, description: 'Attempts that it may take.' }),
  lost: Count('How often its holder was lost in this run.'),
  timeout: OrNull(Duration('The longest one attempt may take; null: no limit.', '30s')),
  totalTimeout: OrNull(Duration('The longest that all attempts of a run may take together; null: no limit.', '10m')),
  retry: Type.Object({ attempts: Type.Integer(), backoff: Type.String(), maxBackoff: Type.String() }, closed),
  onLost: Type.Enum(['retry', 'fail', 'always']),
  unique: OrNull(
    Type.Object({ scope: Type.String(), until: Type.String() }, { ...closed, description: 'Null: there may be any number of it.' }),
  ),
  startBefore: OrNull(Time('It begins before this or never; null: at any time.')),
  after: OrNull(
    Type.Object(
      { jobs: Type.Array(Id('Of a job.')), onFailure: Type.Enum([...onFailures]), left: Count('For how many of them it still waits.') },
      { ...closed, description: 'What it was pushed to wait for; null: it never waited for any job.' },
    ),
  ),
  createdAt: Time('When it was pushed.'),
  dueAt: Time('Not run before this.'),
  startedAt: OrNull(Time('When the newest attempt began.')),
  endedAt: OrNull(Time('When it ended.')),
  ...result,
  fence: Id('The number that proves its newest attempt; `0` before the first.'),
  holder: Type.String({ description: 'Who runs it, or ran it last; empty while it waits.' }),
  unserved,
};
export const payload = { payload: Type.Unknown({ description: 'The JSON that was pushed, exactly; null when there was none.' }) };

export const JobSummary = Type.Object(recordFields, { $id: 'JobSummary', ...closed, description: 'A job without payload and output.' });
export const Job = Type.Object({ ...recordFields, ...output, ...payload }, { $id: 'Job', ...closed });

const kind = Type.Enum(['pushed', 'replayed', 'duplicate'], {
  description:
    '`pushed`: it was made now; `replayed`: its idempotency key had made it before; `duplicate`: it is unique, and was there already.',
});
export const PushedJob = Type.Object({ ...recordFields, ...output, ...payload, kind }, { $id: 'PushedJob', ...closed });

export const Problem = Type.Object(
  {
    type: Type.String({ description: 'A URN for the code.' }),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.Enum(Object.keys(errorTable), { description: 'Stable; for machines.' }),
    detail: Type.String({ description: 'What was expected, what came, what to do.' }),
    instance: Type.Optional(Type.String()),
    field: Type.Optional(Type.String({ description: 'The field at fault.' })),
  },
  {
    $id: 'Problem',
    description: 'RFC 9457. Further members are facts of this error, such as `limit`, `position` or `state`.',
    examples: [
      {
        type: 'urn:hatstand:error:invalid_request',
        title: errorTable.invalid_request.title,
        status: 400,
        code: 'invalid_request',
        detail: 'A job has no field "prio". There are: url, worker, payload, headers, queue, priority, …',
        instance: '/v1/jobs',
        field: 'prio',
      },
    ],
  },
);

const PushedElement = Type.Union([
  Type.Object({ id: Id('Its id.'), state: State, kind, unserved }, closed),
  Type.Object({ error: Type.Ref('Problem') }, closed),
]);
export const PushedMany = Type.Object(
  {
    jobs: Type.Array(PushedElement, { description: 'One for each value sent, in order.' }),
    pushed: Count('How many are kept now, also those that were there before.'),
    failed: Count('How many were refused.'),
  },
  { $id: 'PushedMany', ...closed },
);

export const JobList = Type.Object(
  {
    jobs: Type.Array(Type.Ref('JobSummary')),
    next: OrNull(Type.String({ description: 'The cursor of the next page; null: this is the last.' })),
  },
  { $id: 'JobList', ...closed },
);

/** The schemas that have a name in the OpenAPI document. */
export const namedSchemas = [Push, Restart, Job, PushedJob, JobSummary, Problem, PushedMany, JobList];

export const ListQuery = Type.Object(
  {
    q: Type.Optional(
      Type.String({
        description:
          'A filter: `state:failed,canceled cause:timeout queue:mail name:send* created:>2h`. A space is AND, a comma OR, a leading `-` NOT.',
        maxLength: filterLength,
        examples: ['state:failed queue:mail'],
      }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50, description: 'Jobs on a page.' })),
    cursor: Type.Optional(
      Type.String({ title: 'the `next` of an earlier page', description: '`next` of the page before.', pattern: '^[A-Za-z0-9_-]{1,64}$' }),
    ),
    order: Type.Optional(Type.Enum(['newest', 'oldest'], { default: 'newest', description: 'By the time of the push.' })),
  },
  closed,
);
export type ListQuery = Static<typeof ListQuery>;

export const WaitQuery = Type.Object(
  { timeout: Type.Optional(Duration('How long to wait.', '30s', { longest: longestWait }, { default: '30s' })) },
  closed,
);
export type WaitQuery = Static<typeof WaitQuery>;

export const NoQuery = Type.Object({}, closed);
export const IdParams = Type.Object({ id: Id('The job’s id.') });
export type IdParams = Static<typeof IdParams>;
