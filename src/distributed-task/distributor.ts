/**
 * The distributor of distributed-task: takes new tasks from the list `new-task`, and tells in Redis what becomes of them. Any number of them
 * may be there; tasks run on when none is.
 *
 * ```js
 * require('hatstand/distributed-task/distributor').init(require('./config.json'));
 * ```
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { type Duty, type Loop, makeLoop } from '../engine/loop.ts';
import { makeOutage } from '../engine/outage.ts';
import type { Hatstand } from '../hatstand.ts';
import { systemClock } from '../system/clock.ts';
import { type DistributedTaskConfig, redisOf } from './config.ts';
import { makeIntake } from './intake.ts';
import { makeMirror } from './mirror.ts';
import { namesOf } from './names.ts';
import { makeRecords } from './records.ts';
import { makeRole, type RoleParts } from './role.ts';

/** A Redis that is away by then is waited for by the rounds (ms). */
const readyWithin = 2_000;

const role = makeRole('distributor', async ({ config, hatstand, log }: RoleParts) => {
  const { host, port, password, db } = redisOf(config);
  // What is sent while it is away fails, and is done by the next round.
  const redis = new Redis({
    host,
    port,
    db,
    ...(password === null ? {} : { password }),
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
  });
  redis.on('error', () => undefined);
  // The first round is not one that fails.
  await once(redis, 'ready', { signal: AbortSignal.timeout(readyWithin) }).catch(() => undefined);
  const names = namesOf(config.cluster_name);
  const records = makeRecords(redis, names);
  const mirror = makeMirror({ records, tasks: hatstand.tasks, log });
  const { loop_interval: loop = 1_000, check_interval: check = 15_000, task_timeout: taskTimeout = null } = config;
  const intake = makeIntake({ redis, names, records, log, taskTimeout, tasks: hatstand.tasks, taker: randomUUID(), onTaken: mirror.taken });
  const duties: readonly Duty[] = [
    { name: 'intake', every: loop, tick: intake.tick },
    { name: 'own-tasks', every: loop, tick: mirror.tickOwn },
    { name: 'all-tasks', every: check, tick: mirror.tickAll },
  ];
  const outage = makeOutage(systemClock, log);
  const loops: readonly Loop[] = duties.map((duty) => makeLoop(duty, systemClock, log, outage));
  for (const each of loops) each.start();
  return async () => {
    await Promise.all(loops.map((each) => each.stop()));
    redis.disconnect();
  };
});

/**
 * Begins, and goes on until `close`, or a signal that ends the process. Answers its node. Throws `invalid_request` for a configuration that
 * makes no sense, `invalid_config` for files that cannot be used, `address_in_use`, `conflict` the second time.
 */
export const init = (config: DistributedTaskConfig): Promise<Hatstand> => role.init(config);

/** Ends it. What it has taken is kept. */
export const close = (): Promise<void> => role.close();
