/** What distributors, workers and watchers have in common: a node of the cluster, made of the configuration of distributed-task. */
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { HatstandError, isTemporary, messageOf } from '../core/errors.ts';
import { Hatstand } from '../hatstand.ts';
import type { LinkOptions } from '../library/options.ts';
import type { Store } from '../library/store.ts';
import { openRedis } from '../library/stores.ts';
import type { Logger } from '../ports/logger.ts';
import { makeStderrLog } from '../system/stderr-log.ts';
import { type Config, readConfig, redisOf } from './config.ts';

export type RoleName = 'distributor' | 'worker' | 'watcher';

/** What a role adds to its node. */
export interface RoleParts {
  readonly config: Config;
  readonly hatstand: Hatstand;
  readonly log: Logger;
}

export interface Role {
  /**
   * Answers its node once that has begun; while Redis is away, it asks again. Throws `invalid_request` for the configuration at once,
   * `conflict` the second time.
   */
  init(given: unknown): Promise<Hatstand>;
  /** Hands over what runs within a grace of 10 s, and ends. */
  close(): Promise<void>;
}

/** Between two tries to reach Redis at the start. */
const againAfter = 1_000;

/** @param begin before the node begins; answers what ends it, before the node does */
export function makeRole(name: RoleName, begin: (parts: RoleParts) => Promise<() => Promise<void>>): Role {
  let began: Promise<{ readonly hatstand: Hatstand; readonly end: () => Promise<void> }> | null = null;
  const closing = new AbortController();
  let closed: Promise<void> | null = null;

  async function start(config: Config): Promise<{ readonly hatstand: Hatstand; readonly end: () => Promise<void> }> {
    const log = logOf(config);
    const store = await open(config, log, closing.signal);
    const called = `${name}-${hostname().slice(0, 64)}-${process.pid}`;
    const hatstand = new Hatstand({ store, name: called, log, links: linksOf(config, name), spool: config.spool });
    const end = await begin({ config, hatstand, log });
    try {
      await hatstand.start();
    } catch (error) {
      await end();
      await hatstand.stop(0).catch(() => undefined);
      throw error;
    }
    return { hatstand, end };
  }

  async function close(): Promise<void> {
    closing.abort();
    const running = await began?.catch(() => null);
    if (running === null || running === undefined) return;
    await running.end();
    await running.hatstand.stop();
  }

  /** One that has not begun has nothing to close. */
  async function closeOnce(): Promise<void> {
    if (began === null) return;
    closed ??= close();
    await closed;
  }

  return {
    async init(given) {
      if (began !== null) throw new HatstandError('conflict', `${name}.init was called before: there is one ${name} in a process.`);
      const config = readConfig(given, `${name}.init`);
      began = start(config);
      closers.add(closeOnce);
      endWithProcess();
      return (await began).hatstand;
    },
    close: closeOnce,
  };
}

async function open(config: Config, log: Logger, until: AbortSignal): Promise<Store> {
  const { host, port, password, db } = redisOf(config);
  const url = `redis://${host.includes(':') ? `[${host}]` : host}:${port}/${db}`;
  for (let tries = 0; ; tries++) {
    try {
      return await openRedis({ url, password, log, ...(config.cluster_name !== undefined && { cluster: config.cluster_name }) });
    } catch (error) {
      if (!isTemporary(error) || until.aborted) throw error;
      if (tries === 0) log.warn('store.awaited', { error: messageOf(error) });
    }
    await delay(againAfter, undefined, { signal: until }).catch(() => undefined);
  }
}

/** Of one file for all, the address is the distributor's. */
function linksOf({ share_key: shareKey, cert, key, host, port }: Config, name: RoleName): LinkOptions {
  const certificate = cert === undefined || key === undefined ? undefined : { cert, key };
  return { shareKey, certificate, ...(name === 'distributor' && { host, port }) };
}

/** Warnings and errors for people; what `debug` asks for beside them. */
function logOf({ debug = false, debug_netev: debugLinks = false }: Config): Logger {
  const log = makeStderrLog();
  return {
    ...log,
    info(event, fields) {
      if (event.startsWith('link.') ? debugLinks : debug) log.warn(event, fields);
    },
  };
}

/** Of all roles of this process. */
const closers = new Set<() => Promise<void>>();
let isListening = false;

/** A signal that ends the process does so once all roles have ended: their tasks are handed over before. A second one ends it at once. */
function endWithProcess(): void {
  if (isListening) return;
  isListening = true;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      void Promise.allSettled([...closers].map((close) => close())).then(() => process.kill(process.pid, signal));
    });
  }
}
