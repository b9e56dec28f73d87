/**
 * The one way to Redis: calls over one connection to the master that holds the store, each with its own deadline, each
 * answered or failed exactly once. Nothing that was sent is sent again by itself.
 */
import { HatstandError } from '../../../core/errors.ts';
import type { Durability } from '../../../ports/store.ts';
import type { DriverOptions } from './options.ts';

export type { DriverOptions } from './options.ts';

export interface Script {
  /** For messages. */
  readonly name: string;
  readonly source: string;
  /** It may change something: then a lost reply is `unconfirmed`. */
  readonly writes: boolean;
}

export type Argument = string | Buffer;

/** Redis's reply with bulk strings as text. */
export type Reply = string | number | null | readonly Reply[];

/**
 * Errors of `run` and `read`: `store_unavailable` (surely not done), `unconfirmed` (sent, and no reply came),
 * `store_full`, `internal` (the script or the command is wrong).
 */
export interface Driver {
  /** Runs the script by its digest, loading it when the server does not know it. */
  run(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<Reply>;
  /** A plain command that only reads; never `unconfirmed`. */
  read(command: string, ...args: readonly Argument[]): Promise<Reply>;
  /**
   * Messages of a channel, over a connection of its own that comes back by itself; `onGap` is called after each reconnect,
   * since messages may have been lost.
   */
  subscribe(channel: string, onMessage: (message: string) => void, onGap: () => void): Promise<void>;
  /** What the server was found to give, at the last connect. */
  durability(): Durability;
  /** For people, without the password. */
  readonly location: string;
  close(): Promise<void>;
}

/** Throws `invalid_config` (the URL, a file), `store_unavailable` (not reached in time) or `store_unusable`. */
export function openDriver(options: DriverOptions): Promise<Driver> {
  return Promise.reject(new HatstandError('store_unavailable', `${options.url} cannot be opened yet.`));
}
