/** The leases of live nodes. They are kept in memory alone: they end with this process anyway. */
import type { NodeFace, NodeLoad, NodeMode } from '../../../../core/node.ts';
import type { KnownNode } from '../../file/rows/node.ts';
import type { UndoList } from '../undo.ts';

export interface Lease extends KnownNode {
  readonly expiresAt: number;
  readonly heardAt: number;
  readonly mode: NodeMode;
  readonly load: NodeLoad;
  readonly serves: NodeFace['serves'];
  readonly link: NodeFace['link'];
}

export class Leases {
  readonly #undo: UndoList;
  readonly #leases = new Map<string, Lease>();

  constructor(undo: UndoList) {
    this.#undo = undo;
  }

  get(incarnation: string): Lease | undefined {
    return this.#leases.get(incarnation);
  }

  /** In the order of their joining. */
  all(): readonly Lease[] {
    return [...this.#leases.values()];
  }

  set(lease: Lease): void {
    this.#change(lease.incarnation, lease);
  }

  end(incarnation: string): void {
    this.#change(incarnation, undefined);
  }

  #change(incarnation: string, lease: Lease | undefined): void {
    const before = this.#leases.get(incarnation);
    this.#undo.add(() => this.#write(incarnation, before));
    this.#write(incarnation, lease);
  }

  #write(incarnation: string, lease: Lease | undefined): void {
    if (lease === undefined) this.#leases.delete(incarnation);
    else this.#leases.set(incarnation, lease);
  }
}
