/** What the system tells of processes. */
import { readFileSync } from 'node:fs';

/** The memory of the machine that a process holds, in bytes. */
export function residentBytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1_024;
}

/** Milliseconds for which their main threads could have gone on and others had the processors; 0 where the system does not tell. */
export const waitedFor = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + waited(pid), 0);

function waited(pid: number): number {
  try {
    const [, nanoseconds = '0'] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ');
    return Number(nanoseconds) / 1e6;
  } catch {
    return 0;
  }
}
