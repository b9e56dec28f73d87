import type { Jobs } from './jobs.ts';
import type { Queues } from './queues.ts';
import type { System } from './system.ts';

/** All that faces may ask. */
export interface Api {
  readonly jobs: Jobs;
  readonly queues: Queues;
  readonly system: System;
}
