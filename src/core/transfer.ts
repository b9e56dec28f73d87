/** Jobs, definitions and queues on their way from one store to another. */
import { leftOf } from './after.ts';
import { checkDefinition, type Definition, definitionLimits } from './definition.ts';
import { HatstandError, messageOf } from './errors.ts';
import { neverBegan } from './expiry.ts';
import { compareIds, isJobId, timeOfId } from './id.ts';
import { type Attempt, hasEnded, type Job, type JobState } from './job.ts';
import { bodyReaders } from './kept-body.ts';
import { keysOf, type LimitSettings, parkedKey } from './limit.ts';
import { taskOfMail } from './mail.ts';
import { checkName, jobLimits } from './new-job.ts';
import { asHistory, cutError } from './output.ts';
import { facets } from './owned.ts';
import type { QueueSettings } from './queue.ts';
import { checkAttempt, checkRecord, checkText, checkTime, checkWhole, isJson, recordLimits } from './record.ts';
import { applyMove, archivedBy, releaseMoves } from './transitions.ts';

/** A job with all that is known of it. */
export interface JobCopy {
  readonly job: Job;
  /** Its earlier attempts, oldest first; the newest one stands on the record itself. */
  readonly attempts: readonly Attempt[];
}

/** A definition with all that is known of it. */
export interface DefinitionCopy {
  readonly definition: Definition;
  /** What its window has gathered, JSON texts in the order in which they came. */
  readonly parts: readonly string[];
}

export type TransferItem =
  | { readonly kind: 'queue'; readonly name: string; readonly settings: QueueSettings }
  | { readonly kind: 'limit'; readonly name: string; readonly settings: LimitSettings }
  | { readonly kind: 'definition'; readonly copy: DefinitionCopy }
  | { readonly kind: 'job'; readonly copy: JobCopy };

/**
 * The copy as another store takes it. An attempt that was running is handed back without being counted, since its holder
 * does not use that store; a job that was being stopped ends canceled.
 *
 * @param now Unix milliseconds, for people: the end of that attempt
 * @param keep bytes of each output that the history keeps
 */
export function arrived(copy: JobCopy, now: number, keep: number = jobLimits.historyOutput): JobCopy {
  const move = releaseMoves[copy.job.state];
  const archived = move === undefined ? null : archivedBy(copy.job, move, now);
  const attempts = archived === null ? copy.attempts : [...copy.attempts, archived];
  return {
    job: asKept(move === undefined ? notParked(copy.job) : applyMove(copy.job, move, now)),
    attempts: attempts.slice(-jobLimits.history).map((attempt) => asHistory(withWhole(attempt), keep)),
  };
}

/** Whether it waits for others is for the store to say into which it comes. */
const notParked = (job: Job): Job => (parkedKey(job) === null ? job : { ...job, reason: '' });

/** With no more of its error than is kept of any, and its texts as UTF-8 has them: without halves of characters. */
function asKept(job: Job): Job {
  const { headers, result } = job;
  const texts = [job.name, job.comment, job.url, job.owner, job.limit, job.about ?? '', job.payload ?? '', ...Object.values(headers ?? {})];
  const kept = withWhole({ holder: job.holder, result: cutError(result) });
  if (texts.every((text) => text.isWellFormed())) return kept.result === result && kept.holder === job.holder ? job : { ...job, ...kept };
  return {
    ...job,
    ...kept,
    name: job.name.toWellFormed(),
    comment: job.comment.toWellFormed(),
    url: job.url.toWellFormed(),
    owner: job.owner.toWellFormed(),
    limit: job.limit.toWellFormed(),
    about: job.about?.toWellFormed() ?? null,
    payload: job.payload?.toWellFormed() ?? null,
    headers: headers && Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.toWellFormed()])),
  };
}

function withWhole<T extends Pick<Attempt, 'holder' | 'result'>>(attempt: T): T {
  const { holder, result } = attempt;
  if ([holder, result.output, result.error, result.stack].every((text) => text.isWellFormed())) return attempt;
  const { output, error, stack } = result;
  const whole = { ...result, output: output.toWellFormed(), error: error.toWellFormed(), stack: stack.toWellFormed() };
  return { ...attempt, holder: holder.toWellFormed(), result: whole };
}

/** How far the clocks of two machines may differ (ms). A store that took ids or fences of a later time would run ahead of its own. */
const ahead = 86_400_000;

/**
 * Throws `invalid_request` for a copy that no store can have made.
 *
 * @param now Unix milliseconds
 */
export function checkCopy({ job, attempts }: JobCopy, now: number): void {
  checkRecord(job);
  if (attempts.length > recordLimits.attempts) throw wrong('attempts', `at most ${recordLimits.attempts}, not ${attempts.length}`);
  for (const attempt of attempts) checkAttempt(attempt);
  if (!isMadeUntil(job.id, now + ahead)) throw wrong('id', `an id made until now, not ${job.id}`);
  const times = [job.startedAt, job.endedAt].map((time) => time !== null);
  if (!isPlausible(job, times)) throw wrong('state', `one that goes with startedAt and endedAt, not ${job.state}`);
  if (!isReason(job))
    throw wrong('reason', `empty until the end unless a limit of the job or others have it wait, not ${JSON.stringify(job.reason)}`);
  const fewest = isHeld(job.state) ? 1 : 0;
  if (!Number.isSafeInteger(job.attempt) || job.attempt < fewest) throw wrong('attempt', `at least ${fewest}, not ${job.attempt}`);
  let last = '0';
  for (const { fence } of [...attempts, { fence: job.fence }]) {
    if (!isJobId(fence) || compareIds(fence, String((now + ahead) * 1_000)) > 0)
      throw wrong('fence', `a fence given until now, not ${fence}`);
    if (compareIds(fence, last) < 0) throw wrong('fence', `at least ${last}, that of an earlier attempt, not ${fence}`);
    last = fence;
  }
}

/** For how many others does not count: the store into which it comes looks for itself. */
const waits = (job: Job): boolean => job.options.after !== undefined && leftOf(job) !== null && neverBegan(job);

const isMadeUntil = (id: string, time: number): boolean => isJobId(id) && timeOfId(id) <= time;

/** Of kinds whose bodies are read by those who decide about them. */
function checkBody(definition: Definition): void {
  const { kind, key, body } = definition;
  const read = bodyReaders[kind];
  if (read === undefined) return;
  checkName(kind === 'mail' ? taskOfMail(definition).id : key, 'key');
  try {
    read(body);
  } catch (error) {
    throw wrong('body', `that of a ${kind}: ${messageOf(error)}`);
  }
}

/**
 * Throws `invalid_request` or `too_large` for a copy that no store can have made.
 *
 * @param now Unix milliseconds
 */
export function checkDefinitionCopy({ definition, parts }: DefinitionCopy, now: number): void {
  checkDefinition(definition);
  const { body, window, firedAt, owned } = definition;
  // What is due at once is due after the newest tick, so one of the far future would never be due.
  if (firedAt !== null && firedAt > now + ahead) throw wrong('firedAt', `a time until now, not ${firedAt}`);
  if (window !== null && (window.closesAt ?? window.openedAt) < window.openedAt) throw wrong('closesAt', 'not before openedAt');
  for (const facet of facets) {
    const fact = owned[facet];
    if (fact !== null && !isMadeUntil(fact.id, now + ahead)) throw wrong(facet, `a job whose id was made until now, not ${fact.id}`);
    if (fact !== null && (facet === 'succeeded' || facet === 'failed') && fact.end !== facet) throw wrong(facet, 'a job that has ended so');
  }
  checkKept(definition);
  if (body === null || !isJson(body)) throw wrong('body', 'a JSON text: removed definitions stay where they were');
  checkBody(definition);
  if (!parts.every(isJson)) throw wrong('parts', 'JSON texts');
  if ((window?.count ?? 0) !== parts.length) throw wrong('parts', `the ${window?.count ?? 0} parts of its window, not ${parts.length}`);
  const characters = parts.reduce((sum, part) => sum + part.length, 0);
  if (parts.length > definitionLimits.windowParts || characters > definitionLimits.windowCharacters) {
    throw wrong('parts', `at most ${definitionLimits.windowParts} with ${definitionLimits.windowCharacters} characters in all`);
  }
}

/** What only a store sets. Throws `invalid_request`. */
function checkKept({ version, due, firedAt, changedAt, window, owned }: Definition): void {
  const times = { due, firedAt, changedAt, openedAt: window?.openedAt ?? null, closesAt: window?.closesAt ?? null };
  for (const [field, time] of Object.entries(times)) if (time !== null) checkTime(time, field);
  const counts = { version, count: window?.count ?? 0, dropped: window?.dropped ?? 0, live: owned.live, ...owned.gone };
  for (const [field, count] of Object.entries(counts)) checkWhole(count, 0, recordLimits.counted, field);
  for (const facet of facets) {
    checkTime(owned[facet]?.at ?? 0, `${facet}.at`);
    checkText(owned[facet]?.error ?? '', recordLimits.told, `${facet}.error`);
  }
}

/** A waiting job has no start and no holder, one that is held has both, and one that has ended has an end. */
function isPlausible({ state, holder }: Job, [started, ended]: readonly (boolean | undefined)[]): boolean {
  if (hasEnded(state)) return ended === true;
  const held = isHeld(state);
  return ended === false && started === held && (holder !== '') === held;
}

/** A job that has not ended has a reason only while it waits for others, or parked for one of its keys. */
function isReason(job: Job): boolean {
  const parked = parkedKey(job);
  return hasEnded(job.state) || job.reason === '' || waits(job) || (parked !== null && keysOf(job).includes(parked));
}

const isHeld = (state: JobState): boolean => state === 'running' || state === 'stopping';

const wrong = (field: string, expected: string): HatstandError =>
  new HatstandError('invalid_request', `${field} must be ${expected}.`, { field });
