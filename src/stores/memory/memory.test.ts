import type { Opened } from '../conformance/subject.ts';
import { sharedStoreSuite, storeSuite } from '../conformance/suite.ts';
import { openMemory } from './index.ts';

async function open(): Promise<Opened> {
  let time = Date.UTC(2026, 0, 1);
  const store = openMemory({ clock: { now: () => time } });
  const advance = async (by: number): Promise<void> => {
    time += by;
  };
  return { store, advance, close: () => store.close() };
}

storeSuite('the memory store', open);
sharedStoreSuite('the memory store', open);
