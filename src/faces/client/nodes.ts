/** Nodes under `/v1`. */
import type { NodeCondition, Serving } from '../../core/node.ts';
import { type Connection, segment } from './connection.ts';

export interface Node {
  readonly incarnation: string;
  readonly name: string;
  readonly version: string;
  /** Where its HTTP is reached; empty when it serves none. */
  readonly address: string;
  readonly serverId: number;
  /** `live` until it leaves or is taken for dead. */
  readonly state: 'live' | 'left' | 'buried';
  readonly mode: 'active' | 'draining';
  readonly condition: NodeCondition;
  /** The node that answers has a link to it; `null`: it is that one. */
  readonly linked: boolean | null;
  readonly running: number;
  readonly slots: number;
  /** Load of its machine in percent of its processors, on the average of a minute; `null`: not told. */
  readonly cpu: number | null;
  /** Memory in use on its machine, in percent; `null`: not told. */
  readonly memory: number | null;
  /** Its workers, and the queues from which it takes their jobs; `null`: too many to tell. */
  readonly serves: readonly Serving[] | null;
  readonly startedAt: string;
  readonly heardAgo: string;
  readonly leaseLeft: string;
}

export interface ForgottenNode {
  readonly incarnation: string;
  /** How many were taken back. */
  readonly attempts: number;
}

/** Nodes are named by their name, which may mean several, or by their incarnation. */
export interface Nodes {
  /** Live ones, then those that were there within a day. */
  list(): Promise<readonly Node[]>;
  /** They start no more jobs and keep what runs. Answers which they are. */
  drain(node: string): Promise<readonly Node[]>;
  resume(node: string): Promise<readonly Node[]>;
  /**
   * Takes back at once what dead nodes held. A name means those of that name that are gone or whose lease has expired;
   * throws `conflict` when there are none. One whose lease has not expired is forgotten by its incarnation alone.
   */
  forget(node: string): Promise<readonly ForgottenNode[]>;
}

export function makeNodes(connection: Connection): Nodes {
  const all = '/v1/nodes';
  const one = (node: string): string => `${all}/${segment(node)}`;
  const listed = async <Listed = Node>(method: 'GET' | 'POST' | 'DELETE', path: string): Promise<readonly Listed[]> => {
    const { nodes } = await connection.json<{ readonly nodes: readonly Listed[] }>({ method, path });
    return nodes;
  };
  return {
    list: () => listed('GET', all),
    drain: (node) => listed('POST', `${one(node)}/drain`),
    resume: (node) => listed('POST', `${one(node)}/resume`),
    forget: (node) => listed<ForgottenNode>('DELETE', one(node)),
  };
}
