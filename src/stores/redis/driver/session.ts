/** The connection to the master, kept: when it ends, the master is found and checked anew, for ever. */
import type { Millis } from '../../../core/duration.ts';
import { HatstandError, messageOf } from '../../../core/errors.ts';
import { addressText, type RedisAddress } from '../../../core/redis-url.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { Durability } from '../../../ports/store/store.ts';
import { type Connection, connect } from './connection.ts';
import { type Demands, inspect } from './inspect.ts';
import { pause, pauseAfter } from './pause.ts';

export interface SessionOptions extends Demands {
  /** An outage that is longer is told at once to who comes then. */
  readonly patience: Millis;
  /** Between two questions to a server that stays connected, what it gives. */
  readonly inspectEvery: Millis;
  readonly logger: Logger;
}

interface Waiter {
  readonly resolve: (connection: Connection) => void;
  readonly reject: (error: HatstandError) => void;
}

const mostWaiters = 1_000;
/** An outage is told in no more lines than this, however long it lasts. */
const mostReasons = 10;
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
  #warnings: readonly string[] = [];
  /** Of this outage. */
  readonly #told = new Set<string>();

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

  /** What the server lacks. */
  get warnings(): readonly string[] {
    return this.#warnings;
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
        if (hopeless) throw error;
        if (performance.now() > until) throw withAdvice(error);
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
        this.#leave(connection, await this.#livedThrough(connection));
        tries = performance.now() - since < steadyAfter ? tries + 1 : 0;
      }
      await pause(pauseAfter(tries), signal);
      connection = signal.aborted ? null : await this.#tryToConnect();
      if (connection === null) tries += 1;
      else this.#arrive(connection);
    }
  }

  /** Until it ends; meanwhile somebody may change what the server gives. */
  async #livedThrough(connection: Connection): Promise<string> {
    const over = new AbortController();
    void connection.ended.then(() => over.abort());
    for (;;) {
      await pause(this.#options.inspectEvery, over.signal);
      if (over.signal.aborted) return await connection.ended;
      await this.#learn(connection).catch((error: unknown) => this.replace(connection, messageOf(error), null));
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
      await this.#learn(connection);
      return connection;
    } catch (error) {
      connection.drop('it cannot be used');
      throw error;
    }
  }

  /** What the server gives. Throws what `inspect` does. */
  async #learn(connection: Connection): Promise<void> {
    const { durability, warnings } = await inspect(connection, this.#options);
    this.#durability = durability;
    for (const warning of warnings) if (!this.#warnings.includes(warning)) this.#options.logger.warn('store.at_risk', { warning });
    this.#warnings = warnings;
  }

  #arrive(connection: Connection): void {
    if (this.#closing.signal.aborted) {
      connection.drop('the store was closed');
      return;
    }
    this.#current = connection;
    this.#told.clear();
    const address = addressText(connection.address);
    this.#options.logger.info('store.connected', { address, durability: this.#durability.profile });
    for (const waiter of [...this.#waiters]) waiter.resolve(connection);
    for (const listener of this.#arrivals) listener(connection.address);
  }

  #leave(connection: Connection, reason: string): void {
    if (this.#current !== connection) return;
    this.#current = null;
    this.#awaySince = performance.now();
    if (!this.#closing.signal.aborted) this.#away(`the connection to Redis at ${addressText(connection.address)} was lost: ${reason}`);
  }

  #away(reason: string): void {
    this.#awayBecause = reason;
    if (this.#told.has(reason) || this.#told.size >= mostReasons) return;
    this.#told.add(reason);
    this.#options.logger.warn('store.disconnected', { reason });
  }

  #unavailable(): HatstandError {
    if (this.#closing.signal.aborted) return new HatstandError('store_unavailable', 'The store was closed.');
    return new HatstandError('store_unavailable', `The store is not available: ${this.#awayBecause.replace(/\.$/, '')}. Try again.`);
  }
}

/** What a server said itself has no cause: it is there and needs no starting. */
function withAdvice(error: unknown): unknown {
  if (!(error instanceof HatstandError) || error.cause === undefined) return error;
  return new HatstandError(error.code, `${error.message} Start it, or give the right address of the store.`, {}, { cause: error });
}
