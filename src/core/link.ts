/**
 * Links: connections between the nodes of a cluster, over which each hears at once that another is gone. A closed link is a question, not
 * an answer; who may be taken for dead is decided here.
 */
import type { Millis } from './duration.ts';

/** Where a node's process runs, for others on the same machine. */
export interface ProcessId {
  /** The machine since its start, and the space of process ids on it; equal texts: the same. */
  readonly machine: string;
  readonly pid: number;
  /** Of the process, as the machine counts: another process may have the id later. */
  readonly startedAt: string;
}

/** What a node tells of itself, so that others can link to it. */
export interface NodeLink {
  readonly host: string;
  readonly port: number;
  /** Of its certificate: SHA-256 as hexadecimal digits. */
  readonly fingerprint: string;
  /** `null`: it is not known how processes are told apart there. */
  readonly process: ProcessId | null;
}

export const linkLimits = {
  /** A longer frame ends its link. */
  frameBytes: 1024 * 1024,
  /** The same for who has not proven yet who he is. */
  unprovenBytes: 4 * 1024,
  /** Who has not proven it by then is closed. */
  proveWithin: 5_000,
  /** Connections at once that have not proven it; more are closed at once. */
  unproven: 256,
  /** How often each side says that it is there. */
  checkEvery: 500,
  /** A link is over when it has brought nothing for so many checks. */
  silentChecks: 4,
} as const;

/** When a peer whose link was closed is asked, counted from then: the last answer is the one that counts unless an earlier one is sure. */
export const probeAt: readonly Millis[] = [0, 40, 90];

/** What a probe found. `alive`: something answers, or stands still; `gone`: nothing is there; `unknown`: that could not be told. */
export type Probe = 'alive' | 'gone' | 'unknown';

/**
 * Whether a peer is dead beyond doubt; else its lease decides.
 *
 * On the same machine the table of processes is sure, and a single look that finds it gone is enough: one that dies closes its connections first.
 * Elsewhere its machine has to refuse every single one, for whoever accepts is alive, and who does not answer may be.
 *
 * @param looks at the table of processes
 */
export const isDeadBy = (looks: readonly Probe[], connects: readonly Probe[]): boolean =>
  looks.some((probe) => probe === 'gone') ||
  (looks.every((probe) => probe === 'unknown') && connects.length === probeAt.length && connects.every((probe) => probe === 'gone'));

/** What the sides of a link prove their key over, so that neither proof can stand for the other, nor be carried to another link. */
export const linkProofText = (role: 'client' | 'server', from: string, to: string): string => `hatstand link ${role}\n${from}\n${to}\n`;
