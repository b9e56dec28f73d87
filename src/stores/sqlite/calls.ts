/** The calls that the writer thread answers, in the order of their codes. */
import type { Cell, TapeReader } from './tape.ts';

export const callNames = [
  'push',
  'claim',
  'settle',
  'extend',
  'change',
  'remove',
  'promote',
  'sweep',
  'count',
  'queues',
  'configure',
  'join',
  'renew',
  'reconcile',
  'leave',
  'forget',
  'steer',
  'bury',
  'nodes',
  'scrub',
  'restore',
  'advance',
] as const;
export type CallName = (typeof callNames)[number];

export type Handler = (call: TapeReader, reply: Cell[]) => void;

/**
 * In a batch: what frees goes first, then what adds, then what takes, so that a push and a waiting claim of the same
 * turn travel in one transaction; last what only looks.
 */
const ranks: Readonly<Partial<Record<CallName, number>>> = { push: 1, restore: 1, claim: 2, count: 3, queues: 3, nodes: 3 };
export const rankOf = (name: CallName): number => ranks[name] ?? 0;

const codes = new Map<string, number>(callNames.map((name, code) => [name, code]));
export const codeOf = (name: CallName): number => codes.get(name) ?? -1;

export const replyCodes = { done: 0, refused: 1 } as const;
