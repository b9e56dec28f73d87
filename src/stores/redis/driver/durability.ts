/** Which profile a server gives, and whether that is the one that was asked for. */
import { type FoundProfile, type RedisProfileName, redisProfileNames, redisProfiles } from '../../../core/redis-profile.ts';
import type { Durability } from '../../../ports/store/store.ts';
import type { ServerFacts } from './facts.ts';

/** What a writing call waits for after its reply. */
export type Confirmation = 'none' | 'replica' | 'replica-disk';

export const confirmationOf = (asked: RedisProfileName | null): Confirmation =>
  asked === 'redis-replicated' ? 'replica' : asked === 'redis-replicated-aof' ? 'replica-disk' : 'none';

export interface Assessment {
  readonly durability: Durability;
  /** Why the profile that was asked for is not met and what to change; `null`: it is. */
  readonly unmet: string | null;
  /** What the operator should know anyway. */
  readonly warnings: readonly string[];
}

/** `asked`: the configured profile; `null`: whatever is found is taken. */
export function assess(facts: ServerFacts, asked: RedisProfileName | null): Assessment {
  const found = foundProfile(facts);
  const lacks = asked === null ? [] : lacking(facts, found, asked);
  const profile = asked !== null && lacks.length === 0 ? strongest(found, asked) : found;
  return {
    durability: { profile, survives: redisProfiles[profile].survives },
    unmet: lacks.length === 0 ? null : `The profile ${asked} is not met: found ${found}; ${lacks.join('; ')}.`,
    warnings: warningsOf(facts, found),
  };
}

function foundProfile(facts: ServerFacts): FoundProfile {
  if (evicts(facts)) return 'redis-evicting';
  if (facts.appendOnly === null) return 'redis-unknown';
  if (!facts.appendOnly) return facts.snapshots === true ? 'redis-rdb' : 'redis-memory';
  return facts.appendFsync === 'always' ? 'redis-always' : facts.appendFsync === 'everysec' ? 'redis-everysec' : 'redis-aof';
}

const evicts = ({ evictionPolicy, maxMemory }: ServerFacts): boolean =>
  evictionPolicy !== null && evictionPolicy !== 'noeviction' && maxMemory !== 0;

/** What waiting adds counts only when it was asked for. */
function strongest(found: FoundProfile, asked: RedisProfileName): FoundProfile {
  return rank(found) > rank(asked) ? found : asked;
}

const rank = (profile: string): number => (redisProfileNames as readonly string[]).indexOf(profile);

function lacking(facts: ServerFacts, found: FoundProfile, asked: RedisProfileName): readonly string[] {
  if (found === 'redis-evicting') return [`set maxmemory-policy to noeviction (it is ${facts.evictionPolicy})`];
  const waits = confirmationOf(asked) !== 'none';
  const needed: RedisProfileName = asked === 'redis-replicated' ? 'redis-everysec' : asked === 'redis-replicated-aof' ? 'redis-aof' : asked;
  return [
    ...(rank(found) < rank(needed) ? [`set ${redisProfiles[needed].needs.replaceAll('`', '')}${refusals(facts)}`] : []),
    ...(waits && !hasReplica(facts) ? ['connect a replica (none is connected)'] : []),
    ...(asked === 'redis-replicated-aof' && !knowsWaitAof(facts) ? [`use Redis 7.2 or later (it is ${facts.version ?? 'unknown'})`] : []),
  ];
}

const hasReplica = ({ replicas }: ServerFacts): boolean => replicas !== null && replicas > 0;

const refusals = ({ refused }: ServerFacts): string =>
  refused.length === 0 ? '' : `, or let the user ask for it: Redis refused ${refused.join(' and ')}`;

export const knowsWaitAof = ({ version }: ServerFacts): boolean => isAtLeast(version, 7, 2);

/** A version that is not told is not held against the server. */
export const isSupported = ({ version }: ServerFacts): boolean => version === null || isAtLeast(version, 7, 0);

function isAtLeast(version: string | null, major: number, minor: number): boolean {
  const [actualMajor = 0, actualMinor = 0] = (version ?? '').split('.').map(Number);
  return actualMajor > major || (actualMajor === major && actualMinor >= minor);
}

function warningsOf(facts: ServerFacts, found: FoundProfile): readonly string[] {
  const { evictionPolicy, maxMemory, replicas, minReplicas, appendOnly, refused } = facts;
  return [
    ...(found === 'redis-evicting'
      ? [
          `Redis throws records away when its memory is full (maxmemory-policy ${evictionPolicy}, maxmemory ${maxMemory ?? 'unknown'}): set maxmemory-policy to noeviction.`,
        ]
      : []),
    ...(appendOnly === false
      ? ['Redis keeps no append-only file: a restart of Redis loses acknowledged jobs. Set appendonly to yes.']
      : []),
    ...(hasReplica(facts) && minReplicas === 0
      ? [
          `Redis has ${replicas === 1 ? '1 replica and takes writes without it' : `${replicas} replicas and takes writes without them`} (min-replicas-to-write 0): a master that is cut off goes on taking writes that are lost.`,
        ]
      : []),
    ...(refused.length > 0 ? [`Redis refused ${refused.join(' and ')}: what it keeps is not known for sure.`] : []),
  ];
}
