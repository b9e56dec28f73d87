/** What tells one batch from another of the same id, and the jobs of one call from others under the same key: in any face, and in another language too. */
import { hash } from 'node:crypto';
import type { BatchRef } from '../../core/batch.ts';
import type { NewJob } from '../../core/job.ts';
import { identityOf } from '../../core/new-job.ts';
import type { NewBatch } from '../../engine/api/batches.ts';

const digestOf = (text: string): string => hash('sha256', text, 'base64url');
const jobDigest = (job: NewJob): string => digestOf(identityOf(job));

/** The order of its jobs counts, as does each of them. */
export function withDigest({ domain, id }: BatchRef, asked: Omit<NewBatch, 'digest'>): NewBatch {
  const { jobs, on, isOpen } = asked;
  return { ...asked, digest: digestOf(JSON.stringify([domain, id, isOpen, on, ...jobs.map(jobDigest)])) };
}

/** Those of one call that is repeated are the same ones. `null`: it has no key. */
export const keyedJobs = (jobs: readonly NewJob[], key: string | null): readonly NewJob[] =>
  key === null ? jobs : jobs.map((job, at) => ({ ...job, idempotency: { key: `${digestOf(key)}/${at}`, digest: jobDigest(job) } }));
