/** Processes as the kernel sees them. */
import { readFileSync } from 'node:fs';

/** The kernel counts in hundredths of a second (USER_HZ, 100 on every Linux that Node runs on). */
const microsPerTick = 10_000;

/** CPU time of a process with all its threads, user and system, in microseconds. */
export function cpuMicrosOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * microsPerTick;
}

/** Resident memory in bytes. */
export function residentBytesOf(pid: number): number {
  const kibibytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes) * 1_024;
}
