/** Threads of stores: how one is started. */
import { Worker } from 'node:worker_threads';

export interface ThreadOptions {
  /** For people who look at the process. */
  readonly name: string;
  readonly data: unknown;
  /** Megabytes that the thread's young objects may take: the smaller, the smaller the resident memory. */
  readonly youngMegabytes: number;
}

/**
 * Starts the file as a thread, from source as well as from the build.
 *
 * @param entry without its extension, such as `./writer/entry`
 * @param base `import.meta.url` of the caller, whose file type is the thread's too
 */
export function startThread(entry: string, base: string, { name, data, youngMegabytes }: ThreadOptions): Worker {
  const extension = base.endsWith('.ts') ? 'ts' : 'js';
  return new Worker(new URL(`${entry}.${extension}`, base), {
    name,
    workerData: data,
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: youngMegabytes },
  });
}
