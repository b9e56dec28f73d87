/**
 * Rejections that nobody handles, of promises that an attempt left alone. They belong to its function and must not end the process:
 * they are told to the log, with the job. All others are nobody's attempt, and remain what they are without this: the end of the
 * process, unless somebody else listens for them.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/** Hears of what its attempt has left. Must not throw. */
export type StrayHeard = (reason: unknown) => void;

const owners = new AsyncLocalStorage<StrayHeard>();

/** Calls `call` such that whatever it begins belongs to `heard`, also what goes on when it has answered. */
export const ownedBy = <T>(heard: StrayHeard, call: () => T): T => owners.run(heard, call);

/** Of this module, in every copy of it that a process may have. */
const ours = Symbol.for('hatstand.strays');
let listening = 0;

function onStray(reason: unknown): void {
  const owner = owners.getStore();
  if (owner !== undefined) owner(reason);
  else if (!process.listeners('unhandledRejection').some((each) => !(ours in each))) throw reason;
}
onStray[ours] = true;

/** From now on, until what it answers is called: each call counts. */
export function hearStrays(): () => void {
  if (listening++ === 0) process.on('unhandledRejection', onStray);
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    if (--listening === 0) process.off('unhandledRejection', onStray);
  };
}
