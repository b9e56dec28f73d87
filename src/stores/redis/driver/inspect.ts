/** Whether a server that was just connected can hold the store. */
import { HatstandError } from '../../../core/errors.ts';
import type { RedisProfileName } from '../../../core/redis-profile.ts';
import { addressText } from '../../../core/redis-url.ts';
import { readAnswer, saidText } from './answers.ts';
import type { Connection, Login } from './connection.ts';
import { type Assessment, assess, isSupported } from './durability.ts';
import { readFacts } from './facts.ts';
import type { MasterFinder } from './master.ts';

export interface Demands {
  readonly finder: MasterFinder;
  readonly login: Login;
  /** A key in the store's slot, which a script must be able to look at. */
  readonly key: string;
  /** What it must give; `null`: anything. */
  readonly profile: RedisProfileName | null;
}

/** Throws `store_unavailable` when it may become one that can, `store_unusable` when somebody has to change something first. */
export async function inspect(connection: Connection, demands: Demands): Promise<Assessment> {
  const facts = await readFacts(connection, demands.login.within);
  const where = `Redis at ${addressText(connection.address)}`;
  if (facts.loading) throw new HatstandError('store_unavailable', `${where} is still loading its data.`);
  if (!isSupported(facts)) {
    throw new HatstandError('store_unusable', `${where} has version ${facts.version}; use Redis 7.0 or later, or Valkey.`);
  }
  if (facts.role === 'replica') {
    throw new HatstandError('store_unavailable', `${where} is a replica and takes no writes; name its master, or its sentinels.`);
  }
  const assessment = assess(facts, demands.profile);
  if (assessment.unmet !== null) throw new HatstandError('store_unusable', `${where}: ${assessment.unmet}`);
  await tryScript(connection, demands);
  return assessment;
}

/** So that a user who may not, or a server that has not the slot, is found out before a call is. */
async function tryScript(connection: Connection, { key, login, finder }: Demands): Promise<void> {
  const sent = await connection.send('EVAL', ["return redis.call('EXISTS', KEYS[1])", '1', key], login.within);
  if (sent.kind === 'reply') return;
  if (sent.kind !== 'error') throw connection.failure();
  const answer = readAnswer(sent.message, connection.address);
  if (answer.kind === 'elsewhere' && answer.at !== null) finder.hint(answer.at);
  const code = answer.kind === 'refused' || answer.kind === 'fault' ? 'store_unusable' : 'store_unavailable';
  const advice = /unknown command/i.test(sent.message) ? ` ${sentinelAdvice(addressText(connection.address), login.tls !== null)}` : '';
  throw new HatstandError(code, `Redis at ${addressText(connection.address)} refuses a script: ${saidText(sent.message)}.${advice}`);
}

/** Sentinels answer as Redis does, and run no scripts. */
const sentinelAdvice = (address: string, tls: boolean): string =>
  `If it is a sentinel, the URL is ${tls ? 'rediss' : 'redis'}+sentinel://${address}/name-of-the-master.`;
