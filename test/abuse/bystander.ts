/** Somebody else who uses the server while it is abused, in a process of its own, and what that costs: latency and memory. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Asking {
  readonly address: string;
  /** Of the server, whose memory is looked at, and of what it asks in its turn. */
  readonly pids: readonly number[];
  readonly token?: string;
}

export interface Figures {
  /** Milliseconds from a request's time to its answer, of lists and of pushes. */
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
  /** The worst of them without what the server, its store and the bystander waited for a processor meanwhile. */
  readonly held: number;
  /** Which request that was, and when it was answered. */
  readonly heldAt: string;
  /** Of these times, the 99th percentile of what the server, its store and the bystander waited for a processor that others had. */
  readonly machine: number;
  readonly answered: number;
  /** Requests that were answered otherwise than 200 or 201, or not at all. */
  readonly failed: readonly string[];
  /** The most resident memory of the server, and what it had at first, in bytes. */
  readonly memory: { readonly most: number; readonly first: number };
}

export interface Bystander {
  /** Resolves once it has been answered so many times more; it asks a hundred times a second. */
  answered(more: number): Promise<void>;
  /** Since it was started, or since the last time this was asked. */
  figures(): Promise<Figures>;
  stop(): Promise<void>;
}

const script = fileURLToPath(new URL('bystander-process.ts', import.meta.url));

/** Of this process, which may end without having ended them. */
const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** Resolves when it has been answered for the first time. */
export async function startBystander(asking: Asking): Promise<Bystander> {
  const child = fork(script, [JSON.stringify(asking)]);
  children.add(child);
  child.once('exit', () => children.delete(child));
  async function tell(what: object): Promise<unknown> {
    child.send(what);
    const [answer] = await once(child, 'message');
    return answer;
  }
  await once(child, 'message');
  return {
    async answered(more) {
      await tell({ more });
    },
    figures: async () => (await tell({ figures: true })) as Figures,
    async stop() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
