/** Nodes that run tasks, as processes that are killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

/** As the clock of the machine counts, which is that of deeds, in milliseconds. */
export const present = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;

/** Resolves when it has begun. @param args as task-node.ts has them */
export const startTaskNode = (...args: readonly string[]): Promise<ChildProcess> =>
  startNode(new URL('task-node.ts', import.meta.url), ...args);

/** The same of another script. */
export async function startNode(script: URL, ...args: readonly string[]): Promise<ChildProcess> {
  const node = spawn(process.execPath, [fileURLToPath(script), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(node, 'exit').then(([code]) => expect.fail(`the node ended with ${String(code)} before it had begun`));
  await Promise.race([once(node.stdout ?? expect.fail('no stdout'), 'data'), gone]);
  gone.catch(() => undefined);
  return node;
}

/** Resolves when it is gone, also if it was before. */
export async function endTaskNode(node: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (node.exitCode !== null || node.signalCode !== null) return;
  const gone = once(node, 'exit');
  node.kill(signal);
  await gone;
}
