/** What a Redis store can give, by name: the configuration asks for one of these, and the server tells which it found. */

/** What can be asked for, the weakest first; each also gives what those before it give. */
export const redisProfileNames = [
  'redis-memory',
  'redis-rdb',
  'redis-aof',
  'redis-everysec',
  'redis-always',
  'redis-replicated',
  'redis-replicated-aof',
] as const;
export type RedisProfileName = (typeof redisProfileNames)[number];

export interface RedisProfile {
  /** What has to be set in Redis. */
  readonly needs: string;
  readonly survives: string;
}

export const redisProfiles: Readonly<Record<RedisProfileName | 'redis-unknown' | 'redis-evicting', RedisProfile>> = {
  'redis-memory': {
    needs: 'nothing',
    survives: 'What was acknowledged survives a crash of Hatstand; a restart of Redis loses everything.',
  },
  'redis-rdb': {
    needs: '`save` set',
    survives: 'What was acknowledged survives a crash of Hatstand; a crash of Redis loses what came after its last snapshot.',
  },
  'redis-aof': {
    needs: '`appendonly yes`',
    survives: 'What was acknowledged survives a crash of Redis; a power loss may take the last half minute.',
  },
  'redis-everysec': {
    needs: '`appendonly yes`, `appendfsync everysec`',
    survives:
      'What was acknowledged survives a crash of Redis; a power loss may take the last second or two, a failover what the new master lacks.',
  },
  'redis-always': {
    needs: '`appendonly yes`, `appendfsync always`',
    survives: "What was acknowledged survives a power loss of the master's machine; a failover takes what the new master lacks.",
  },
  'redis-replicated': {
    needs: '`appendonly yes`, `appendfsync everysec` or `always`, a connected replica',
    survives:
      'What was acknowledged is in the memory of a replica too (WAIT) and survives the loss of either machine, unless a failover chooses a replica that lacks it.',
  },
  'redis-replicated-aof': {
    needs: 'Redis 7.2 or Valkey, `appendonly yes` on master and replica, a connected replica',
    survives:
      'What was acknowledged is on the disks of the master and a replica (WAITAOF) and survives a power loss of both, unless a failover chooses a replica that lacks it.',
  },
  'redis-unknown': {
    needs: 'a user who may ask INFO',
    survives: 'Not known: Redis does not tell this user how it keeps data.',
  },
  'redis-evicting': {
    needs: '`maxmemory` with a `maxmemory-policy` other than `noeviction`',
    survives: 'Nothing for sure: when its memory is full, Redis throws records away by itself.',
  },
};

export type FoundProfile = keyof typeof redisProfiles;
