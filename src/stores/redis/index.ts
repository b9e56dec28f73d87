/**
 * The store of a cluster, on one Redis: every call is a step of a script, and all calls of one turn are one script call.
 *
 * keys.ts what is kept where · lua/ the scripts · link.ts, scripts.ts how they are put together · coalescer.ts, calls.ts how calls
 * travel · words.ts, wire.ts arguments · shown.ts, record.ts, body.ts, result.ts replies · port-*.ts, list.ts the verbs ·
 * hints.ts what others are told · data.ts whether it is all still there · keeper.ts, keeper-thread.ts the lease while the
 * main loop is held up · driver/ the connection
 */
import type { Millis } from '../../core/duration.ts';
import { HatstandError } from '../../core/errors.ts';
import type { Store } from '../../ports/store/store.ts';
import { type Calls, makeCalls, type Sender } from './calls.ts';
import { type Data, openData } from './data.ts';
import { type Driver, type DriverOptions, openDriver } from './driver/driver.ts';
import { makeHints } from './hints.ts';
import { type Keeper, makeKeeper } from './keeper.ts';
import { hintsChannel, prefixOf, tagOf } from './keys.ts';
import { makeList } from './list.ts';
import { makeLife, makeLooks } from './port-jobs.ts';
import { makeNodePort } from './port-nodes.ts';
import { makeQueuePort, readEvents } from './port-queues.ts';
import { makeUpkeepPort } from './port-upkeep.ts';
import { noWord } from './words.ts';

export interface RedisOptions extends Omit<DriverOptions, 'tag'> {
  /** Nodes with one name on one Redis are one cluster. Letters, digits, dots, dashes and underscores. */
  readonly cluster: string;
}

export interface RedisStore extends Store {
  /** For tests: lets the clock of this store's calls run ahead. */
  advance(by: Millis): Promise<void>;
}

const clusterPattern = /^[A-Za-z0-9._-]{1,128}$/;

/**
 * Opens the cluster's store. Errors: those of `openDriver`, `invalid_config` for a cluster name, `store_unusable` when a
 * newer version wrote what is there.
 */
export async function openRedis({ cluster, ...options }: RedisOptions): Promise<RedisStore> {
  if (!clusterPattern.test(cluster)) {
    throw new HatstandError(
      'invalid_config',
      `The cluster name must be 1 to 128 letters, digits, dots, dashes or underscores, not ${JSON.stringify(cluster.slice(0, 160))}.`,
    );
  }
  const driver = await openDriver({ ...options, tag: tagOf(cluster) });
  try {
    const data = await openData(driver, cluster, options.logger);
    return makeStore(driver, cluster, makeKeeper(cluster, { ...options, tag: tagOf(cluster) }), data);
  } catch (error) {
    await driver.close();
    throw error;
  }
}

function makeStore(driver: Driver, cluster: string, keeper: Keeper, data: Data): RedisStore {
  const sender: Sender = { serverId: 0, node: noWord, ahead: 0 };
  const hints = makeHints(driver, hintsChannel(cluster), () => sender.node);
  const calls = makeCalls(driver, prefixOf(cluster), sender, hints.tell);
  let closed: Promise<void> | undefined;
  return {
    jobs: { ...makeLife(calls, data.acknowledged), ...makeLooks(calls), ...makeList(calls) },
    queues: makeQueuePort(calls),
    nodes: makeNodePort(calls, sender, ({ kind }) => {
      keeper.renewed();
      // A node that is gone was buried, or everything is gone.
      if (kind === 'buried') data.look();
    }),
    upkeep: makeUpkeepPort(calls),
    journal: { entries: (after, limit) => calls.look(['events', `0-${after + 1}`, String(limit)], readEvents) },
    get durability() {
      return driver.durability();
    },
    get warnings() {
      return [...driver.lacks(), ...data.losses];
    },
    location: `${driver.location}, cluster ${cluster}`,
    shared: true,
    keeper,
    onHint: (listener) => hints.listen(listener),
    async advance(by) {
      sender.ahead += by;
    },
    close() {
      closed ??= close(calls, driver, keeper);
      return closed;
    },
  };
}

async function close(calls: Calls, driver: Driver, keeper: Keeper): Promise<void> {
  await keeper.release();
  await calls.close();
  await driver.close();
}
