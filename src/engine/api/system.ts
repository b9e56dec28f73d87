/** What may be asked of this process. */
import { messageOf } from '../../core/errors.ts';
import type { Durability, Store } from '../../ports/store/store.ts';
import type { ClockCheck } from '../clock-check.ts';

export interface Build {
  readonly version: string;
  readonly commit: string;
}

export interface System {
  readonly build: Build;
  readonly durability: Durability;
  /** The time by which records are made, in Unix milliseconds: the store's. */
  now(): number;
  /** Attempts that run in this process now. */
  running(): number;
  /** Records that nobody can read, which were set aside. */
  unreadable(): Promise<number>;
  /** Why it is not ready for work; empty when it is. */
  notReady(): Promise<readonly string[]>;
}

export interface SystemParts {
  readonly store: Store;
  readonly build: Build;
  readonly clockCheck: Pick<ClockCheck, 'now'>;
  running(): number;
  hasJoined(): boolean;
  isStopping(): boolean;
}

export function makeSystem(parts: SystemParts): System {
  return {
    build: parts.build,
    // What a Redis gives may change with each connection.
    get durability() {
      return parts.store.durability;
    },
    now: parts.clockCheck.now,
    running: parts.running,
    unreadable: async () => (await parts.store.upkeep.unreadable(null, 0)).total,
    async notReady() {
      if (parts.isStopping()) return ['the server is shutting down'];
      try {
        await parts.store.nodes.list();
        return parts.hasJoined() ? [] : ['this node has no lease'];
      } catch (error) {
        return [`the store does not answer: ${messageOf(error)}`];
      }
    },
  };
}
