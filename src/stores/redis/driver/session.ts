/** The connection to the master, kept: when it ends, the master is found and checked anew, for ever. */
import type { Millis } from '../../../core/duration.ts';
import { HatstandError, messageOf } from '../../../core/errors.ts';
import type { RedisProfileName } from '../../../core/redis-profile.ts';
import { addressText, type RedisAddress } from '../../../core/redis-url.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { Durability } from '../../../ports/store.ts';
import { readAnswer } from './answers.ts';
import { type Connection, connect, type Login } from './connection.ts';
import { assess, isSupported } from './durability.ts';
import { readFacts } from './facts.ts';
import type { MasterFinder } from './master.ts';
import { pause, pauseAfter } from './pause.ts';

export interface SessionOptions {
  readonly finder: MasterFinder;
  readonly login: Login;
  /** A key in the store's slot, which a script must be able to look at. */
  readonly key: string;
  readonly profile: RedisProfileName | null;
  /** An outage that is longer is told at once to who comes then. */
  readonly patience: Millis;
  readonly logger: Logger;
}

interface Waiter {
  readonly resolve: (connection: Connection) => void;
  readonly reject: (error: HatstandError) => void;
}

const mostWaiters = 1_000;
/** A connection that ended sooner did not help: the next one waits as if it had failed. */
const steadyAfter: Millis = 1_000;

export class Session {
  readonly #options: SessionOptions;
  readonly #waiters = new Set<Waiter>();
  readonly #arrivals = new Set<(address: RedisAddress) => void>();
  readonly #closing = new AbortController();
  #current: Connection | null = null;
  #awaySince = performance.now();
  #awayBecause = 'it is not connected yet';
  #durability: Durability = { profile: 'redis-unknown', survives: '' };
  #warned = '';

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** `null`: not now. */
  get current(): Connection | null {
    return this.#current;
  }

  get durability(): Durability {
    return this.#durability;
  }

  /** Throws `store_unavailable` when there was no connection in time, at once `store_unusable` when trying again would not help. */
  async start(): Promise<void> {
    const until = performance.now() + this.#options.patience;
    for (let tries = 0; ; tries++) {
      try {
        const connection = await this.#connect();
        this.#arrive(connection);
        void this.#keep(connection);
        return;
      } catch (error) {
        const hopeless = error instanceof HatstandError && error.code !== 'store_unavailable';
        if (hopeless || performance.now() > until) throw error;
      }
      await pause(pauseAfter(tries + 1), this.#closing.signal);
    }
  }

  /** The connection as soon as there is one. Rejects with `store_unavailable` after `within`; `null`: waits for ever. */
  arrived(within: Millis | null): Promise<Connection> {
    if (this.#current !== null) return Promise.resolve(this.#current);
    const away = performance.now() - this.#awaySince;
    const left = within === null ? null : Math.min(within, this.#options.patience - away);
    const hopeless = this.#closing.signal.aborted || this.#waiters.size >= mostWaiters || (left !== null && left <= 0);
    if (hopeless) return Promise.reject(this.#unavailable());
    return new Promise((resolve, reject) => {
      const late = left === null ? undefined : setTimeout(() => waiter.reject(this.#unavailable()), left);
      const forget = (): void => {
        clearTimeout(late);
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter = {
        resolve(connection) {
          forget();
          resolve(connection);
        },
        reject(error) {
          forget();
          reject(error);
        },
      };
      this.#waiters.add(waiter);
    });
  }

  /** No call takes this connection any more; `at`: where the master is said to be. */
  replace(connection: Connection, reason: string, at: RedisAddress | null): void {
    if (at !== null) this.#options.finder.hint(at);
    this.#leave(connection, reason);
    connection.drop(reason);
  }

  /** The master is there now; a connection to another one is left. */
  follow(address: RedisAddress): void {
    if (this.#current === null || addressText(this.#current.address) === addressText(address)) return;
    this.replace(this.#current, `the master is ${addressText(address)} now`, address);
  }

  /** The listener hears of each new connection, until the returned function is called. */
  onArrival(listener: (address: RedisAddress) => void): () => void {
    this.#arrivals.add(listener);
    return () => void this.#arrivals.delete(listener);
  }

  close(): void {
    this.#closing.abort();
    if (this.#current !== null) this.replace(this.#current, 'the store was closed', null);
    for (const waiter of [...this.#waiters]) waiter.reject(this.#unavailable());
  }

  async #keep(first: Connection): Promise<void> {
    const { signal } = this.#closing;
    let connection: Connection | null = first;
    for (let tries = 0; !signal.aborted; ) {
      if (connection !== null) {
        const since = performance.now();
        this.#leave(connection, await connection.ended);
        tries = performance.now() - since < steadyAfter ? tries + 1 : 0;
      }
      await pause(pauseAfter(tries), signal);
      connection = signal.aborted ? null : await this.#tryToConnect();
      if (connection === null) tries += 1;
      else this.#arrive(connection);
    }
  }

  async #tryToConnect(): Promise<Connection | null> {
    try {
      return await this.#connect();
    } catch (error) {
      this.#away(messageOf(error));
      return null;
    }
  }

  async #connect(): Promise<Connection> {
    const { finder, login } = this.#options;
    const connection = await connect(await finder.find(), login);
    try {
      await this.#check(connection);
      await this.#tryScript(connection);
      return connection;
    } catch (error) {
      connection.drop('it cannot be used');
      throw error;
    }
  }

  async #check(connection: Connection): Promise<void> {
    const { login, profile, logger } = this.#options;
    const where = `Redis at ${addressText(connection.address)}`;
    const facts = await readFacts(connection, login.within);
    if (facts.loading) throw new HatstandError('store_unavailable', `${where} is still loading its data.`);
    if (!isSupported(facts)) {
      throw new HatstandError('store_unusable', `${where} has version ${facts.version}; use Redis 7.0 or later, or Valkey.`);
    }
    if (facts.role === 'replica') {
      throw new HatstandError('store_unavailable', `${where} is a replica and takes no writes; name its master, or its sentinels.`);
    }
    const { durability, unmet, warnings } = assess(facts, profile);
    if (unmet !== null) throw new HatstandError('store_unusable', `${where}: ${unmet}`);
    this.#durability = durability;
    if (warnings.join() !== this.#warned) for (const warning of warnings) logger.warn('store.at_risk', { warning });
    this.#warned = warnings.join();
  }

  /** So that a user who may not, or a server that has another slot, is found out here. */
  async #tryScript(connection: Connection): Promise<void> {
    const { key, login, finder } = this.#options;
    const sent = await connection.send('EVAL', ["return redis.call('EXISTS', KEYS[1])", '1', key], login.within);
    if (sent.kind === 'reply') return;
    if (sent.kind !== 'error') throw connection.failure();
    const answer = readAnswer(sent.message, connection.address);
    if (answer.kind === 'elsewhere' && answer.at !== null) finder.hint(answer.at);
    const code = answer.kind === 'refused' || answer.kind === 'fault' ? 'store_unusable' : 'store_unavailable';
    throw new HatstandError(code, `Redis at ${addressText(connection.address)} refuses a script: ${sent.message}.`);
  }

  #arrive(connection: Connection): void {
    if (this.#closing.signal.aborted) {
      connection.drop('the store was closed');
      return;
    }
    this.#current = connection;
    const address = addressText(connection.address);
    this.#options.logger.info('store.connected', { address, durability: this.#durability.profile });
    for (const waiter of [...this.#waiters]) waiter.resolve(connection);
    for (const listener of this.#arrivals) listener(connection.address);
  }

  #leave(connection: Connection, reason: string): void {
    if (this.#current !== connection) return;
    this.#current = null;
    this.#awaySince = performance.now();
    this.#awayBecause = '';
    if (!this.#closing.signal.aborted) this.#away(`the connection to Redis at ${addressText(connection.address)} was lost: ${reason}`);
  }

  #away(reason: string): void {
    if (reason !== this.#awayBecause) this.#options.logger.warn('store.disconnected', { reason });
    this.#awayBecause = reason;
  }

  #unavailable(): HatstandError {
    if (this.#closing.signal.aborted) return new HatstandError('store_unavailable', 'The store was closed.');
    return new HatstandError('store_unavailable', `The store cannot be reached: ${this.#awayBecause.replace(/\.$/, '')}. Try again.`);
  }
}
