/** The kept-alive connections, in one undici pool per origin. Pools that nobody uses are closed, and their number is bounded. */
import { buildConnector, type Dispatcher, Pool } from 'undici';
import type { Millis } from '../core/duration.ts';
import { easeHeads } from './http-head.ts';
import { isPrivateAddress, lookupUnless, type Reach, type ReachRules, refusalFor, refusalOfHost } from './http-reach.ts';

/** With more pools than this, the one that has been idle for longest is closed. Pools in use stay: the node's slots bound them. */
export const mostOrigins = 512;
/** Slots decide how many requests run at once; this only keeps one origin from using up the process's sockets. */
const connectionsPerOrigin = 4_096;
/** How long a TCP or TLS connection may take to be made (HQ). */
const connectTimeout = 30_000;
/** The longest headers of an answer, in bytes. */
const maxHeaderSize = 65_536;

interface IdleRules {
  /** A pool without a request for this long is closed. Default: 30 s. */
  readonly idleFor?: Millis;
  /** How often idle pools are looked for. Default: 10 s. */
  readonly lookEvery?: Millis;
}

interface OriginPool {
  readonly pool: Pool;
  /** A public address was reached, by any of its connections: which of them an exchange went over is not told. */
  isPublic: boolean;
  active: number;
  idleSince: number;
}

export class OriginPools {
  /** In the order in which they last came into use. */
  readonly #pools = new Map<string, OriginPool>();
  readonly #idleFor: Millis;
  readonly #lookEvery: Millis;
  readonly #rules: ReachRules;
  #looking: NodeJS.Timeout | null = null;
  #closed: boolean = false;

  constructor({ idleFor = 30_000, lookEvery = 10_000 }: IdleRules = {}, rules: ReachRules = { ownPorts: new Set() }) {
    this.#idleFor = idleFor;
    this.#lookEvery = lookEvery;
    this.#rules = rules;
  }

  /** How many pools there are: one for each origin, and each reach in which it is asked. */
  get size(): number {
    return this.#pools.size;
  }

  /** Nothing may be sent any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Sends a request, whose `handler` is told how it goes. Call `release` with the same origin and reach when it is over. */
  dispatch(origin: string, request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler, reach: Reach = 'any'): void {
    const entry = this.#use(origin, reach);
    entry.active += 1;
    entry.pool.dispatch(request, handler);
  }

  /** Answers whether a public address may have been reached. */
  release(origin: string, reach: Reach = 'any'): boolean {
    const entry = this.#pools.get(keyOf(origin, reach));
    if (entry === undefined) return false;
    entry.active -= 1;
    if (entry.active === 0) entry.idleSince = performance.now();
    return entry.isPublic;
  }

  /** Ends what is under way with undici's "destroyed" error. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#looking !== null) clearInterval(this.#looking);
    this.#looking = null;
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map(({ pool }) => pool.destroy()));
  }

  #use(origin: string, reach: Reach): OriginPool {
    const key = keyOf(origin, reach);
    const known = this.#pools.get(key);
    if (known !== undefined) {
      if (known.active === 0) {
        this.#pools.delete(key);
        this.#pools.set(key, known);
      }
      return known;
    }
    if (this.#pools.size >= mostOrigins) this.#closeOldestIdle();
    const made: OriginPool = {
      pool: openPool(
        origin,
        connectorFor(origin, reach, this.#rules, (address) => {
          made.isPublic ||= address === undefined || !(this.#rules.isPrivate ?? isPrivateAddress)(address);
        }),
      ),
      isPublic: false,
      active: 0,
      idleSince: 0,
    };
    this.#pools.set(key, made);
    this.#looking ??= setInterval(() => this.#closeIdle(), this.#lookEvery).unref();
    return made;
  }

  #closeOldestIdle(): void {
    for (const [origin, entry] of this.#pools) {
      if (entry.active === 0) {
        this.#drop(origin, entry);
        return;
      }
    }
  }

  #closeIdle(): void {
    const before = performance.now() - this.#idleFor;
    for (const [origin, entry] of this.#pools) {
      if (entry.active === 0 && entry.idleSince < before) this.#drop(origin, entry);
    }
    if (this.#pools.size === 0 && this.#looking !== null) {
      clearInterval(this.#looking);
      this.#looking = null;
    }
  }

  #drop(origin: string, entry: OriginPool): void {
    this.#pools.delete(origin);
    entry.pool.destroy().catch(() => undefined);
  }
}

const keyOf = (origin: string, reach: Reach): string => (reach === 'any' ? origin : `${reach} ${origin}`);

function openPool(origin: string, connect: buildConnector.connector): Pool {
  return new Pool(origin, {
    connections: connectionsPerOrigin,
    pipelining: 1,
    // An attempt has one deadline of its own for the complete exchange.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize,
    connect,
  });
}

/** Connects where it may, and tells where; a peer that has left again has no address. */
function connectorFor(
  origin: string,
  reach: Reach,
  rules: ReachRules,
  onReached: (address: string | undefined) => void,
): buildConnector.connector {
  if (reach === 'any') return telling(buildConnector(means), onReached);
  const { hostname, port, protocol } = new URL(origin);
  const refusal = refusalFor(reach, Number(port === '' ? (protocol === 'https:' ? 443 : 80) : port), rules);
  const connect = telling(buildConnector({ ...means, lookup: lookupUnless(refusal) }), onReached);
  return (options, callback) => {
    void refusalOfHost(hostname, refusal).then((refused) => (refused === null ? connect(options, callback) : callback(refused, null)));
  };
}

/** HTTP/1.1 only: so an abort closes one connection and duplicate header lines stay two lines, on every origin. */
const means = { timeout: connectTimeout, allowH2: false };

/** Adds to the error of a broken connection what undici's own errors say: whether any answer had come over it. */
const telling =
  (plain: buildConnector.connector, onReached: (address: string | undefined) => void): buildConnector.connector =>
  (options, callback) =>
    plain(options, (...made) => {
      const [, socket] = made;
      easeHeads(socket);
      if (socket) onReached(socket.remoteAddress);
      socket?.on('error', (error) => Object.assign(error, { socket: { bytesRead: socket.bytesRead } }));
      callback(...made);
    });
