/** What the verbs of triggers have in common. */
import type { Definition } from '../../core/definition.ts';
import type { NewJob } from '../../core/job.ts';
import type { Trigger, TriggerRef } from '../../core/trigger.ts';

/** A trigger as it stands. */
export interface TriggerRecord {
  readonly ref: TriggerRef;
  readonly trigger: Trigger;
  /** When it is looked at next, what it has gathered, and what its jobs did. */
  readonly definition: Definition;
}

/**
 * A job as its caller may push it. Throws for one that it may not.
 *
 * @param what `worker`: what it is given comes later, and is looked at then
 */
export type Admit = (job: NewJob, what: 'all' | 'worker') => Promise<NewJob>;
