// Runs a program in this process's place: its streams, its signals, its end.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { environmentOf } from './prepare/node.mjs';

/** The same signal often arrives several times at once: from the terminal, from npm, from a killed group. */
const sameSignalWithin = 500;
const tether = fileURLToPath(new URL('tether.cjs', import.meta.url));

/**
 * Answers the exit code; a program ended by a signal ends this process by the same one.
 *
 * `tethered`: the program is told to stop when this process or npm above it is killed. It stays in this process's
 * group, so that killing the group ends everything.
 */
export async function runInPlace(node, args, { tethered = false } = {}) {
  const child = spawn(node.path, tethered ? ['--require', tether, ...args] : args, {
    stdio: tethered ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit',
    env: environmentOf(node),
  });
  const forwarding = forwardSignals(child);
  const watching = tethered ? watchStarter(() => child.kill('SIGTERM')) : undefined;
  const { code, signal } = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  clearInterval(watching);
  forwarding.stop();
  if (signal !== null) process.kill(process.pid, signal);
  return code ?? 1;
}

function forwardSignals(child) {
  const last = new Map();
  const forward = (signal) => {
    // A terminal has already sent its Ctrl-C to the whole group.
    if (signal === 'SIGINT' && process.stdin.isTTY === true) return;
    const now = performance.now();
    if (now - (last.get(signal) ?? Number.NEGATIVE_INFINITY) < sameSignalWithin) return;
    last.set(signal, now);
    child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'];
  for (const signal of signals) process.on(signal, forward);
  return {
    stop() {
      for (const signal of signals) process.off(signal, forward);
    },
  };
}

/** npm started this process, by way of a shell, and waits for it: when either is gone, nobody waits any more. */
function watchStarter(gone) {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const shell = process.ppid;
  const npm = parentOf(shell);
  const timer = setInterval(() => {
    if (process.ppid === shell && parentOf(shell) === npm) return;
    clearInterval(timer);
    gone();
  }, 500);
  return timer;
}

/** `null` where there is no /proc. */
function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}
