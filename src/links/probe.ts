/** Asks what has become of a peer whose link was closed. */
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeadBy, type NodeLink, type Probe, type ProcessId, probeAt } from '../core/link.ts';

/** Whoever has not answered by then does not refuse. */
const connectWithin = 1_000;

/** Whether something listens there. Only a refusal says that nothing does: whoever accepts and then resets may be a way there. */
function probeAddress({ host, port }: Pick<NodeLink, 'host' | 'port'>): Promise<Probe> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const tell = (probe: Probe): void => {
      socket.destroy();
      resolve(probe);
    };
    socket.setTimeout(connectWithin, () => tell('unknown'));
    socket.once('connect', () => tell('alive'));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => tell(code === 'ECONNREFUSED' ? 'gone' : 'unknown'));
  });
}

export interface Verdict {
  readonly isDead: boolean;
  /** For the log. */
  readonly why: string;
}

/**
 * @param isReached its address has led to it from here: what refuses there is its machine
 * @param probeProcess looks whether the process is there, on the same machine
 */
export async function probePeer(link: NodeLink, isReached: boolean, probeProcess: (asked: ProcessId | null) => Probe): Promise<Verdict> {
  const began = performance.now();
  const processes: Probe[] = [];
  const connects: Probe[] = [];
  for (const at of probeAt) {
    await pause(Math.max(0, at - (performance.now() - began)), undefined, { ref: false });
    const process = probeProcess(link.process);
    processes.push(process);
    if (process === 'unknown' && !isReached) return { isDead: false, why: 'its address has never led to it from here' };
    if (process === 'unknown') connects.push(await probeAddress(link));
    if (isDeadBy(processes, connects)) return { isDead: true, why: connects.length === 0 ? 'its process is gone' : 'its machine refuses' };
    if (connects.some((probe) => probe !== 'gone')) break;
  }
  return { isDead: false, why: processes.at(-1) === 'alive' ? 'its process is there' : `its address is ${connects.at(-1) ?? 'unknown'}` };
}
