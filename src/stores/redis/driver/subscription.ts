/** A channel's messages over a connection of its own to the same server as the calls, kept like theirs. */
import type { Millis } from '../../../core/duration.ts';
import { HatstandError } from '../../../core/errors.ts';
import { addressText, type RedisAddress } from '../../../core/redis-url.ts';
import { type Connection, connect, type Login } from './connection.ts';
import { pause, pauseAfter } from './pause.ts';
import type { Session } from './session.ts';

export interface SubscriptionOptions {
  readonly session: Session;
  readonly login: Login;
  readonly channel: string;
  readonly onMessage: (message: string) => void;
  /** Messages may have been lost. */
  readonly onGap: () => void;
}

/** A silent connection may be a dead one. */
const askEvery: Millis = 5_000;

export class Subscription {
  readonly #options: SubscriptionOptions;
  readonly #closing = new AbortController();
  #connection: Connection | null = null;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    options.session.onArrival((address) => this.#follow(address));
  }

  /** Resolves when it hears the channel for the first time. */
  async start(): Promise<void> {
    const connection = await this.#open();
    void this.#keep(connection);
  }

  close(): void {
    this.#closing.abort();
    this.#connection?.drop('the store was closed');
  }

  async #keep(first: Connection): Promise<void> {
    const { signal } = this.#closing;
    let connection: Connection | null = first;
    for (let tries = 0; !signal.aborted; ) {
      if (connection !== null) {
        const since = performance.now();
        await this.#watch(connection);
        tries = performance.now() - since < askEvery ? tries + 1 : 0;
      }
      await pause(pauseAfter(tries), signal);
      connection = signal.aborted ? null : await this.#open().catch(() => null);
      if (connection === null) tries += 1;
      else this.#options.onGap();
    }
  }

  async #open(): Promise<Connection> {
    const { session, login, channel, onMessage } = this.#options;
    const { address } = await session.arrived(this.#connection === null ? login.within : null);
    const connection = await connect(address, login);
    const sent = await connection.listen(channel, onMessage, login.within);
    if (sent.kind === 'reply' && !this.#closing.signal.aborted) {
      this.#connection = connection;
      return connection;
    }
    connection.drop('it hears nothing');
    if (sent.kind === 'error') {
      const advice = 'Let its user hear the channel.';
      throw new HatstandError(
        'store_unusable',
        `Redis at ${addressText(address)} refuses SUBSCRIBE ${channel}: ${sent.message}. ${advice}`,
      );
    }
    throw new HatstandError('store_unavailable', `Redis at ${addressText(address)} did not answer SUBSCRIBE.`);
  }

  /** Until the connection ends; asks now and then whether it still lives. */
  async #watch(connection: Connection): Promise<void> {
    const over = new AbortController();
    void connection.ended.then(() => over.abort());
    while (!over.signal.aborted) {
      await pause(askEvery, over.signal);
      if (!over.signal.aborted) await connection.send('PING', [], this.#options.login.within);
    }
  }

  /** After a failover the old master may live on and hear nothing any more. */
  #follow(address: RedisAddress): void {
    if (this.#connection === null || addressText(this.#connection.address) === addressText(address)) return;
    this.#connection.drop('the master moved');
  }
}
