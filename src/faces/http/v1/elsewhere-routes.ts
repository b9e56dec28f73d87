/** Attempts that run elsewhere: claimed, reported and settled over HTTP. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { alsoAbout, ofParent } from '../../../core/about.ts';
import { formatDuration, type Millis, parseDuration } from '../../../core/duration.ts';
import { elsewhereHolder, elsewhereLimits } from '../../../core/elsewhere.ts';
import { HatstandError } from '../../../core/errors.ts';
import { type Job, type JobResult, type NewJob, noResult } from '../../../core/job.ts';
import { checkLiveEvent } from '../../../core/live.ts';
import { jobLimits, newJob } from '../../../core/new-job.ts';
import type { Outcome } from '../../../core/outcome.ts';
import { cutOutput } from '../../../core/output.ts';
import { logText, type NewLine, reportLimits, sizeOfLine } from '../../../core/report.ts';
import { noRetry } from '../../../core/retry.ts';
import { anyServed } from '../../../core/serving.ts';
import type { Api } from '../../../engine/api/api.ts';
import type { TaskHeard } from '../../../engine/api/attempt-tasks.ts';
import type { EmittedElsewhere, PollRequest, PushedByAttempt } from '../../../engine/api/attempts.ts';
import { makeLeaving } from '../leaving.ts';
import { bodyJson, checkDepth, refuseRepeatedIn } from './body.ts';
import { proofOf, provenAttempt } from './capability.ts';
import * as described from './elsewhere-descriptions.ts';
import { AttemptReportAsked, AttemptSettle, AttemptTask, Claim } from './elsewhere-schemas.ts';
import { jobJson } from './job-json.ts';
import { type PushLimits, pushedJob } from './job-request.ts';
import { type JsonText, tooDeep } from './json-text.ts';
import { elementsIn } from './many.ts';
import { problemOf } from './problem.ts';
import { checkPush, pushBody } from './push-routes.ts';
import { readEach } from './reading.ts';
import { type IdParams, longestWait } from './schemas.ts';
import { compileAddressCheck, makeCheck } from './validation.ts';

const json = 'application/json; charset=utf-8';
const checkClaim = makeCheck(Claim, 'a claim');
const checkReport = makeCheck(AttemptReportAsked, 'a report');
const checkTask = makeCheck(AttemptTask, 'what is asked of a task');
const checkSettle = makeCheck(AttemptSettle, 'a result', explainSettle);
/** An output is cut here, not refused: its work is done. */
const settleBody = 8 * 1024 * 1024;

type Addressed = FastifyRequest<{ Params: IdParams }>;

export function elsewhereRoutes(app: FastifyInstance, api: Api, limits: PushLimits): void {
  const leaving = makeLeaving(app);
  const { attempts } = api;

  const claiming = { config: { takesBack: true }, validatorCompiler: compileAddressCheck, schema: described.claim };
  app.post('/jobs/claim', claiming, async (request, reply) => {
    const asked = checkClaim(sentJson(request).value);
    const poll = pollOf(asked);
    await admitted(poll.workers, limits);
    const wait = durationIn(asked.wait, 'wait', { usual: usualWait, least: 0, longest: longestWait });
    const jobs = await attempts.claim(poll, wait, leaving(reply));
    giveBackUnlessTaken(reply, () => attempts.giveBack(poll, jobs));
    const texts = await Promise.all(jobs.map((job) => attemptJson(api, job, asked.holder, poll.attemptTtl)));
    return reply.type(json).send(`{"attempts":[${texts.join(',')}]}`);
  });

  // What an attempt pushes may be as large as any push.
  const reporting = { bodyLimit: pushBody(limits), config: { stayText: ['progress', 'push'] }, validatorCompiler: compileAddressCheck };
  app.post('/jobs/:id/report', { ...reporting, schema: described.report }, async (request: Addressed) => {
    const sent = sentJson(request);
    const asked = checkReport(withoutPushes(sent)) as AttemptReportAsked;
    const ref = await provenAttempt(api, request.params.id, asked.proof);
    const push = await childrenIn(api, ref.id, sent, limits);
    const told = { ...toldIn(asked, sent), ttl: ttlOf(asked.attemptTtl), push };
    const { kind, pushed } = await attempts.report(ref, told, eventsIn(asked));
    return {
      state: kind === 'stopping' ? 'stopping' : 'running',
      pushed: pushed.map(pushedJson),
    };
  });

  const settling = {
    bodyLimit: settleBody,
    config: { stayText: ['output', 'outputText', 'progress'] },
    validatorCompiler: compileAddressCheck,
  };
  app.post('/jobs/:id/settle', { ...settling, schema: described.settle }, async (request: Addressed) => {
    const sent = sentJson(request);
    const asked = checkSettle(withText(sent));
    const ref = await provenAttempt(api, request.params.id, asked.proof);
    return attempts.settle(ref, outcomeOf(asked, sent), toldIn(asked, sent));
  });

  const asking = { config: { stayText: ['checkpoint'] }, validatorCompiler: compileAddressCheck };
  app.post('/jobs/:id/task', { ...asking, schema: described.task }, async (request: Addressed, reply) => {
    const sent = sentJson(request);
    refuseRepeatedIn(sent);
    const { proof, handled = [], knows = [], resumes = false, wait } = checkTask(sent.value);
    const ref = await provenAttempt(api, request.params.id, proof);
    const within = durationIn(wait, 'wait', { usual: 0, least: 0, longest: longestWait });
    const asked = { checkpoint: sent.member('checkpoint'), handled, knows, resumes, wait: within };
    return reply.type(json).send(taskHeardJson(await attempts.task(ref, asked, leaving(reply))));
  });
}

/** The schema `AttemptTaskHeard`: what is JSON already goes in as it is. */
function taskHeardJson({ checkpoint, controls, ends }: TaskHeard): string {
  const told = controls.map(
    ({ id, name, data }) =>
      `{"id":${JSON.stringify(id)},"name":${JSON.stringify(name)},"hasData":${data !== null},"data":${data ?? 'null'}}`,
  );
  return `{"hasCheckpoint":${checkpoint !== null},"checkpoint":${checkpoint ?? 'null'},"controls":[${told.join(',')}],"ends":${JSON.stringify(ends)}}`;
}

function pushedJson(pushed: PushedByAttempt): object {
  if (pushed.kind === 'refused') return { error: problemOf(pushed.error) };
  const { id, kind } = pushed;
  return pushed.kind === 'pushed' && pushed.left !== undefined ? { id, kind, left: pushed.left } : { id, kind };
}

function sentJson(request: FastifyRequest): JsonText {
  const sent = bodyJson(request);
  if (sent === null) throw new HatstandError('invalid_request', 'A JSON object is expected, and there came no body.');
  // A pushed job lies two levels deeper than its payload does in a push of its own.
  if (sent.nestsDeeper(jobLimits.depth + 3)) throw tooDeep();
  return sent;
}

const usualWait: Millis = 30_000;

interface DurationBounds {
  readonly usual: Millis;
  readonly least: Millis;
  readonly longest: Millis;
}

function durationIn(text: string | undefined, field: string, { usual, least, longest }: DurationBounds): Millis {
  if (text === undefined) return usual;
  const duration = parseDuration(text, field);
  if (duration >= least && duration <= longest) return duration;
  throw new HatstandError('invalid_request', `${field} must be from ${formatDuration(least)} to ${formatDuration(longest)}, not ${text}.`, {
    field,
  });
}

export const ttlOf = (text: string | undefined): Millis => durationIn(text, 'attemptTtl', elsewhereLimits.ttl);

const pollOf = ({ holder, operation, workers, queues, max = 1, attemptTtl }: Claim): PollRequest => ({
  holder: elsewhereHolder(holder),
  operation,
  workers: [...new Set(workers)],
  queues: queues === undefined ? 'any' : [...new Set(queues)],
  slots: max,
  attemptTtl: ttlOf(attemptTtl),
});

/** Who may not push to a worker does not run its jobs. Throws `unknown_worker`. */
async function admitted(workers: readonly string[], { admit }: PushLimits): Promise<void> {
  if (admit === undefined) return;
  for (const worker of workers) await admit(newJob({ worker, options: anyOptions }), 'worker');
}

const anyOptions = { timeout: null, retry: noRetry, onLost: 'retry', rules: 'v1' } as const;

/** Attempts whose answer did not reach its client are handed back at once, not when their deadline passes. */
function giveBackUnlessTaken(reply: FastifyReply, giveBack: () => void): void {
  const { raw } = reply;
  const isTaken = (): boolean => raw.writableFinished && raw.statusCode === 200;
  if (raw.destroyed) giveBack();
  else raw.once('close', () => isTaken() || giveBack());
}

/** The schema `ClaimedAttempt`. */
async function attemptJson({ attempts }: Api, job: Job, holder: string, attemptTtl: Millis): Promise<string> {
  const key = await attempts.key(false);
  const first = job.options.totalTimeout === undefined ? job.startedAt : await attempts.firstStart(job);
  const plain = JSON.stringify({
    proof: proofOf(key, job, holder),
    attemptTtl: formatDuration(attemptTtl),
    firstStartedAt: new Date(first ?? job.createdAt).toISOString(),
    owner: job.owner,
    hasPayload: job.payload !== null,
  });
  return `${plain.slice(0, -1)},"about":${job.about ?? 'null'},"job":${jobJson(job, anyServed)}}`;
}

/** What of a report, or of a result, is told. Refuses members that stand twice. */
function toldIn(
  { lines = [] }: Pick<AttemptSettle, 'lines'>,
  sent: JsonText,
): { readonly progress: string | null; readonly lines: readonly NewLine[] } {
  refuseRepeatedIn(sent);
  const progress = sent.member('progress');
  if (progress !== null && progress.length > reportLimits.progress) throw tooLong('progress', reportLimits.progress, progress.length);
  const byNumber = new Map(lines.map((line) => [line.number, line]));
  const kept = [...byNumber.values()]
    .toSorted((a, b) => a.number - b.number)
    .map(({ number, level, text, fields, ago }, at): NewLine => {
      const facts = fields === undefined || Object.keys(fields).length === 0 ? null : JSON.stringify(fields);
      return { ...logText(level, text, facts), number, ago: ago === undefined ? 0 : parseDuration(ago, `lines.${at}.ago`) };
    });
  const size = kept.reduce((sum, line) => sum + sizeOfLine(line), 0);
  if (size > reportLimits.characters) throw tooLong('lines', reportLimits.characters, size);
  return { progress, lines: kept };
}

const tooLong = (field: string, limit: number, came: number, what = 'characters'): HatstandError =>
  new HatstandError('too_large', `${field} may have ${limit} ${what}, not ${came}. Send it in parts, or less of it.`, { field, limit });

/** Long ones are not built: each is read, and checked, by itself. */
function withoutPushes(sent: JsonText): unknown {
  const { value } = sent;
  const isLong = typeof value === 'object' && value !== null && 'push' in value && value.push === null;
  return isLong && sent.member('push')?.startsWith('[') === true ? { ...value, push: [] } : value;
}

/** Throws as `emit`. */
const eventsIn = ({ events = [] }: AttemptReportAsked): readonly EmittedElsewhere[] =>
  events.map(({ name, data, number = null, ago, late = false }, at) => {
    const text = data === undefined ? null : JSON.stringify(data);
    checkLiveEvent(name, text);
    return { name, data: text, number, ago: ago === undefined ? 0 : parseDuration(ago, `events.${at}.ago`), late };
  });

/** The jobs that an attempt pushes: of the domain of its job, and they say whose they are. */
async function childrenIn(api: Api, parent: string, sent: JsonText, limits: PushLimits): Promise<readonly NewJob[]> {
  const text = sent.member('push');
  if (text === null) return [];
  const { texts } = await elementsIn(text);
  const job = texts.length === 0 ? null : await api.jobs.get(parent);
  const domain = job === null || job.domain === '' ? {} : { domain: job.domain };
  if (texts.length > elsewhereLimits.pushes) throw tooLong('push', elsewhereLimits.pushes, texts.length, 'jobs');
  const asked = await readEach(texts, {
    read(each) {
      checkDepth(each);
      return pushedJob({ ...domain, ...checkPush(each.value) }, each, null, limits);
    },
  });
  const pushed: NewJob[] = [];
  for (const [at, each] of asked.entries()) {
    if (each instanceof HatstandError) throw placed(each, at);
    pushed.push(alsoAbout(limits.admit === undefined ? each : await limits.admit(each), ofParent(job ?? { id: parent, about: null })));
  }
  return pushed;
}

const placed = (error: HatstandError, at: number): HatstandError =>
  new HatstandError(error.code, `push.${at}, and so nothing of this report, is kept: ${error.message}`, { ...error.details, push: at });

function outcomeOf(asked: AttemptSettle, sent: JsonText): Outcome {
  const { outcome, reason, error = '', cause = 'thrown', stack = '', retry, retryAfter, left, badTrigger = false } = asked;
  switch (outcome) {
    case 'succeeded':
      return { kind: 'succeeded', result: outputOf(asked, sent), ...(reason === undefined ? {} : { reason }) };
    case 'skipped':
      return { kind: 'skipped', result: { ...noResult, error: error.toWellFormed() } };
    case 'released':
      return { kind: 'returned' };
    case 'failed':
      return {
        kind: 'failed',
        result: { ...outputOf(asked, sent), error: error.toWellFormed(), cause, stack: stack.toWellFormed() },
        ...(retry === false || badTrigger ? { final: true } : {}),
        ...(badTrigger ? { badTrigger: error.toWellFormed() } : {}),
        ...(retryAfter === undefined ? {} : { retryAfter: parseDuration(retryAfter, 'retryAfter') }),
        ...(left === undefined ? {} : { left: parseDuration(left, 'left') }),
      };
  }
}

/** A long `outputText` is not built: for the check it is an empty one, if it is a text. */
function withText(sent: JsonText): unknown {
  const { value } = sent;
  const isLong = typeof value === 'object' && value !== null && 'outputText' in value && value.outputText === null;
  return isLong && sent.member('outputText')?.startsWith('"') === true ? { ...value, outputText: '' } : value;
}

function outputOf({ outputCut = false }: AttemptSettle, sent: JsonText): JobResult {
  const text = sent.member('outputText');
  const output = text === null ? (sent.member('output') ?? '') : (JSON.parse(text) as string).toWellFormed();
  return cutOutput({ ...noResult, output, outputCut }, jobLimits.outputBytes);
}

const fieldsOf: Readonly<Record<string, readonly string[]>> = {
  succeeded: ['output', 'outputText', 'outputCut', 'reason'],
  failed: ['output', 'outputText', 'outputCut', 'error', 'cause', 'stack', 'retry', 'retryAfter', 'left', 'badTrigger'],
  skipped: ['error'],
  released: [],
};

/** Throws `invalid_request` in words for fields that do not go together, which the schema refuses in its own. */
function explainSettle(value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  const asked = value as Readonly<Record<string, unknown>>;
  const fields = fieldsOf[String(asked['outcome'])];
  if (fields === undefined) return;
  const foreign = [...new Set(Object.values(fieldsOf).flat())].find((field) => asked[field] !== undefined && !fields.includes(field));
  if (foreign !== undefined) throw wrong(`An attempt that is ${String(asked['outcome'])} takes no ${foreign}. Leave it out.`, foreign);
  if (asked['outcome'] === 'failed' && asked['error'] === undefined) throw wrong('error is required: say why the attempt failed.', 'error');
  if (asked['output'] !== undefined && asked['outputText'] !== undefined)
    throw wrong('output and outputText say the same; give one of them.', 'outputText');
}

const wrong = (message: string, field: string): HatstandError => new HatstandError('invalid_request', message, { field });
