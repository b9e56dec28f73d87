/** Hatstand on Redis: records, attempts, leases and events kept, as always. */
import { openRedis } from '../../src/stores/redis/index.ts';
import { contestant } from './contestant.ts';
import { hatstandAbilities, onStore } from './hatstand.ts';

await contestant(async (port) => {
  let clusters = 0;
  return hatstandAbilities(async (work) => {
    clusters += 1;
    return onStore(await openRedis({ url: `redis://127.0.0.1:${port}`, cluster: `bench-${clusters}` }), work);
  });
});
