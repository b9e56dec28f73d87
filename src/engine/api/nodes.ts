/** What may be asked of nodes. */
import { HatstandError } from '../../core/errors.ts';
import type { Incarnation, NodeMode, NodeRecord } from '../../core/node.ts';
import { type WorkerList, workerList } from '../../core/worker-list.ts';
import type { Store } from '../../ports/store/store.ts';
import type { TellNodes } from '../node-events.ts';

export interface ForgottenNode {
  readonly incarnation: Incarnation;
  /** How many were taken back. */
  readonly attempts: number;
}

export interface Nodes {
  /** Live ones in the order of their joining, then those that are gone, the one heard from most recently first. */
  list(): Promise<readonly NodeRecord[]>;
  /** The live nodes with this name or incarnation, in their new mode; a draining one claims nothing and keeps what runs. */
  steer(node: string, mode: NodeMode): Promise<readonly NodeRecord[]>;
  /**
   * Removes dead nodes, and takes back at once what they held. A name means all nodes of that name that are gone or whose
   * lease has expired; the answer is empty when there is no such node. A node whose lease has not expired is forgotten only by
   * its incarnation; if it lives after all, it joins again under a new one. Throws `conflict` for a name that only such nodes
   * have.
   */
  forget(node: string): Promise<readonly ForgottenNode[]>;
  /** Whether this node is linked to that one; `null`: it is this one. */
  isLinked(node: Incarnation): boolean | null;
  /** The workers that live nodes know, and those for which jobs wait. */
  workers(): Promise<WorkerList>;
}

/** What this node knows of itself and its links. */
export interface LinksHere {
  incarnation(): Incarnation;
  linked(): readonly Incarnation[];
}

export function makeNodes(store: Store, tellNodes: TellNodes, here: LinksHere): Nodes {
  return {
    isLinked: (node) => (node === here.incarnation() ? null : here.linked().includes(node)),
    list: () => store.nodes.list(),
    async workers() {
      const [nodes, counts] = await Promise.all([store.nodes.list(), store.jobs.count()]);
      return workerList(nodes, counts);
    },
    async steer(node, mode) {
      const steered = new Set(await store.nodes.steer(node, mode));
      void tellNodes(mode === 'draining' ? 'drain' : 'resume', [...steered]);
      return (await store.nodes.list()).filter(({ incarnation }) => steered.has(incarnation));
    },
    async forget(node) {
      const incarnations = toForget(node, await store.nodes.list());
      const answers = await Promise.all(incarnations.map((incarnation) => store.nodes.forget(incarnation)));
      // Somebody else may have forgotten one meanwhile.
      const forgotten = incarnations.flatMap((incarnation, at) => {
        const answer = answers[at];
        return answer?.kind === 'forgotten' ? [{ incarnation, attempts: answer.attempts }] : [];
      });
      void tellNodes(
        'forget',
        forgotten.map(({ incarnation }) => incarnation),
      );
      return forgotten;
    },
  };
}

function toForget(node: string, all: readonly NodeRecord[]): readonly Incarnation[] {
  if (all.some(({ incarnation }) => incarnation === node)) return [node];
  const named = all.filter(({ name }) => name === node);
  const dead = named.filter(({ leaseLeft }) => leaseLeft === 0);
  if (dead.length === 0 && named.length > 0) throw aliveError(node, named);
  return dead.map(({ incarnation }) => incarnation);
}

function aliveError(name: string, nodes: readonly NodeRecord[]): HatstandError {
  const incarnations = nodes.map(({ incarnation }) => incarnation);
  const lives =
    nodes.length === 1
      ? `The node ${JSON.stringify(name)} lives: its lease has not expired. If it is known to be dead`
      : `${nodes.length} nodes have the name ${JSON.stringify(name)} and live: their leases have not expired. If one is known to be dead`;
  return new HatstandError('conflict', `${lives}, give its incarnation: ${incarnations.join(', ')}.`, { incarnations });
}
