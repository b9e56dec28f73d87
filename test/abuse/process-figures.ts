/** What the system tells of processes. */
import { readdirSync, readFileSync } from 'node:fs';

/** The memory of the machine that a process holds, in bytes. */
export function residentBytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1_024;
}

/**
 * Milliseconds for which they could have gone on with what they are asked and others had the processors: their main threads, and
 * those of a store in its file, which are what its server is to a store on Redis. 0 where the system does not tell.
 */
export const waitedFor = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + waited(pid), 0);

function waited(pid: number): number {
  return threadsOf(pid).reduce((sum, thread) => sum + waitedBy(`/proc/${pid}/task/${thread}`), 0);
}

/** The main thread is called by the number of its process. */
function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).filter((thread) => thread === String(pid) || isOfStore(`/proc/${pid}/task/${thread}`));
  } catch {
    return [];
  }
}

const isOfStore = (thread: string): boolean => /^hatstand-(reader|writer)$/.test(read(`${thread}/comm`).trim());

function waitedBy(thread: string): number {
  const [, nanoseconds = '0'] = read(`${thread}/schedstat`).split(' ');
  return Number(nanoseconds) / 1e6;
}

/** `''`: there is none, or it has just ended. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
