/**
 * The store of a cluster, on one Redis: every call is a step of a script, and all calls of one turn are one script call.
 *
 * format/ what is kept, and how · frame/ how calls travel and scripts are put together · jobs/ queues/ limits/ nodes/
 * definitions/ journal/ upkeep/ the verbs of each noun, TypeScript beside Lua · data.ts whether it is all still there · driver/ the connection
 */
import type { Millis } from '../../core/duration.ts';
import { HatstandError } from '../../core/errors.ts';
import type { Store } from '../../ports/store/store.ts';
import { makeSearcher, type Searcher } from '../searcher.ts';
import { makeSettingAside } from '../set-aside.ts';
import { type Data, openData } from './data.ts';
import { makeDefinitionPort } from './definitions/port.ts';
import { type Driver, type DriverOptions, openDriver } from './driver/driver.ts';
import { hintsChannel, prefixOf, tagOf } from './format/keys.ts';
import { noWord } from './format/words.ts';
import { type Calls, makeCalls, type Sender } from './frame/calls.ts';
import { makeHints } from './frame/hints.ts';
import { makeJobPort } from './jobs/port.ts';
import { makeJournalPort } from './journal/port.ts';
import { makeLimitPort } from './limits/port.ts';
import { type Keeper, makeKeeper } from './nodes/keeper.ts';
import { makeNodePort } from './nodes/port.ts';
import { makeQueuePort } from './queues/port.ts';
import { makeUpkeepPort } from './upkeep/port.ts';

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
  const searcher = makeSearcher();
  const aside = makeSettingAside(makeUpkeepPort(calls));
  let closed: Promise<void> | undefined;
  const onRenewed = ({ kind }: { readonly kind: 'renewed' | 'buried' }): void => {
    keeper.renewed();
    // A node that is gone was buried, or everything is gone.
    if (kind === 'buried') data.check();
  };
  return {
    jobs: makeJobPort(calls, searcher, { pushed: data.acknowledged, unreadable: aside.found }),
    queues: makeQueuePort(calls, aside.found),
    limits: makeLimitPort(calls, aside.found),
    nodes: makeNodePort(calls, sender, onRenewed, aside.found),
    definitions: makeDefinitionPort(calls, aside.found),
    upkeep: aside.upkeep,
    journal: makeJournalPort(calls, { found: aside.found, pushed: data.acknowledged }),
    get durability() {
      return driver.durability();
    },
    get warnings() {
      return [...driver.lacks(), ...data.losses];
    },
    location: `${driver.location}, cluster ${cluster}`,
    get reachedFrom() {
      return driver.reachedFrom();
    },
    shared: true,
    keeper,
    onHint: (listener) => hints.listen(listener),
    async advance(by) {
      sender.ahead += by;
    },
    close() {
      closed ??= close(calls, driver, keeper, searcher);
      return closed;
    },
  };
}

async function close(calls: Calls, driver: Driver, keeper: Keeper, searcher: Searcher): Promise<void> {
  await searcher.close();
  await keeper.release();
  await calls.close();
  await driver.close();
}
