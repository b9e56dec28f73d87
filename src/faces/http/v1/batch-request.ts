/** From a request to the jobs and callbacks of a batch. Each is read for itself, so that others have their turn; one that is wrong refuses all. */
import { type BatchEnd, batchEnds, type Callback, type Callbacks } from '../../../core/batch.ts';
import { HatstandError } from '../../../core/errors.ts';
import type { NewJob } from '../../../core/job.ts';
import { eachMember, type Span } from '../../../core/json.ts';
import { triggerJobOf } from '../../../core/trigger-target.ts';
import { checkCallbacks } from '../../../engine/api/batches.ts';
import type { AskedJob } from '../keyed-batch.ts';
import { BatchCallback, BatchJob } from './batch-schemas.ts';
import { refuseRepeated, refuseRepeatedIn } from './body.ts';
import { explainPush, type PushLimits, pushedJob } from './job-request.ts';
import { JsonText } from './json-text.ts';
import { elementsIn } from './many.ts';
import { orFault, readEach } from './reading.ts';
import { makeCheck } from './validation.ts';

const checkJob = makeCheck(BatchJob, 'a job of a batch', explainPush);
const checkCallback = makeCheck(BatchCallback, 'a job for the end of a batch', explainPush);

/** Members that are read for themselves. */
export const batchTexts = ['jobs', 'on'] as const;

/** Throws what is wrong with the first job that is wrong. */
export async function jobsIn(sent: JsonText, limits: PushLimits): Promise<readonly AskedJob[]> {
  const span = memberOf(sent, 'jobs', '[', 'an array of jobs');
  if (span === null) return [];
  const { texts } = await elementsIn(sent.text.slice(span.start, span.end));
  const read = await readEach(texts, { read: (json) => pushedJob(checkJob(json.value), json, null, limits) });
  const { admit = asItIs } = limits;
  const admitted = await Promise.all(
    read.map((asked) => (asked instanceof HatstandError ? asked : orFault(async () => ({ asked, job: await admit(asked) })))),
  );
  return admitted.map((each, at) => {
    if (each instanceof HatstandError) throw placed(each, `jobs[${at}]`);
    return each;
  });
}

const asItIs = (job: NewJob): Promise<NewJob> => Promise.resolve(job);

/** Throws as `jobsIn`. */
export async function callbacksIn(sent: JsonText, limits: PushLimits): Promise<Callbacks> {
  const span = memberOf(sent, 'on', '{', 'an object');
  if (span === null) return {};
  refuseRepeated(sent.text, span.start);
  const spans = new Map<string, Span>();
  eachMember(sent.text, span.start, (key, value) => spans.set(key, value));
  const on: Partial<Record<BatchEnd, Callback>> = {};
  for (const [key, { start, end }] of spans) {
    const known = batchEnds.find((each) => each === key);
    if (known === undefined) throw wrong(`on has ${batchEnds.join(', ')}, not ${JSON.stringify(key.slice(0, 40))}.`, 'on');
    const callback = await orFault(async () => callbackOf(known, await JsonText.read(sent.text.slice(start, end)), limits));
    if (callback instanceof HatstandError) throw placed(callback, `on.${known}`);
    on[known] = callback;
  }
  return checkCallbacks(on);
}

async function callbackOf(on: BatchEnd, json: JsonText, limits: PushLimits): Promise<Callback> {
  const job = pushedJob(checkCallback(json.value), json, null, limits);
  return triggerJobOf(await admitCallback(on, job, limits.admit));
}

/** One without a payload is given how the batch ended, so that is what its worker must take. */
export async function admitCallback(on: BatchEnd, job: NewJob, admit: PushLimits['admit']): Promise<NewJob> {
  if (admit === undefined) return job;
  const told = { id: 'a', on, total: 1, succeeded: 1, failed: 0, canceled: 0 };
  const admitted = await admit({ ...job, payload: job.payload ?? JSON.stringify(told) });
  return { ...admitted, payload: job.payload };
}

/** Refuses members that stand twice. */
function memberOf(sent: JsonText, name: string, opening: '[' | '{', expected: string): Span | null {
  refuseRepeatedIn(sent);
  const found: Span[] = [];
  sent.eachMember((key, span) => {
    if (key === name) found.push(span);
  });
  const [span] = found;
  if (span === undefined) return null;
  if (sent.text.charAt(span.start) === opening) return span;
  throw wrong(`${name} must be ${expected}.`, name);
}

const wrong = (message: string, field: string): HatstandError => new HatstandError('invalid_request', message, { field });

/** Which one of many it is about. */
function placed(fault: HatstandError, place: string): HatstandError {
  const { field } = fault.details;
  return new HatstandError(fault.code, `${place}: ${fault.message}`, {
    ...fault.details,
    field: typeof field === 'string' ? `${place}.${field}` : place,
  });
}
