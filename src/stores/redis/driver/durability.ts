/** What a Redis server gives, by name. */
export const profileNames = ['redis-memory', 'redis-rdb', 'redis-everysec', 'redis-always', 'redis-replicated'] as const;
export type ProfileName = (typeof profileNames)[number];
