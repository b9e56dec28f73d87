/** A real server in a process of its own, to be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

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

export interface ServerProcess {
  readonly address: string;
  readonly pid: number;
  /** The signal that ended it, or its exit code as text; all that it wrote is there. */
  readonly ended: Promise<string>;
  kill(signal: NodeJS.Signals): Promise<string>;
  /** All that it wrote so far, to stdout and stderr. */
  written(): string;
  /** Resolves with the first line, written or to be written, that matches; rejects when the server ends without one. */
  line(pattern: RegExp): Promise<string>;
}

/** Of this process, which may end without having ended them. */
const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** Everything it wrote so far is in the error when it ends before it listens. */
export async function startServer(folder: string, options: ServerOptions = {}): Promise<ServerProcess> {
  const env = { ...process.env, NODE_COMPILE_CACHE: compiled, HATSTAND_FAILPOINTS: options.failpoint ?? '', ...options.env };
  const flags = ['serve', '--addr', '127.0.0.1:0', '--data-dir', folder, '--dispatchers', '16', ...(options.flags ?? [])];
  const [command = '', ...args] = [...(options.under ?? []), process.execPath, main, ...flags];
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  child.once('close', () => children.delete(child));
  const ended = once(child, 'close').then(([code, signal]) => String(signal ?? code));
  const lines = collectLines(child);
  const line = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      lines.watch((text) => pattern.test(text) && resolve(text));
      void ended.then((how) => reject(new Error(`the server ended without writing ${pattern} (${how}):\n${lines.all.join('\n')}`)));
    });
  const listening = await line(/http:\/\/127\.0\.0\.1:\d+/);
  return {
    address: /http:\/\/127\.0\.0\.1:\d+/.exec(listening)?.[0] ?? '',
    pid: child.pid ?? 0,
    ended,
    kill(signal) {
      child.kill(signal);
      return ended;
    },
    written: () => lines.all.join('\n'),
    line,
  };
}

function collectLines(child: ChildProcess): { readonly all: readonly string[]; watch(watcher: (line: string) => void): void } {
  const all: string[] = [];
  const watchers: ((line: string) => void)[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) throw new Error('the streams of the server are not piped');
    createInterface({ input: stream }).on('line', (line) => {
      all.push(line);
      for (const watcher of watchers) watcher(line);
    });
  }
  return {
    all,
    watch(watcher) {
      for (const line of all) watcher(line);
      watchers.push(watcher);
    },
  };
}
