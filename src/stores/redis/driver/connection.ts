/** One connection to one server. It is never mended: when it ends, its owner makes another. */
import type { ConnectionOptions } from 'node:tls';
import type * as Ioredis from 'ioredis';
import type { Millis } from '../../../core/duration.ts';
import { HatstandError, messageOf } from '../../../core/errors.ts';
import { addressText, type RedisAddress } from '../../../core/redis-url.ts';
import { readAnswer, saidText } from './answers.ts';

export type Argument = string | Buffer;

/** Redis's reply with bulk strings as text. */
export type Reply = string | number | null | readonly Reply[];

/** What became of a command. */
export type Sent =
  | { readonly kind: 'reply'; readonly reply: Reply }
  /** The server answered with an error: `CODE and words`. */
  | { readonly kind: 'error'; readonly message: string }
  /** It never left. */
  | { readonly kind: 'unsent'; readonly reason: string }
  /** It left, and no reply will come. */
  | { readonly kind: 'lost'; readonly reason: string };

export interface Connection {
  readonly address: RedisAddress;
  /** Of this machine; `null`: it is no network's. */
  readonly localAddress: string | null;
  /** Never rejects. Without a reply `within` this, the connection is taken for dead and dropped. */
  send(command: string, args: readonly Argument[], within: Millis): Promise<Sent>;
  /** Subscribes and hears the channel's messages; a connection that did so takes nothing else but `PING`. */
  listen(channel: string, onMessage: (message: string) => void, within: Millis): Promise<Sent>;
  /** Ends it now; whatever waits for a reply is lost, for this reason. */
  drop(reason: string): void;
  /** Resolves with the reason when it has ended. */
  readonly ended: Promise<string>;
  /** Why nothing more comes of it: `store_unavailable`, or `store_unusable` when another connection would end the same way. */
  failure(): HatstandError;
}

export interface Login {
  readonly username: string | null;
  readonly password: string | null;
  /** A refused login is passed over: sentinels have the login of the master, one of their own, or none. */
  readonly optional: boolean;
  /** Selected when it is not 0. */
  readonly database: number;
  /** `null`: no TLS. */
  readonly tls: ConnectionOptions | null;
  /** For the connecting, and again for the login. */
  readonly within: Millis;
}

/** Connects and logs in. Throws `store_unavailable`, or `store_unusable` when trying again would not help. */
export async function connect(address: RedisAddress, login: Login): Promise<Connection> {
  // Loaded here, so that who keeps everything in a file does not wait for it.
  const { Command, Redis } = await import('ioredis');
  const redis = new Redis({
    host: address.host,
    port: address.port,
    ...(login.tls === null ? {} : { tls: login.tls }),
    connectTimeout: login.within,
    disconnectTimeout: 1,
    lazyConnect: true,
    // Neither mended nor repeated in here: what was sent without a reply has to be known.
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    enableReadyCheck: false,
    enableAutoPipelining: false,
    disableClientInfo: true,
    protocol: 2,
  });
  const connection = new OpenConnection(redis, Command, address);
  try {
    await redis.connect();
  } catch (error) {
    const failure = connection.failure(error);
    throw doubtTls(failure, login.tls !== null && errorCode(failure.cause) === 'ETIMEDOUT', 'no TLS', 'redis');
  }
  await logIn(connection, login);
  return connection;
}

class OpenConnection implements Connection {
  readonly address: RedisAddress;
  readonly ended: Promise<string>;
  readonly #redis: Ioredis.Redis;
  readonly #Command: typeof Ioredis.Command;
  /** The last that was heard from the socket. */
  #fault: Error | null = null;
  #dropped: string | null = null;

  constructor(redis: Ioredis.Redis, command: typeof Ioredis.Command, address: RedisAddress) {
    this.#redis = redis;
    this.#Command = command;
    this.address = address;
    redis.on('error', (error) => {
      this.#fault = error;
    });
    this.ended = new Promise((resolve) => redis.once('end', () => resolve(this.#reason())));
  }

  get localAddress(): string | null {
    const { stream } = this.#redis;
    // An IPv4 address in the clothes of IPv6 (RFC 4291, 2.5.5.2).
    return 'localAddress' in stream ? (stream.localAddress?.replace(/^::ffff:(?=\d+\.)/, '') ?? null) : null;
  }

  send(command: string, args: readonly Argument[], within: Millis): Promise<Sent> {
    if (this.#redis.status !== 'ready') return Promise.resolve({ kind: 'unsent', reason: this.#reason() });
    // In capitals, ioredis gives replies as they come. It copies the arguments.
    const sent = new this.#Command(command, args as Argument[], { replyEncoding: 'utf8' });
    return this.#settled(this.#redis.sendCommand(sent) as Promise<Reply>, within);
  }

  listen(channel: string, onMessage: (message: string) => void, within: Millis): Promise<Sent> {
    this.#redis.on('message', (_channel, message) => onMessage(message));
    return this.#settled(this.#redis.subscribe(channel) as Promise<Reply>, within);
  }

  drop(reason: string): void {
    if (this.#dropped !== null) return;
    this.#dropped = reason;
    this.#redis.disconnect();
  }

  failure(otherwise: unknown = new Error(this.#reason())): HatstandError {
    return unreachable(this.address, this.#dropped === null ? (this.#fault ?? otherwise) : otherwise);
  }

  #settled(reply: Promise<Reply>, within: Millis): Promise<Sent> {
    return new Promise((resolve) => {
      const late = setTimeout(() => this.drop(`no reply came within ${Math.round(within)} ms`), within);
      const settle = (sent: Sent): void => {
        clearTimeout(late);
        resolve(sent);
      };
      reply.then(
        (value) => settle({ kind: 'reply', reply: value }),
        (error: unknown) => settle(this.#failed(error)),
      );
    });
  }

  #failed(error: unknown): Sent {
    if (error instanceof Error && error.name === 'ReplyError') return { kind: 'error', message: error.message };
    // What ioredis says of a socket that can no longer be written to.
    const kind = messageOf(error).includes("isn't writeable") ? 'unsent' : 'lost';
    return { kind, reason: this.#reason() };
  }

  #reason(): string {
    return this.#dropped ?? (this.#fault === null ? 'the server closed the connection' : reasonOf(this.#fault));
  }
}

async function logIn(connection: Connection, { username, password, optional, database, tls, within }: Login): Promise<void> {
  const steps: (readonly [string, ...string[]])[] = [['CLIENT', 'SETNAME', 'hatstand']];
  if (database !== 0) steps.unshift(['SELECT', String(database)]);
  if (password !== null) steps.unshift(username === null ? ['AUTH', password] : ['AUTH', username, password]);
  const sent = await Promise.all(steps.map(([command, ...args]) => connection.send(command, args, within)));
  const failed = sent.find((each, at) => each.kind !== 'reply' && isNeeded(each, steps[at]?.[0], optional));
  if (failed === undefined || failed.kind === 'reply') return;
  const error = failed.kind === 'error' ? refused(connection.address, failed.message) : connection.failure();
  connection.drop('the login failed');
  throw doubtTls(error, tls === null && failed.kind === 'lost', 'TLS', 'rediss');
}

/** A server that expects TLS ends a connection without; one that does not keeps silent. Neither says why. */
function doubtTls(error: HatstandError, isLikely: boolean, spoken: string, scheme: string): HatstandError {
  if (!isLikely || error.code !== 'store_unavailable') return error;
  return new HatstandError(error.code, `${error.message} If it speaks ${spoken}, its URL begins with ${scheme}.`, {}, { cause: error });
}

/** A server without a password says so and serves; a name that may not be given to the connection is no loss. */
function isNeeded(sent: Sent, command: string | undefined, optional: boolean): boolean {
  if (sent.kind !== 'error') return true;
  if (command === 'AUTH') return !optional && !sent.message.includes('without any password configured');
  return command === 'SELECT';
}

/** What a new connection was answered: `NOAUTH`, `WRONGPASS` and the like stay so, a busy server does not. */
export function refused(address: RedisAddress, message: string): HatstandError {
  const advice = { NOAUTH: ' Give its password.', WRONGPASS: ' Give the right user and password.' }[message.split(' ', 1)[0] ?? ''] ?? '';
  const code = readAnswer(message, address).kind === 'later' ? 'store_unavailable' : 'store_unusable';
  return new HatstandError(code, `Redis at ${addressText(address)} takes no calls: ${saidText(message)}.${advice}`);
}

/** Certificates stay wrong until somebody changes them. */
const isCertificateFault = (code: string): boolean => /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_OSSL|ERR_SSL_(TLSV1|SSLV3)_ALERT/.test(code);

function unreachable(address: RedisAddress, error: unknown): HatstandError {
  const cause = errorCode(error);
  const code = isCertificateFault(cause) ? 'store_unusable' : 'store_unavailable';
  const message = `Redis at ${addressText(address)} cannot be reached: ${reasonOf(error)}.${certificateAdvice(cause)}`;
  return new HatstandError(code, message, {}, { cause: error });
}

function certificateAdvice(code: string): string {
  if (/SELF_SIGNED|UNABLE_TO_|CERT_UNTRUSTED/.test(code)) {
    return ' Set store_tls_ca to the PEM file of the authority that signed its certificate.';
  }
  return code.includes('CERTIFICATE_REQUIRED') ? " Set store_tls_cert and store_tls_key to this node's certificate and its key." : '';
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** An AggregateError of several addresses has no message of its own. */
function reasonOf(error: unknown): string {
  const message = messageOf(error) || errorCode(error) || 'it failed without a reason';
  if (message.includes('Unknown RESP type')) return 'what answers there does not speak as Redis does';
  return saidText(openSslReason(message) ?? message);
}

/** Of `number:error:number:library:function:reason:file:line:…`. */
function openSslReason(message: string): string | undefined {
  return /^[0-9A-F]+:error:[^:]*:[^:]*:[^:]*:([^:]+):/.exec(message)?.[1];
}
