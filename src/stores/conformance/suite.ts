/**
 * The contract of ports/store.ts as tests. Every store runs it beside its own tests:
 * `storeSuite('memory', async () => ({ store, advance, close }))`.
 */
import { describe } from 'vitest';
import { claimSuite } from './jobs.claim.suite.ts';
import { pushSuite } from './jobs.push.suite.ts';
import type { Open } from './subject.ts';

export type { Open, Opened } from './subject.ts';

export function storeSuite(name: string, open: Open): void {
  describe(`${name}, as every store`, () => {
    pushSuite(open);
    claimSuite(open);
  });
}
