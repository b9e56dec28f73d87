/**
 * The contract of ports/store/ as tests. Every store runs it beside its own tests:
 * `storeSuite('memory', async () => ({ store, advance, close }))`.
 */
import { describe } from 'vitest';
import { copySuite } from './definitions.copy.suite.ts';
import { dueSuite } from './definitions.due.suite.ts';
import { fireSuite } from './definitions.fire.suite.ts';
import { ownedSuite } from './definitions.owned.suite.ts';
import { putOffSuite } from './definitions.put-off.suite.ts';
import { definitionSuite } from './definitions.suite.ts';
import { afterSuite } from './jobs.after.suite.ts';
import { changeSuite } from './jobs.change.suite.ts';
import { claimSuite } from './jobs.claim.suite.ts';
import { expireSuite } from './jobs.expire.suite.ts';
import { historySuite } from './jobs.history.suite.ts';
import { listSuite } from './jobs.list.suite.ts';
import { purgeSuite } from './jobs.purge.suite.ts';
import { pushSuite } from './jobs.push.suite.ts';
import { reportSuite } from './jobs.report.suite.ts';
import { searchSuite } from './jobs.search.suite.ts';
import { settleSuite } from './jobs.settle.suite.ts';
import { uniqueSuite } from './jobs.unique.suite.ts';
import { publishSuite } from './journal.publish.suite.ts';
import { journalSuite } from './journal.suite.ts';
import { parkingSuite } from './limits.parking.suite.ts';
import { limitSuite } from './limits.suite.ts';
import { nodeAdminSuite } from './nodes.admin.suite.ts';
import { nodeLifeSuite } from './nodes.life.suite.ts';
import { serverIdSuite } from './nodes.server-id.suite.ts';
import { nodeSuite } from './nodes.suite.ts';
import { queueSuite } from './queues.suite.ts';
import { restoreSuite } from './restore.suite.ts';
import { scrubSuite } from './scrub.suite.ts';
import type { Open } from './subject.ts';
import { sweepSuite } from './sweep.suite.ts';
import { steppingSuite, timeSuite } from './time.suite.ts';
import { unreadableSuite } from './unreadable.suite.ts';

export type { Open } from './subject.ts';

export function storeSuite(name: string, open: Open): void {
  describe(`${name}, as every store`, () => {
    pushSuite(open);
    claimSuite(open);
    uniqueSuite(open);
    expireSuite(open);
    afterSuite(open);
    settleSuite(open);
    reportSuite(open);
    changeSuite(open);
    purgeSuite(open);
    listSuite(open);
    searchSuite(open);
    historySuite(open);
    queueSuite(open);
    limitSuite(open);
    parkingSuite(open);
    nodeSuite(open);
    nodeAdminSuite(open);
    nodeLifeSuite(open);
    definitionSuite(open);
    dueSuite(open);
    fireSuite(open);
    putOffSuite(open);
    ownedSuite(open);
    copySuite(open);
    sweepSuite(open);
    scrubSuite(open);
    restoreSuite(open);
    unreadableSuite(open);
    journalSuite(open);
    publishSuite(open);
    timeSuite(open);
  });
}

/** What holds besides of a store that one process keeps, with the two clocks of its machine: `step` is there. */
export function localStoreSuite(name: string, open: Open): void {
  describe(`${name}, as every store of one machine`, () => {
    steppingSuite(open);
  });
}

/** What holds besides of a store that several processes use at once. */
export function sharedStoreSuite(name: string, open: Open): void {
  describe(`${name}, as every shared store`, () => {
    serverIdSuite(open);
  });
}
