/**
 * Triggers that a worker found bad (cozy-stack's `ErrBadTrigger`): such a trigger pushes nothing more, and keeps the reason, until
 * somebody resumes it. That is said under the fence of the attempt that found it: a zombie says nothing of a trigger.
 */
import { keyOfOwner, ownerOf } from '../core/definition.ts';
import type { Job } from '../core/job.ts';
import { foundBad } from '../core/new-trigger.ts';
import { writeTrigger } from '../core/trigger.ts';
import { readTrigger } from '../core/trigger-record.ts';
import type { Logger } from '../ports/logger.ts';
import type { Put } from '../ports/store/definitions.ts';
import type { Store } from '../ports/store/store.ts';

/**
 * The trigger that pushed the job is bad. Does nothing when none did, it is gone or was changed after the job was pushed (it may be
 * mended: its next job tells), or the attempt is not held any more.
 */
export type FindBad = (job: Job, reason: string) => Promise<void>;

/** How often somebody else may be first. */
const mostTries = 32;

export function makeBadTriggers({ store: { definitions }, log }: { readonly store: Store; readonly log: Logger }): FindBad {
  /** `null`: there is nothing to say. */
  async function put(job: Job, reason: string): Promise<Put | null> {
    const key = keyOfOwner(job.owner);
    if (key?.kind !== 'trigger') return null;
    const { definitions: found } = await definitions.list({ by: 'keys', keys: [key] });
    const [definition] = found;
    if (definition === undefined || definition.changedAt > job.createdAt) return null;
    const trigger = readTrigger(definition.body);
    const bad = foundBad(trigger, reason);
    if (bad.bad === trigger.bad) return null;
    const { group, dueOnEnd, version } = definition;
    // Whoever looks at it writes into the journal why it fires no more.
    const asked = { ...key, group, dueOnEnd, body: writeTrigger(bad), state: null, due: 'now', note: 'found bad', if: version } as const;
    return definitions.put([asked], job);
  }

  return async (job, reason) => {
    const key = keyOfOwner(job.owner);
    for (let tries = 0; tries < mostTries; tries++) {
      const answer = await put(job, reason);
      if (answer?.kind === 'stale') continue;
      if (answer?.kind === 'put' && key !== null) log.warn('trigger.bad', { trigger: ownerOf(key), job: job.id, reason });
      return;
    }
    log.error('trigger.not_stopped', { job: job.id, reason, error: 'others change the trigger again and again' });
  };
}
