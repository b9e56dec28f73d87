/** A Hatstand server as people run it: the built program, its own process, its own folder, a free port. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { benchFolder } from './folder.ts';

export interface Server {
  readonly address: string;
  readonly pid: number;
  stop(): Promise<void>;
}

const main = fileURLToPath(new URL('../../dist/faces/cli/main.js', import.meta.url));

export interface ServerOptions {
  /** 0: it keeps jobs and runs none. */
  readonly concurrency: number;
  /** The URL of a Redis. Default: a file in a folder of its own. */
  readonly store?: string;
}

export async function startServer({ concurrency, store }: ServerOptions): Promise<Server> {
  const folder = benchFolder();
  const child = spawn(
    process.execPath,
    [
      ...['--disable-warning=ExperimentalWarning', main, 'serve', '--print-address', '--addr', '127.0.0.1:0'],
      ...(store === undefined ? ['--data-dir', join(folder, 'data')] : ['--store', store, '--node-name', folder.split('-').at(-1) ?? '']),
      ...['--dispatchers', String(concurrency), '--log-level', 'warn'],
      ...['--log-file', join(folder, 'log'), '--access-log-file', '/dev/null'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  process.once('exit', () => child.kill('SIGKILL'));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const address = await addressOf(child);
  return {
    address,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('http://')) resolve(line);
    });
  });
}
