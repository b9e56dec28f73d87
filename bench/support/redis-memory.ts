/** What a Redis holds in memory. */
import type { RedisServer } from '../../test/support/redis-server.ts';

/** All of it, in bytes. */
export async function usedBytes(redis: RedisServer): Promise<number> {
  const told = /used_memory:(\d+)\r\n/.exec(String(await redis.ask('INFO', 'memory')))?.[1];
  if (told === undefined) throw new Error('Redis did not say how much memory it uses');
  return Number(told);
}
