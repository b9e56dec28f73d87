/** What this node tells others of itself: where it is reached, and what it serves. */
import type { NodeFace } from '../core/node.ts';

export interface Face {
  /** The same object as long as nothing has changed. */
  now(): NodeFace;
  reachedAt(address: string): void;
  /** A worker was added. */
  servesMore(): void;
}

/** @param tell called once in a turn in which something has changed */
export function makeFace(served: () => NodeFace['serves'], tell: () => void): Face {
  let face: NodeFace = { address: '', serves: [] };
  let isTelling = false;

  function change(to: Partial<NodeFace>): void {
    face = { ...face, ...to };
    if (isTelling) return;
    isTelling = true;
    void told();
  }

  /** At the end of this turn. */
  async function told(): Promise<void> {
    await null;
    isTelling = false;
    tell();
  }

  return {
    now: () => face,
    reachedAt: (address) => change({ address }),
    servesMore: () => change({ serves: served() }),
  };
}
