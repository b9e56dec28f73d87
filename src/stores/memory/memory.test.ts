import type { Opened } from '../conformance/subject.ts';
import { localStoreSuite, sharedStoreSuite, storeSuite } from '../conformance/suite.ts';
import { openMemory } from './index.ts';

async function open(): Promise<Opened> {
  let time = Date.UTC(2026, 0, 1);
  let stepped = 0;
  const store = openMemory({ clock: { now: () => time, wall: () => time + stepped } });
  const advance = async (by: number): Promise<void> => {
    time += by;
  };
  const step = async (by: number): Promise<void> => {
    stepped += by;
  };
  return { store, advance, step, close: () => store.close() };
}

storeSuite('the memory store', open);
localStoreSuite('the memory store', open);
sharedStoreSuite('the memory store', open);
