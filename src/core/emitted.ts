/**
 * What the function of an attempt emits to be kept: an event of its job, which fires nothing. It is published once, however often that is
 * tried, also late and by another process: all that it says was written down when it was emitted.
 */
import { HatstandError, messageOf } from './errors.ts';
import type { NewEvent } from './event.ts';
import { isJobId, type JobId } from './id.ts';
import type { Job } from './job.ts';
import { jobEventType } from './lifecycle-event.ts';
import { checkLiveEvent } from './live.ts';
import { taskOfOwner } from './task.ts';

export interface EmittedText {
  /** Among those of the attempt that are to be kept, from 1. */
  readonly number: number;
  readonly name: string;
  /** JSON text; `null`: none. */
  readonly data: string | null;
  /** In Unix milliseconds of the clock of whoever ran the attempt. */
  readonly at: number;
}

export interface Emitted extends EmittedText {
  readonly job: JobId;
  readonly domain: string;
  /** The id of its task; `null`: the job belongs to none. */
  readonly task: string | null;
  readonly attempt: number;
  readonly fence: string;
}

export function emittedBy(
  { id: job, domain, owner, attempt, fence }: Pick<Job, 'id' | 'domain' | 'owner' | 'attempt' | 'fence'>,
  { number, name, data, at }: EmittedText,
): Emitted {
  return { job, domain, task: taskOfOwner(owner)?.id ?? null, attempt, fence, number, name, data, at };
}

/** @param late it could not be published when it was emitted: others may have happened since */
export function emittedEvent({ job, domain, task, attempt, fence, number, name, data, at }: Emitted, late: boolean): NewEvent {
  const told = { id: job, ...(task === null ? {} : { task }), move: 'emit', attempt, fence, name, at: new Date(at).toISOString(), late };
  const doc = data === null ? JSON.stringify(told) : `${JSON.stringify(told).slice(0, -1)},"data":${data}}`;
  return { domain, type: jobEventType, verb: 'NOTIFIED', id: job, doc, old: null, key: `emit/${job}/${fence}/${number}` };
}

/** As a machine keeps it while the store is away. */
export const emittedJson = (emitted: Emitted): string => JSON.stringify(emitted);

/** Throws `store_unusable` for what `emittedJson` did not write. */
export function emittedOf(json: string): Emitted {
  try {
    const { job, domain, task, attempt, fence, number, name, data, at } = JSON.parse(json) as Record<keyof Emitted, unknown>;
    const isWhole = [attempt, number, at].every(Number.isSafeInteger) && Math.abs(Number(at)) <= latest;
    const isText = [job, domain, fence, name].every((text) => typeof text === 'string') && isJobId(String(job)) && isJobId(String(fence));
    if (!isWhole || !isText || !isTextOrNull(task) || !isTextOrNull(data)) throw new Error('a field is missing, or is none');
    checkLiveEvent(String(name), data);
    if (data !== null) JSON.parse(data);
    const texts = { job: String(job), domain: String(domain), fence: String(fence), name: String(name) };
    return { ...texts, task, data, attempt: Number(attempt), number: Number(number), at: Number(at) };
  } catch (error) {
    throw new HatstandError('store_unusable', `This is no event that was emitted: ${messageOf(error)}.`);
  }
}

const isTextOrNull = (value: unknown): value is string | null => value === null || typeof value === 'string';

/** In Unix milliseconds: that of a `Date`. */
const latest = 8.64e15;
