/** What the tests of the library share: a Hatstand on a memory store for each test, and what it logged. */
import { afterEach, beforeEach } from 'vitest';
import { Hatstand } from '../hatstand.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store/store.ts';
import { openMemory } from '../stores/memory/index.ts';
import { silent } from '../system/silent.ts';

/** Live bindings: of the test that runs. */
export let hatstand: Hatstand;
export let store: Store;

/** Its warnings. */
export const logged: (readonly [name: string, fields: object | undefined])[] = [];
const log: Logger = { ...silent, warn: (name, fields) => void logged.push([name, fields]) };

beforeEach(() => {
  logged.length = 0;
  store = openMemory();
  hatstand = new Hatstand({ store, log });
});
afterEach(() => hatstand.stop(0));
