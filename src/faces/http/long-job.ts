/** Jobs whose answers take long to write, since their payloads or outputs are long. */
import type { Job } from '../../core/job.ts';
import { inTurn } from './long-work.ts';

type Long = Pick<Job, 'payload'> & { readonly result: Pick<Job['result'], 'output'> };

/** Characters whose writing takes about a millisecond. */
const long = 64 * 1024;

export const lengthOf = ({ payload, result }: Long): number => (payload?.length ?? 0) + result.output.length;

/** What `write` makes of a job: of long ones one after another, whoever asks for them. */
export const written = <T>(job: Long, write: () => T): T | Promise<T> => (lengthOf(job) < long ? write() : inTurn(write));
