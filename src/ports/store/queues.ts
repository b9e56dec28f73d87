/** Queues: what is set for them, and how they stand. */
import type { QueueRecord, QueueSettings } from '../../core/queue.ts';
import { frees, looks, type Verbs } from './verb.ts';

export interface QueueStore {
  list(): Promise<readonly QueueRecord[]>;
  /** Changes what is named and answers the settings as they now are. */
  configure(queue: string, change: Partial<QueueSettings>): Promise<QueueSettings>;
}

export const queueRows: Verbs<QueueStore> = {
  configure: frees(),
  list: looks,
};
