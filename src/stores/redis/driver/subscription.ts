/** A channel's messages over a connection of its own, kept for ever. */
import type { Millis } from '../../../core/duration.ts';
import { HatstandError } from '../../../core/errors.ts';
import { addressText, type RedisAddress } from '../../../core/redis-url.ts';
import { saidText } from './answers.ts';
import { type Connection, connect, type Login } from './connection.ts';
import { pause, pauseAfter } from './pause.ts';

export interface SubscriptionOptions {
  /** Where the channel is heard. Rejects after `within`; `null`: waits for ever. */
  readonly where: (within: Millis | null) => Promise<RedisAddress>;
  readonly login: Login;
  readonly channel: string;
  readonly onMessage: (message: string) => void;
  /** It is heard again, and messages may have been lost. */
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
  }

  /** Resolves when it hears the channel for the first time; rejects when the first try failed. */
  async start(): Promise<void> {
    const connection = await this.#open(this.#options.login.within);
    void this.#keep(connection);
  }

  /** Begins without waiting; the first time counts as a gap. */
  startLater(): void {
    void this.#keep(null);
  }

  /** Leaves any other server than this one: after a failover the old master may live on and hear nothing any more. */
  follow(address: RedisAddress): void {
    if (this.#connection === null || addressText(this.#connection.address) === addressText(address)) return;
    this.#connection.drop('the master moved');
  }

  close(): void {
    this.#closing.abort();
    this.#connection?.drop('the store was closed');
  }

  async #keep(first: Connection | null): Promise<void> {
    const { signal } = this.#closing;
    let connection = first;
    for (let tries = 0; !signal.aborted; ) {
      if (connection !== null) {
        const since = performance.now();
        await this.#watch(connection);
        tries = performance.now() - since < askEvery ? tries + 1 : 0;
      }
      await pause(pauseAfter(tries), signal);
      connection = signal.aborted ? null : await this.#open(null).catch(() => null);
      if (connection === null) tries += 1;
      else this.#options.onGap();
    }
  }

  async #open(within: Millis | null): Promise<Connection> {
    const { where, login, channel, onMessage } = this.#options;
    const address = await where(within);
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
        `Redis at ${addressText(address)} refuses SUBSCRIBE ${channel}: ${saidText(sent.message)}. ${advice}`,
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
}
