/** One side of a comparison: a process of its own, so that its CPU time is its own. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { cpuMicrosOf } from './processes.ts';

export interface Call {
  readonly ability: string;
  readonly args: readonly number[];
}

/** What a measured piece of work took. */
export interface Timed {
  readonly millis: number;
  /** Of the whole process with all its threads; `call` adds that of the side's server. */
  readonly cpuMicros: number;
}

export interface Side {
  readonly name: string;
  readonly pid: number;
  call(ability: string, ...args: readonly number[]): Promise<unknown>;
  /** An ability that answers how long it took. */
  time(ability: string, ...args: readonly number[]): Promise<Timed>;
  stop(): Promise<void>;
}

interface SideOptions {
  /** Beside bench/, such as `peers/bullmq.ts`. */
  readonly file: string;
  /** A folder or a port: what the contestant opens. */
  readonly setting: string;
  /** The process whose CPU time is also this side's. */
  readonly serverPid?: number;
  /** Bounds V8's young objects to about as much as `hatstand serve` does. */
  readonly smallHeap?: boolean;
}

export async function startSide(name: string, { file, setting, serverPid, smallHeap = false }: SideOptions): Promise<Side> {
  const child = fork(fileURLToPath(new URL(`../${file}`, import.meta.url)), [setting], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning', ...(smallHeap ? ['--max-semi-space-size=4'] : [])],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await next(name, child);
  const serverCpu = (): number => (serverPid === undefined ? 0 : cpuMicrosOf(serverPid));
  async function call(ability: string, ...args: readonly number[]): Promise<unknown> {
    const asked: Call = { ability, args };
    child.send(asked);
    return await next(name, child);
  }
  return {
    name,
    pid: child.pid ?? 0,
    call,
    async time(ability, ...args) {
      const before = serverCpu();
      const { millis, cpuMicros } = (await call(ability, ...args)) as Timed;
      return { millis, cpuMicros: cpuMicros + serverCpu() - before };
    },
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

/** The child's next message; throws when that is a fault, or when the child ends instead. */
function next(name: string, child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`${name} ended with ${code}`));
    child.once('exit', onExit);
    child.once('message', (message: unknown) => {
      child.off('exit', onExit);
      if (typeof message === 'object' && message !== null && 'error' in message) reject(new Error(`${name}: ${String(message.error)}`));
      else resolve(message);
    });
  });
}
