/** What tells one batch from another of the same id, and the jobs of one call from others under the same key: in any face, and in another language too. */
import { hash } from 'node:crypto';
import { type BatchRef, type Callback, mapCallbacks } from '../../core/batch.ts';
import type { NewJob } from '../../core/job.ts';
import { identityOf } from '../../core/new-job.ts';
import type { NewBatch } from '../../engine/api/batch-making.ts';

/** A job of a batch: whoever asks for the same again means this one, whatever its worker makes of it then. */
export interface AskedJob {
  /** As it was asked for. */
  readonly asked: NewJob;
  /** As it is kept; `null`: it is not. */
  readonly job: NewJob | null;
}

const digestOf = (text: string): string => hash('sha256', text, 'base64url');
const jobDigest = ({ asked }: AskedJob): string => digestOf(identityOf(asked));
const callbackDigest = (callback: Callback): string => digestOf(identityOf({ ...callback, ...ofItsBatch }));
const ofItsBatch = { domain: '', manual: false, start: null, owner: '', about: null } as const;

/** The order of its jobs counts, as does each of them. */
export function withDigest(
  { domain, id }: BatchRef,
  { jobs, on, isOpen }: Pick<NewBatch, 'on' | 'isOpen'> & { readonly jobs: readonly AskedJob[] },
): NewBatch {
  const text = JSON.stringify([domain, id, isOpen, mapCallbacks(on, callbackDigest), ...jobs.map(jobDigest)]);
  return { jobs: jobs.map(({ job }) => job), on, isOpen, digest: digestOf(text) };
}

/** Those of one call that is repeated are the same ones. `null`: it has no key. */
export function keyedJobs(jobs: readonly AskedJob[], key: string | null): readonly NewJob[] {
  const prefix = key === null ? null : digestOf(key);
  return jobs.flatMap((each, at) => {
    if (each.job === null) return [];
    return prefix === null ? [each.job] : [{ ...each.job, idempotency: { key: `${prefix}/${at}`, digest: jobDigest(each) } }];
  });
}
