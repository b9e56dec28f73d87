/** Threads of stores: how one is started, and how long one is waited for. */
import { Worker } from 'node:worker_threads';
import type { Millis } from '../core/duration.ts';

export interface ThreadOptions {
  /** For people who look at the process. */
  readonly name: string;
  readonly data: unknown;
  /** Megabytes that the thread's young objects may take: the smaller, the smaller the resident memory. */
  readonly youngMegabytes: number;
  /** Megabytes that all else may take: a thread that needs more ends with `ERR_WORKER_OUT_OF_MEMORY`. Default: what Node gives it. */
  readonly oldMegabytes?: number;
}

/**
 * Starts the file as a thread, from source as well as from the build.
 *
 * @param entry without its extension, such as `./writer/entry`
 * @param base `import.meta.url` of the caller, whose file type is the thread's too
 */
export function startThread(entry: string, base: string, { name, data, youngMegabytes, oldMegabytes }: ThreadOptions): Worker {
  const extension = base.endsWith('.ts') ? 'ts' : 'js';
  return new Worker(new URL(`${entry}.${extension}`, base), {
    name,
    workerData: data,
    execArgv: [],
    resourceLimits: {
      maxYoungGenerationSizeMb: youngMegabytes,
      ...(oldMegabytes === undefined ? {} : { maxOldGenerationSizeMb: oldMegabytes }),
    },
  });
}

/** Whether the promise resolves in time; rejects if it does. */
export async function settlesWithin(promise: Promise<unknown>, time: Millis): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), time);
  return Promise.race([promise.then(() => true), late.promise]).finally(() => clearTimeout(timer));
}
