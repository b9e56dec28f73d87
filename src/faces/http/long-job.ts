/** Jobs whose answers take long to write, since their payloads or outputs are long, or since there are many of them. */
import type { Job } from '../../core/job.ts';
import { inTurn } from './long-work.ts';

type Long = Pick<Job, 'payload'> & { readonly result: Pick<Job['result'], 'output'> };

/** Characters whose writing takes about a millisecond. */
const long = 64 * 1024;

export const lengthOf = ({ payload, result }: Long): number => (payload?.length ?? 0) + result.output.length;

/** What `write` makes of a job: of long ones one after another, whoever asks for them. */
export const written = <T>(job: Long, write: () => T): T | Promise<T> => (lengthOf(job) < long ? write() : inTurn(write));

/** Jobs of a page whose writing takes about a millisecond. */
const many = 100;

/** What `write` makes of a page: of many jobs one page after another, whoever asks for them. Whoever asks for few is not behind those. */
export const writtenPage = <T>(jobs: readonly unknown[], write: () => T): T | Promise<T> => (jobs.length <= many ? write() : inTurn(write));
