/** A real server in a process of its own, to be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const main = new URL('../../src/faces/cli/main.ts', import.meta.url).pathname;

export interface ServerProcess {
  readonly address: string;
  /** The signal that ended it, or its exit code as text. */
  readonly ended: Promise<string>;
  kill(signal: NodeJS.Signals): Promise<string>;
}

/** Everything it wrote so far is in the error when it ends before it listens. */
export async function startServer(folder: string, options: { failpoint?: string; flags?: readonly string[] } = {}): Promise<ServerProcess> {
  const env = { ...process.env, HATSTAND_FAILPOINTS: options.failpoint ?? '' };
  const flags = ['serve', '--addr', '127.0.0.1:0', '--data-dir', folder, '--dispatchers', '16', ...(options.flags ?? [])];
  const child = spawn(process.execPath, [main, ...flags], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit').then(([code, signal]) => String(signal ?? code));
  const address = await addressOf(child, ended);
  return {
    address,
    ended,
    kill(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

async function addressOf(child: ChildProcess, ended: Promise<string>): Promise<string> {
  const written: string[] = [];
  child.stderr?.on('data', (text: Buffer) => written.push(text.toString()));
  const found = Promise.withResolvers<string>();
  if (child.stdout === null) throw new Error('the server has no stdout');
  createInterface({ input: child.stdout }).on('line', (line) => {
    written.push(line);
    const address = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (address !== undefined) found.resolve(address);
  });
  void ended.then((how) => found.reject(new Error(`the server ended (${how}) before it listened:\n${written.join('\n')}`)));
  return found.promise;
}
