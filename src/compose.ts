/** The server: configuration → store → engine → HTTP. The only place where a server's adapters are named. */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { build } from './build.ts';
import type { Config } from './config.ts';
import { HatstandError, messageOf } from './core/errors.ts';
import { eventLimits } from './core/event.ts';
import { own } from './core/rights.ts';
import { type Engine, makeEngine } from './engine/engine.ts';
import { makeHttpExecutor } from './executors/http.ts';
import { makeApp } from './faces/http/app.ts';
import { type Linking, linksOf } from './linking.ts';
import { type AddressOption, listenOn } from './listening.ts';
import type { Store } from './ports/store/store.ts';
import type { Retention } from './ports/store/upkeep.ts';
import { openRedis } from './stores/redis/index.ts';
import { openSqlite } from './stores/sqlite/index.ts';
import { systemClock } from './system/clock.ts';
import type { Log } from './system/log.ts';
import { systemMachine } from './system/machine.ts';

export interface Server {
  /** `http://host:port` as it can be reached from this machine. */
  readonly address: string;
  /** Where the data lie, and what a kept job survives. */
  readonly store: Pick<Store, 'location' | 'durability'>;
  /** Stops taking work, waits for running jobs at most `shutdown_timeout`, hands the rest back. */
  stop(): Promise<void>;
  /** Resolves when it has stopped; rejects when the store failed and nothing can be kept any more. */
  readonly done: Promise<void>;
}

const day = 86_400_000;
/** A start that is given up ends within this (ms), whatever keeps it from closing what it has opened. */
const giveUpWithin = 1_000;

/**
 * Throws `store_in_use`, `store_unusable`, `store_unavailable`, `address_in_use`, `invalid_config`, or `shutting_down` when
 * `giveUpWhen` aborts before it serves. Nothing is left then of what the start made.
 *
 * @param giveUpWhen the start is given up at once
 */
export async function serve(config: Config, log: Log, giveUpWhen?: AbortSignal): Promise<Server> {
  const done = Promise.withResolvers<void>();
  // A failure may come before anybody waits for the end; it is told to who waits later.
  done.promise.catch(() => undefined);
  const opening = openStore(config, log, (error) => done.reject(error));
  const { store, abandon, removeFolder } = await unlessStopped(opening, giveUpWhen).catch(async (error: unknown) => {
    // It may be opened all the same.
    await withinAMoment(opening.then((late) => late.abandon()));
    throw error;
  });
  const ownPorts = new Set<number>();
  const engine = composeEngine(config, store, log, ownPorts);
  const app = composeApp(config, engine, log);
  let listens = false;
  let stopped: Promise<void> | null = null;

  async function stop(): Promise<void> {
    const grace = config.shutdownTimeout * 1_000;
    // The listener stays open while jobs end, so that they can be watched and canceled; new jobs are refused.
    await inTurn([() => engine.stop(grace), () => app.close(), () => store.close(), removeFolder]);
    done.resolve();
  }

  function fail(error: unknown): never {
    done.reject(error);
    throw error;
  }

  async function giveUp(): Promise<void> {
    // Once it listens somebody may have pushed, and what is kept stays.
    await inTurn([() => engine.stop(0), () => app.close(), listens ? () => store.close() : abandon, removeFolder]);
  }

  try {
    // A node tells the others where it is reached, so it listens before it joins them.
    const { address, reached, port } = await unlessStopped(listenOn(app, config.addr, saidAsAddr), giveUpWhen);
    listens = true;
    ownPorts.add(port);
    await unlessStopped(engine.start(reached), giveUpWhen);
    return { address, store, done: done.promise, stop: () => (stopped ??= stop().catch(fail)) };
  } catch (error) {
    // The error that kept it from starting is the one to tell.
    await withinAMoment(giveUp());
    throw error;
  }
}

const saidAsAddr: AddressOption = { choose: '--addr host:port', what: 'addr', details: { key: 'addr' } };

/** The work's answer, or `shutting_down` as soon as the signal says so. */
async function unlessStopped<T>(work: Promise<T>, giveUpWhen: AbortSignal | undefined): Promise<T> {
  if (giveUpWhen === undefined) return work;
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => stopped.reject(new HatstandError('shutting_down', 'The server was stopped before it had started.'));
  if (giveUpWhen.aborted) stop();
  giveUpWhen.addEventListener('abort', stop);
  return Promise.race([work, stopped.promise]).finally(() => giveUpWhen.removeEventListener('abort', stop));
}

/** Resolves when the work has ended, well or not, or when it has had its time. */
async function withinAMoment(work: Promise<unknown>): Promise<void> {
  const ended = work.then(
    () => undefined,
    () => undefined,
  );
  await Promise.race([ended, delay(giveUpWithin, undefined, { ref: false })]);
}

interface OpenStore {
  readonly store: Store;
  /** Closes it, and removes what its opening made. */
  abandon(): Promise<void>;
  /** Removes the folder of an ephemeral store. */
  removeFolder(): void;
}

async function openStore(config: Config, log: Log, onFailure: (error: HatstandError) => void): Promise<OpenStore> {
  if (config.store !== null) {
    const store = await openShared(config.store, config, log);
    return { store, abandon: () => store.close(), removeFolder: () => {} };
  }
  const folder = config.ephemeral ? temporaryFolder() : config.dataDir;
  const removeFolder = (): void => {
    if (config.ephemeral) rmSync(folder, { recursive: true, force: true });
  };
  try {
    const store = await openSqlite({ path: folder, serverId: config.serverId ?? 0, onFailure });
    for (const warning of store.warnings) log.logger.warn('store.at_risk', { warning });
    return { store, abandon: () => store.abandon().finally(removeFolder), removeFolder };
  } catch (error) {
    removeFolder();
    throw error;
  }
}

function temporaryFolder(): string {
  try {
    const folder = mkdtempSync(join(tmpdir(), 'hatstand-data-'));
    // The umask may have taken this user's own rights.
    chmodSync(folder, own.folder);
    return folder;
  } catch (error) {
    throw new HatstandError(
      'store_unusable',
      `No temporary folder for the data can be made: ${messageOf(error)}. Set TMPDIR to a folder that can be written, or data_dir instead of ephemeral.`,
    );
  }
}

function openShared(url: string, config: Config, log: Log): Promise<Store> {
  return openRedis({
    url,
    cluster: config.clusterName,
    username: config.storeUsername,
    password: config.storePassword,
    sentinelUsername: config.storeSentinelUsername,
    sentinelPassword: config.storeSentinelPassword,
    tls: { ca: config.storeTlsCa, cert: config.storeTlsCert, key: config.storeTlsKey },
    profile: config.durability,
    logger: log.logger,
  });
}

/** Makes each call in turn, also after one that fails; throws what was thrown first. */
async function inTurn(calls: readonly (() => unknown)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const call of calls) {
    try {
      await call();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

function composeEngine(config: Config, store: Store, log: Log, ownPorts: ReadonlySet<number>): Engine {
  const engine = makeEngine({
    store,
    clock: systemClock,
    log: log.logger,
    build,
    name: config.nodeName,
    // In a cluster 0 stands for processes that are no nodes.
    serverId: config.serverId === 0 ? null : config.serverId,
    retention: retentionOf(config),
    warnings: config.warnings,
    links: linksOf(store, linkingOf(config), log.logger),
    health: {
      machine: systemMachine,
      thresholds: { cpu: config.cpuThreshold, memory: config.memoryThreshold },
      every: config.healthInterval * 1_000,
    },
    random: Math.random,
    unique: () => randomBytes(8).toString('base64url'),
  });
  engine.addWorker({
    name: 'http',
    executor: makeHttpExecutor({
      ...{ version: build.version, outputBytes: config.outputLimit, log: log.logger },
      reach: { ownPorts, nodes: engine.nodes.list },
    }),
    // HQ promises dispatchers × max_workers and really runs one more each; the promise is kept here.
    concurrency: config.http.isOff ? 0 : (config.http.concurrency ?? config.dispatchers * Math.max(1, config.maxWorkers)),
    queues: 'any',
  });
  for (const worker of config.otherWorkers) log.logger.warn('worker.missing', { worker });
  return engine;
}

function linkingOf({ links, linkAddr, linkTakeover: takeover, shareKey, linkCert: cert, linkKey: key }: Config): Linking | null {
  if (!links) return null;
  const certificate = cert === null || key === null ? null : { cert, key };
  return { host: linkAddr?.host ?? null, port: linkAddr?.port ?? 0, takeover, shareKey, certificate };
}

function retentionOf(config: Config): Retention {
  return {
    ended: config.jobLifetime === 0 ? null : config.jobLifetime * 1_000,
    journal: day,
    told: eventLimits.kept,
    idempotency: day,
    output: config.historyOutputLimit,
    limit: 500,
  };
}

function composeApp(config: Config, engine: Engine, log: Log): FastifyInstance {
  return makeApp(engine, {
    token: config.token,
    allowedHosts: config.allowedHosts,
    listenHost: config.addr.host,
    uiBasename: config.ui ? config.uiBasename : null,
    hq: {
      queues: config.queues,
      dispatchers: config.dispatchers,
      maxWorkers: config.maxWorkers,
      listDefaultLimit: config.jobListDefaultLimit,
    },
    payloadBytes: config.payloadLimit,
    onAccess: log.access,
    onFault: (error) => log.logger.error('http.fault', { error }),
  });
}
