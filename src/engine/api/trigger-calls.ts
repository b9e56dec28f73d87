/** Somebody calls a webhook: its trigger pushes a job, or gathers what came. */
import { checkPart, definitionLimits } from '../../core/definition.ts';
import type { JobId } from '../../core/id.ts';
import type { NewJob, PushKind } from '../../core/job.ts';
import { type Debounce, jobOf, keyOf, messageBeside, statusOf, type TriggerRef } from '../../core/trigger.ts';
import type { DefinitionStore } from '../../ports/store/definitions.ts';
import type { Jobs } from './jobs.ts';
import type { TriggerRecord } from './trigger-record.ts';

/** Throws `too_large` for a payload that no window can hold, `queue_closed` and `limit_reached`. */
export type CallTrigger = (record: TriggerRecord, call: Call) => Promise<Called>;

/** What came from outside. */
export interface Call {
  /** JSON text; `null`: nothing. */
  readonly payload: string | null;
  /** By a person: it does not wait for others. */
  readonly manual: boolean;
  /** The same job, with the caller's key, if it has one. */
  keyed(job: NewJob): NewJob;
}

export type Called =
  | { readonly kind: PushKind; readonly id: JobId }
  /** The caller's key belongs to another job. */
  | { readonly kind: 'conflict'; readonly id: JobId; readonly asked: NewJob }
  /** It waits for the end of the debounce. */
  | { readonly kind: 'gathered' }
  /** What has been gathered leaves no room for it: it is not kept. */
  | { readonly kind: 'full' }
  | { readonly kind: 'paused' }
  /** It was removed meanwhile. */
  | { readonly kind: 'missing' };

export interface TriggerCallsParts {
  readonly definitions: Pick<DefinitionStore, 'gather'>;
  readonly jobs: Pick<Jobs, 'push'>;
  /** The store's present. */
  now(): number;
}

export function makeTriggerCalls({ definitions, jobs, now }: TriggerCallsParts): CallTrigger {
  async function gather(ref: TriggerRef, { wait, maxWait }: Debounce, payload: string | null): Promise<Called> {
    const most = { parts: definitionLimits.windowParts, characters: definitionLimits.windowCharacters };
    const part = { ...keyOf(ref), text: payload ?? 'null', wait, maxWait, most };
    checkPart(part);
    const [gathered] = await definitions.gather([part]);
    if (gathered === undefined || gathered === 'missing') return { kind: 'missing' };
    return { kind: gathered === 'gathered' ? 'gathered' : 'full' };
  }

  return async (record, { payload, manual, keyed }) => {
    const { ref, trigger } = record;
    if (statusOf(record.definition, trigger, now()) !== 'active') return { kind: 'paused' };
    if (trigger.debounce !== null && !manual) return gather(ref, trigger.debounce, payload);
    const asked = keyed(jobOf(keyOf(ref), trigger, messageBeside(trigger), { manual, payload }));
    const [pushed] = await jobs.push([asked]);
    if (pushed === undefined) throw new Error('the store did not answer for the pushed job');
    if (pushed.kind === 'refused') throw pushed.error;
    return pushed.kind === 'conflict' ? { ...pushed, asked } : { kind: pushed.kind, id: pushed.job.id };
  };
}
