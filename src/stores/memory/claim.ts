/** Which job a free slot gets, and what starting it does to the record. */
import type { Millis } from '../../core/duration.ts';
import { nextFence } from '../../core/id.ts';
import type { Job } from '../../core/job.ts';
import { parkedAtOnce } from '../../core/limit.ts';
import { nextToken, refill } from '../../core/queue.ts';
import type { Claim, ClaimRequest, Want } from '../../ports/store/jobs.ts';
import { tellEnds } from './after.ts';
import { expire } from './expire.ts';
import { fullKey, letIn, park, pausesLeft } from './limits.ts';
import type { Line } from './lines.ts';
import { type Queue, queueOf, type State } from './state.ts';
import type { Step } from './step.ts';

export function claim(state: State, step: Step, request: ClaimRequest): Claim {
  tellEnds(state, step);
  expire(state, step, Number.POSITIVE_INFINITY);
  promote(state, step, Number.POSITIVE_INFINITY);
  letIn(state, step);
  const known = repeated(state, request);
  const wants = known === null && mayClaim(state, request) ? request.wants() : [];
  const served = wants.map((want) => serve(state, step, request, want));
  const jobs = known ?? served.flatMap((each) => each.jobs);
  return { jobs, nextIn: served.some(({ more }) => more) ? 0 : nextIn(state, wants, step) };
}

/** Moves due jobs to `queued`. Answers how many. */
export function promote(state: State, step: Step, limit: number): number {
  let promoted = 0;
  for (let next = state.records.due.first; next !== undefined && promoted < limit; next = state.records.due.first) {
    const entry = state.records.get(next.id);
    if (entry === undefined || next.dueAt > step.now) break;
    state.records.put({ ...entry, job: { ...entry.job, state: 'queued' } });
    state.delayed.delete(next.id);
    step.moved('promote', next.id);
    step.ready(entry.job.worker);
    promoted += 1;
  }
  return promoted;
}

function mayClaim(state: State, { holder, attemptTtl }: ClaimRequest): boolean {
  return attemptTtl !== null || state.nodes.get(holder)?.mode === 'active';
}

/** What this operation has started already. */
function repeated(state: State, request: ClaimRequest): readonly Job[] | null {
  const started = state.records.heldBy(request.holder).filter((entry) => entry.hold?.operation === request.operation);
  return started.length === 0 ? null : started.map((entry) => entry.job);
}

interface Served {
  readonly jobs: readonly Job[];
  /** What stood before others is parked now, so that another claim finds more for the slots that are left. */
  readonly more: boolean;
}

function serve(state: State, step: Step, request: ClaimRequest, want: Want): Served {
  const jobs: Job[] = [];
  let parked = 0;
  while (jobs.length < want.slots && parked < parkedAtOnce) {
    const line = linesOf(state, want).find(({ queue }) => mayStart(state, queue, step.steady));
    const next = line && state.records.lines.next(line);
    if (next === undefined) break;
    const key = state.limits.size === 0 ? null : fullKey(state, step, next);
    if (key === null) jobs.push(start(state, step, request, next));
    else {
      park(state, next, key);
      parked += 1;
    }
  }
  const more = jobs.length < want.slots && (parked >= parkedAtOnce || (parked > 0 && state.roomy.size > 0));
  return { jobs, more };
}

/** Lines with ready jobs that this want asks for, the one served longest ago first. */
function linesOf(state: State, { worker, queues }: Want): readonly Line[] {
  return [...state.records.lines.ready(worker)].filter(({ queue }) => queues === 'any' || queues.includes(queue));
}

function mayStart(state: State, name: string, now: number): boolean {
  const queue = queueOf(state, name);
  const { rate } = queue.settings;
  return hasRoom(state, name, queue) && (rate === null || refill(queue.bucket, rate, now).tokens >= 1);
}

function hasRoom(state: State, name: string, { settings }: Queue): boolean {
  return !settings.paused && (settings.concurrency === null || state.records.heldInQueue(name) < settings.concurrency);
}

function takeToken(queue: Queue, now: number): void {
  const { rate } = queue.settings;
  if (rate === null) return;
  const { tokens, at } = refill(queue.bucket, rate, now);
  queue.bucket = { tokens: tokens - 1, at };
}

function start(state: State, step: Step, request: ClaimRequest, ready: Job): Job {
  const entry = state.records.get(ready.id);
  const job: Job = {
    ...ready,
    state: 'running',
    attempt: ready.attempt + 1,
    fence: nextFence(ready.fence, step.micros),
    holder: request.holder,
    startedAt: step.now,
  };
  const deadline = request.attemptTtl === null ? null : step.steady + request.attemptTtl;
  state.records.put({ job, hold: { operation: request.operation, deadline }, history: entry?.history ?? [] });
  takeToken(queueOf(state, job.queue), step.steady);
  step.moved('claim', job.id);
  return job;
}

function nextIn(state: State, wants: readonly Want[], step: Step): Millis | null {
  const { now, steady } = step;
  if (state.waits.next !== null) return 0;
  const times: Millis[] = [...pausesLeft(state, step)];
  const expiry = state.expiries.next(step);
  if (expiry !== null) times.push(expiry.in);
  const due = state.records.due.first;
  if (due !== undefined) times.push(due.dueAt - now);
  for (const { queue: name } of wants.flatMap((want) => linesOf(state, want))) {
    const queue = queueOf(state, name);
    const { rate } = queue.settings;
    if (rate !== null && hasRoom(state, name, queue)) times.push(nextToken(refill(queue.bucket, rate, steady), rate));
  }
  return times.length === 0 ? null : Math.min(...times);
}
