/**
 * The contract of ports/store.ts as tests. Every store runs it beside its own tests:
 * `storeSuite('memory', async () => ({ store, advance, close }))`.
 */
import { describe } from 'vitest';
import { eventSuite } from './events.suite.ts';
import { changeSuite } from './jobs.change.suite.ts';
import { claimSuite } from './jobs.claim.suite.ts';
import { listSuite } from './jobs.list.suite.ts';
import { pushSuite } from './jobs.push.suite.ts';
import { settleSuite } from './jobs.settle.suite.ts';
import { nodeSuite } from './nodes.suite.ts';
import { queueSuite } from './queues.suite.ts';
import type { Open } from './subject.ts';
import { sweepSuite } from './sweep.suite.ts';

export type { Open } from './subject.ts';

export function storeSuite(name: string, open: Open): void {
  describe(`${name}, as every store`, () => {
    pushSuite(open);
    claimSuite(open);
    settleSuite(open);
    changeSuite(open);
    listSuite(open);
    queueSuite(open);
    nodeSuite(open);
    sweepSuite(open);
    eventSuite(open);
  });
}
