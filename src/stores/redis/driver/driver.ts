/**
 * The one way to Redis: calls over one connection to the master that holds the store, each with its own deadline, each
 * answered or failed exactly once. Nothing that writes is sent again after it left.
 */
import type { Millis } from '../../../core/duration.ts';
import { HatstandError } from '../../../core/errors.ts';
import { hideLogin } from '../../../core/login.ts';
import { parseRedisUrl, type RedisAddress, redisLocation, redisUrlForms } from '../../../core/redis-url.ts';
import type { Durability } from '../../../ports/store/store.ts';
import { perform } from './calls.ts';
import type { Argument, Login, Reply } from './connection.ts';
import { confirmationOf } from './durability.ts';
import { type MasterFinder, makeMasterFinder } from './master.ts';
import type { DriverOptions } from './options.ts';
import { makeScriptCalls, readCall, type Script } from './script.ts';
import { type SentinelWatch, watchSentinels } from './sentinel-watch.ts';
import { Session } from './session.ts';
import { Subscription } from './subscription.ts';
import { tlsOf } from './tls.ts';

export { ScriptFault } from './calls.ts';
export type { Argument, Reply } from './connection.ts';
export type { DriverOptions } from './options.ts';
export type { Script } from './script.ts';

/**
 * Errors of `run` and `read`: `store_unavailable` (surely not done), `unconfirmed` (sent, and no reply came),
 * `store_full`, `internal` (a `ScriptFault`: the script or the command is wrong, or what it found). A call that the server puts off, or whose script it has
 * forgotten, may be overtaken by a later one.
 */
export interface Driver {
  /** Runs the script: by its digest, once its source has gone over the connection. */
  run(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<Reply>;
  /** A plain command, in capitals, that only reads; never `unconfirmed`. */
  read(command: string, ...args: readonly Argument[]): Promise<Reply>;
  /**
   * Messages of a channel, over a connection of its own that comes back by itself; `onGap` is called after each reconnect,
   * since messages may have been lost.
   */
  subscribe(channel: string, onMessage: (message: string) => void, onGap: () => void): Promise<void>;
  /** The listener hears of each further connection, until the returned function is called. */
  onReconnect(listener: () => void): () => void;
  /** What the server was found to give when it was last asked. */
  durability(): Durability;
  /** What it was found to lack then, in sentences. */
  lacks(): readonly string[];
  /** For people, without the password. */
  readonly location: string;
  /** This machine's address on the connection to the server; `null`: there is none now, or it is no network's. */
  reachedFrom(): string | null;
  /** Calls that are under way are finished first. */
  close(): Promise<void>;
}

const defaultDeadline = 5_000;
const defaultInspectEvery = 60_000;
/** Longer than that, a connection is not waited for, so that another server can be asked in time. */
const connectWithin = 2_000;

/** Throws `invalid_config` (the URL, a file), `store_unavailable` (not reached in time) or `store_unusable`. */
export async function openDriver(options: DriverOptions): Promise<Driver> {
  const { deadline = defaultDeadline, inspectEvery = defaultInspectEvery, tag, logger = silent } = options;
  const url = parseRedisUrl(options.url);
  if (url === undefined)
    throw new HatstandError(
      'invalid_config',
      `The store must be ${redisUrlForms}, not ${JSON.stringify(hideLogin(options.url).slice(0, 160))}.`,
    );
  const login: Login = {
    username: options.username ?? url.username,
    password: options.password ?? url.password,
    database: url.database,
    tls: tlsOf(url, options.tls ?? {}),
    optional: false,
    within: Math.min(connectWithin, deadline),
  };
  const profile = options.profile ?? null;
  const asking = url.kind === 'sentinel' ? loginAtSentinels(login, options) : login;
  const finder = makeMasterFinder(url, asking, tag);
  const noKey = `{${tag}}:none`;
  const session = new Session({ finder, login, key: noKey, profile, patience: deadline, inspectEvery, logger });
  await session.start();
  // During a move of the slot in a Redis Cluster, a script that misses one of its keys is refused as a whole. Naming a key
  // that never exists makes that so for every script, also for those that find further keys on their way.
  const guards = url.kind === 'cluster' ? [noKey] : [];
  const calls = makeScriptCalls(confirmationOf(profile), guards);
  const stopWatching = url.kind === 'sentinel' ? follow({ url, login: asking }, session, finder) : () => {};
  return new OpenDriver({ session, login, deadline, location: redisLocation(url), calls, stopWatching });
}

/** One that is given for them must be right; the master's is tried, since they may have the same. */
function loginAtSentinels(login: Login, { sentinelUsername = null, sentinelPassword = null }: DriverOptions): Login {
  const own = sentinelPassword === null ? { optional: true } : { username: sentinelUsername, password: sentinelPassword };
  return { ...login, ...own, database: 0 };
}

function follow(sentinels: Pick<SentinelWatch, 'url' | 'login'>, session: Session, finder: MasterFinder): () => void {
  const onSwitch = (address: RedisAddress): void => session.follow(address);
  const onGap = (): unknown => finder.find().then(onSwitch, () => {});
  return watchSentinels({ ...sentinels, onSwitch, onGap });
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };

interface Parts {
  readonly session: Session;
  readonly login: Login;
  readonly deadline: number;
  readonly location: string;
  readonly calls: ReturnType<typeof makeScriptCalls>;
  readonly stopWatching: () => void;
}

class OpenDriver implements Driver {
  readonly #parts: Parts;
  readonly #subscriptions = new Set<Subscription>();
  readonly #underWay = new Set<Promise<Reply>>();
  #closed: Promise<void> | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get location(): string {
    return this.#parts.location;
  }

  reachedFrom(): string | null {
    return this.#parts.session.current?.localAddress ?? null;
  }

  run(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<Reply> {
    return this.#perform(this.#parts.calls(script, keys, args));
  }

  read(command: string, ...args: readonly Argument[]): Promise<Reply> {
    return this.#perform(readCall(command, args));
  }

  async subscribe(channel: string, onMessage: (message: string) => void, onGap: () => void): Promise<void> {
    const { session, login } = this.#parts;
    const where = async (within: Millis | null): Promise<RedisAddress> => (await session.arrived(within)).address;
    const subscription = new Subscription({ where, login, channel, onMessage, onGap });
    const forget = session.onArrival((address) => subscription.follow(address));
    this.#subscriptions.add(subscription);
    await subscription.start().catch((error: unknown) => {
      forget();
      this.#subscriptions.delete(subscription);
      throw error;
    });
  }

  onReconnect(listener: () => void): () => void {
    return this.#parts.session.onArrival(listener);
  }

  durability(): Durability {
    return this.#parts.session.durability;
  }

  lacks(): readonly string[] {
    return this.#parts.session.warnings;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#parts.stopWatching();
    for (const subscription of this.#subscriptions) subscription.close();
    await Promise.allSettled(this.#underWay);
    this.#parts.session.close();
  }

  #perform(call: Parameters<typeof perform>[0]): Promise<Reply> {
    if (this.#closed !== null) return Promise.reject(new HatstandError('store_unavailable', 'The store was closed.'));
    const performed = perform(call, this.#parts);
    this.#underWay.add(performed);
    const done = (): boolean => this.#underWay.delete(performed);
    performed.then(done, done);
    return performed;
  }
}
