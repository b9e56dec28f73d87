/** The nodes of a scenario: real servers on one store. Those that were killed are remembered for what they wrote. */
import { tmpdir } from 'node:os';
import { type ServerProcess, startServer } from '../scenarios/server-process.ts';

export interface Nodes {
  /** Those that run. */
  readonly live: readonly ServerProcess[];
  /** @param failpoint where it is to die, such as `claim.taken@1=kill` */
  start(flags?: readonly string[], failpoint?: string): Promise<ServerProcess>;
  /** Starts `count` of them at once. */
  startAll(count: number, flags?: readonly string[]): Promise<readonly ServerProcess[]>;
  /** Ends it; it is live no more from now on. */
  kill(node: ServerProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** All lines of all nodes that say this, such as `job.ended`. */
  lines(name: string): readonly LogLine[];
  /** Resolves once it is true; looks at each line of any node that has started. */
  seen(isTrue: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

export interface LogLine {
  readonly job?: string;
  readonly fence?: string;
  readonly outcome?: string;
  readonly incarnation?: string;
}

export interface NodesOptions {
  readonly store: string;
  readonly cluster: string;
  readonly flags?: readonly string[];
}

/** @param options where every node belongs, and flags of them all */
export function makeNodes({ store, cluster, flags: common = [] }: NodesOptions): Nodes {
  const live: ServerProcess[] = [];
  const all: ServerProcess[] = [];

  async function start(flags: readonly string[] = [], failpoint = ''): Promise<ServerProcess> {
    const name = `node-${all.length + 1}`;
    const joined = ['--store', store, '--cluster-name', cluster, '--node-name', name, '--log-level', 'debug', '--no-ui'];
    const node = await startServer(tmpdir(), { flags: [...joined, ...common, ...flags], failpoint });
    live.push(node);
    all.push(node);
    return node;
  }

  async function kill(node: ServerProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const at = live.indexOf(node);
    if (at >= 0) live.splice(at, 1);
    await node.kill(signal);
  }

  return {
    live,
    start,
    startAll: (count, flags) => Promise.all(Array.from({ length: count }, () => start(flags))),
    kill,
    lines(name) {
      const mark = `"msg":"${name}"`;
      const lines = all.flatMap((node) => node.lines.filter((line) => line.includes(mark)));
      return lines.map((line) => JSON.parse(line) as LogLine);
    },
    seen: (isTrue) => Promise.race(all.map((node) => node.seen(isTrue))),
    async stop() {
      await Promise.all(live.splice(0).map((node) => node.kill('SIGKILL')));
    },
  };
}
