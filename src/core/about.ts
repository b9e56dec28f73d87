/**
 * What a job says beside its payload to whoever runs it: why it was pushed, and how. The store never reads it. Whoever pushes a
 * job for somebody else writes it (`aboutText`): a trigger, an event, a push that has asked a worker's `beforeHook`.
 */
import type { Job, NewJob } from './job.ts';
import { messageIn } from './message.ts';

export interface About {
  /** Of a trigger: the time for which it fired, as RFC 3339 has it. */
  readonly tick?: string;
  /** It was pushed for a tick of the past, by somebody who asked for that. */
  readonly backfill?: true;
  /** The event that the job was pushed for. */
  readonly event?: unknown;
  /** The message of whoever pushed it, when the payload is what came from elsewhere, such as the body of a webhook. */
  readonly message?: unknown;
  /** Of an event that Hatstand told: how many jobs one after the other led to this one, each pushed for what became of the one before. */
  readonly depth?: number;
  /** Its payload was gathered: how many parts it has, and how many did not fit. The step that pushes the job counts them. */
  readonly gathered?: { readonly count: number; readonly dropped: number };
  /** Of a job that was pushed since a batch had ended: which one, and how its jobs had ended. */
  readonly batch?: unknown;
  /** The job whose attempt pushed it. */
  readonly parent?: string;
  /** Of a job of a task: how that is to run (task.ts). */
  readonly task?: unknown;
  /** Its log lines are told as events as well. */
  readonly forwardLogs?: true;
  /** The worker's `beforeHook` was asked in the push, so nobody asks it again. */
  readonly hooked?: true;
}

/** `null` when there is nothing to say. */
export const aboutText = (about: About): string | null => (Object.keys(about).length === 0 ? null : JSON.stringify(about));

/** `aboutText` of what was gathered and of the rest, around the numbers that nobody knows before the step that pushes the job. */
export function aboutGathered(rest: About): readonly [before: string, between: string, after: string] {
  const text = aboutText(rest);
  return ['{"gathered":{"count":', ',"dropped":', text === null ? '}}' : `},${text.slice(1)}`];
}

/** What is no object says nothing. */
export function aboutOf({ about }: Pick<NewJob, 'about'>): About {
  const parsed: unknown = about === null ? null : JSON.parse(about);
  return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : {};
}

/** How many jobs one after the other led to this one; 0: none, or what it says cannot be read. Never throws. */
export function depthOf(job: Pick<NewJob, 'about'>): number {
  try {
    const { depth } = aboutOf(job);
    return Number.isSafeInteger(depth) ? Math.max(0, depth ?? 0) : 0;
  } catch {
    return 0;
  }
}

/** What a job says that an attempt of this one pushes: whose it is, and that it is as deep. */
export function ofParent(parent: Pick<Job, 'id' | 'about'>): About {
  const depth = depthOf(parent);
  return { parent: parent.id, ...(depth === 0 ? {} : { depth }) };
}

/** The job with this said as well. */
export const alsoAbout = <Asked extends Pick<NewJob, 'about'>>(job: Asked, more: About): Asked => ({
  ...job,
  about: aboutText({ ...aboutOf(job), ...more }),
});

/** What a copy of a job says: it is a push of its own, so its worker's hook is asked again. */
export function aboutOfCopy(job: Pick<NewJob, 'about'>): string | null {
  if (job.about === null) return null;
  const { hooked, ...rest } = aboutOf(job);
  return hooked === undefined ? job.about : aboutText(rest);
}

/** What a worker is told. */
export interface Told {
  /** `undefined`: there is none. */
  readonly message: unknown;
  /** `undefined`: it was not pushed for one. */
  readonly event: unknown;
  /** What came from elsewhere, such as the body of a webhook; `undefined`: nothing did. */
  readonly payload: unknown;
}

/** Throws for a message in an envelope that holds none (message.ts). */
export function toldBy(job: Pick<NewJob, 'payload' | 'about'>): Told {
  const payload: unknown = job.payload === null ? undefined : JSON.parse(job.payload);
  if (job.about === null) return { message: messageIn(payload), event: undefined, payload: undefined };
  const about = aboutOf(job);
  return 'message' in about
    ? { message: messageIn(about.message), event: about.event, payload }
    : { message: messageIn(payload), event: about.event, payload: undefined };
}
