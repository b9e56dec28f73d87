import { storeSuite } from '../conformance/suite.ts';
import { openMemory } from './index.ts';

storeSuite('the memory store', async () => {
  let time = Date.UTC(2026, 0, 1);
  const store = openMemory({ clock: { now: () => time } });
  const advance = async (by: number): Promise<void> => {
    time += by;
  };
  return { store, advance, close: () => store.close() };
});
