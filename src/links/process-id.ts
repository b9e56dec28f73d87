/** How a process is known to others on its machine, and whether it is still there. Linux alone tells; elsewhere nothing is known. */
import { readFileSync, readlinkSync } from 'node:fs';
import type { Probe, ProcessId } from '../core/link.ts';

/** The state, and the start in ticks since that of the machine (proc(5)). Throws when there is no such process. */
function statOf(pid: number | 'self'): { readonly state: string; readonly startedAt: string } {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The name before it may contain anything, also brackets.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startedAt: fields[19] ?? '' };
}

/** Machines that share a kernel but not their processes are several. */
const machine = (): string => `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()} ${readlinkSync('/proc/self/ns/pid')}`;

/** This process; `null`: the machine does not tell. */
export function ownProcess(): ProcessId | null {
  try {
    return { machine: machine(), pid: process.pid, startedAt: statOf('self').startedAt };
  } catch {
    return null;
  }
}

/** A machine may show a user no processes but its own (`hidepid` of proc(5), `ProtectProc` of systemd): what is not seen then may live. */
function seesOthers(): boolean {
  try {
    return statOf(1).state !== '';
  } catch {
    return false;
  }
}

/** A dead process that its parent has not heard of is gone, too. */
export function probeProcess(asked: ProcessId | null, own: ProcessId | null): Probe {
  if (asked === null || own === null || asked.machine !== own.machine) return 'unknown';
  try {
    const { startedAt, state } = statOf(asked.pid);
    return startedAt !== asked.startedAt || state === 'Z' || state === 'X' ? 'gone' : 'alive';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return (code === 'ENOENT' || code === 'ESRCH') && seesOthers() ? 'gone' : 'unknown';
  }
}
