/** A real server in a process of its own, to be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { collectLines, type Lines } from '../support/lines.ts';

const main = fileURLToPath(new URL('../../src/faces/cli/main.ts', import.meta.url));
/** Starting takes a fifth of the time when the code was compiled before. */
const compiled = fileURLToPath(new URL('../../.cache/compiled', import.meta.url));

export interface ServerOptions {
  readonly failpoint?: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A command that runs the server in its own place (the same process id), such as `strace -D`. */
  readonly under?: readonly string[];
}

export interface ServerProcess extends Lines {
  readonly address: string;
  readonly pid: number;
  /** The signal that ended it, or its exit code as text; all that it wrote is there. */
  readonly ended: Promise<string>;
  kill(signal: NodeJS.Signals): Promise<string>;
}

/** Of this process, which may end without having ended them. */
const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

interface Running extends Lines {
  readonly child: ChildProcess;
  readonly ended: Promise<string>;
}

function run(folder: string, options: ServerOptions): Running {
  const env = { ...process.env, NODE_COMPILE_CACHE: compiled, HATSTAND_FAILPOINTS: options.failpoint ?? '', ...options.env };
  const flags = ['serve', '--addr', '127.0.0.1:0', '--data-dir', folder, '--dispatchers', '16', ...(options.flags ?? [])];
  const [command = '', ...args] = [...(options.under ?? []), process.execPath, main, ...flags];
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] as const });
  children.add(child);
  child.once('close', () => children.delete(child));
  const ended = once(child, 'close').then(([code, signal]) => String(signal ?? code));
  return { ...collectLines([child.stdout, child.stderr], ended), child, ended };
}

/** Everything it wrote so far is in the error when it ends before it listens. */
export async function startServer(folder: string, options: ServerOptions = {}): Promise<ServerProcess> {
  const { child, ended, ...output } = run(folder, options);
  const listening = await output.line(/http:\/\/127\.0\.0\.1:\d+/);
  return {
    ...output,
    address: /http:\/\/127\.0\.0\.1:\d+/.exec(listening)?.[0] ?? '',
    pid: child.pid ?? 0,
    ended,
    kill(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

/** One that is expected to end by itself, or by what `onSpawn` does to it. Answers how it ended, and all that it wrote. */
export async function runServer(
  folder: string,
  { onSpawn, ...options }: ServerOptions & { readonly onSpawn?: (child: ChildProcess) => void } = {},
): Promise<{ readonly how: string; readonly text: string }> {
  const { child, ended, lines } = run(folder, options);
  onSpawn?.(child);
  const how = await ended;
  return { how, text: lines.join('\n') };
}
