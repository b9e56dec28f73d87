/** What this node tells others of itself: where it is reached, and what it serves. */
import type { NodeFace } from '../core/node.ts';

export interface Face {
  /** The same object as long as nothing has changed. */
  now(): NodeFace;
  reachedAt(address: string): void;
  /** A worker was added. */
  servesMore(): void;
  linksAt(link: NodeFace['link']): void;
}

export interface FaceParts {
  served(): NodeFace['serves'];
  /** Whether others know this node; if not, they are told when it joins. */
  isKnown(): boolean;
  tell(): void;
}

export function makeFace({ served, isKnown, tell }: FaceParts): Face {
  let face: NodeFace = { address: '', serves: [], link: null };
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
    if (isKnown()) tell();
  }

  return {
    now: () => face,
    reachedAt: (address) => change({ address }),
    servesMore: () => change({ serves: served() }),
    linksAt: (link) => change({ link }),
  };
}
