/** What may be asked of nodes. */
import { HatstandError } from '../../core/errors.ts';
import type { Incarnation, NodeMode, NodeRecord } from '../../core/node.ts';
import type { Store } from '../../ports/store.ts';

export type Forgetting =
  | { readonly kind: 'forgotten'; readonly incarnation: Incarnation; readonly attempts: number }
  | { readonly kind: 'missing' };

export interface Nodes {
  /** Live ones in the order of their joining, then those that are gone, the one heard of last first. */
  list(): Promise<readonly NodeRecord[]>;
  /** The live nodes with this name or incarnation, in their new mode; a draining one claims nothing and keeps what runs. */
  steer(node: string, mode: NodeMode): Promise<readonly NodeRecord[]>;
  /**
   * Takes back at once what a dead node held, instead of waiting for the end of its lease. Should it live after all, it
   * joins again under a new incarnation. Throws `conflict` for a name that several nodes have.
   */
  forget(node: string): Promise<Forgetting>;
}

export function makeNodes(store: Store): Nodes {
  return {
    list: () => store.nodes(),
    async steer(node, mode) {
      const steered = new Set(await store.steer(node, mode));
      return (await store.nodes()).filter(({ incarnation }) => steered.has(incarnation));
    },
    async forget(node) {
      const incarnation = meant(node, await store.nodes());
      if (incarnation === null) return { kind: 'missing' };
      const forgotten = await store.forget(incarnation);
      return forgotten.kind === 'missing' ? forgotten : { ...forgotten, incarnation };
    },
  };
}

/** By its incarnation, or by its name: the live one of that name before those that are gone. */
function meant(node: string, all: readonly NodeRecord[]): Incarnation | null {
  if (all.some(({ incarnation }) => incarnation === node)) return node;
  const named = all.filter(({ name }) => name === node);
  const live = named.filter(({ state }) => state === 'live');
  const [first, ...others] = live.length > 0 ? live : named;
  if (others.length === 0) return first?.incarnation ?? null;
  const incarnations = [first, ...others].map((each) => each?.incarnation);
  throw new HatstandError(
    'conflict',
    `${incarnations.length} nodes have the name ${JSON.stringify(node)}. Say which incarnation is meant: ${incarnations.join(', ')}.`,
    { incarnations },
  );
}
