/** The leases of live nodes. They are kept in memory alone: they end with this process anyway. */
import type { NodeLoad, NodeMode } from '../../../../core/node.ts';
import type { KnownNode } from '../../file/rows/node.ts';
import type { State } from '../state.ts';

export interface Lease extends KnownNode {
  readonly expiresAt: number;
  readonly heardAt: number;
  readonly mode: NodeMode;
  readonly load: NodeLoad;
}

export interface Leases {
  get(incarnation: string): Lease | undefined;
  set(lease: Lease): void;
  end(incarnation: string): void;
  /** In the order of their joining. */
  all(): readonly Lease[];
}

export function makeLeases({ undo }: State): Leases {
  const leases = new Map<string, Lease>();
  const write = (incarnation: string, lease: Lease | undefined): void => {
    if (lease === undefined) leases.delete(incarnation);
    else leases.set(incarnation, lease);
  };
  const put = (incarnation: string, lease: Lease | undefined): void => {
    const before = leases.get(incarnation);
    undo.add(() => write(incarnation, before));
    write(incarnation, lease);
  };
  return {
    get: (incarnation) => leases.get(incarnation),
    set: (lease) => put(lease.incarnation, lease),
    end: (incarnation) => put(incarnation, undefined),
    all: () => [...leases.values()],
  };
}
