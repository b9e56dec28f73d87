/**
 * What distributed-task keeps in Redis, for those who read it there: the set `tasks` of all ids, and a hash `task-<id>` of each. They tell
 * what has become of tasks, and decide nothing. Times are Unix milliseconds of Redis.
 */
import type { Redis } from 'ioredis';
import type { seedStatuses } from '../core/task.ts';
import type { Names } from './names.ts';

export interface TaskFacts {
  readonly state: (typeof seedStatuses)[number];
  /** Who runs it, or ran it last; `''`: nobody. */
  readonly worker: string;
  /** How it ended; `''`: it has not. */
  readonly end: string;
  /** Its newest job; `''`: it has none. What is told of one that has ended already is told no more. */
  readonly job: string;
}

/** What became of what was told. `removed`: of a task that has ended, and whose record somebody has taken away; `unknown`: it is no task of these. */
export type Shown = 'shown' | 'removed' | 'unknown';

export interface Records {
  /** A task that has been taken is known from now on, with what was pushed. One that is known is left as it is. */
  announce(id: string, data: string): Promise<void>;
  /** How a known task stands. */
  show(id: string, facts: TaskFacts): Promise<Shown>;
  /** Nothing of it is left. */
  remove(id: string): Promise<void>;
  /** Ids of known tasks, piece by piece; the last piece has the cursor `"0"`. */
  known(cursor: string): Promise<{ readonly ids: readonly string[]; readonly cursor: string }>;
}

const now = `local time = redis.call('TIME') local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))`;

const announcing = `${now}
redis.call('SADD', KEYS[1], ARGV[1])
redis.call('SADD', KEYS[2], ARGV[1])
if redis.call('EXISTS', KEYS[3]) == 0 then redis.call('HSET', KEYS[3], 'state', 'STOPPED', 'update', now, 'data', ARGV[2]) end`;

/** A record that somebody has taken away comes back for a task that has not ended. */
const showing = `${now}
if redis.call('SISMEMBER', KEYS[2], ARGV[1]) == 0 then return 'unknown' end
if redis.call('EXISTS', KEYS[3]) == 0 and ARGV[2] == 'END' then return 'removed' end
local was = redis.call('HMGET', KEYS[3], 'state', 'job')
if was[1] == 'END' and ARGV[2] ~= 'END' and was[2] == ARGV[5] then return 'shown' end
redis.call('SADD', KEYS[1], ARGV[1])
if ARGV[2] == 'RUNNING' then redis.call('HSETNX', KEYS[3], 'start', now) redis.call('HSET', KEYS[3], 'update', now) end
redis.call('HSET', KEYS[3], 'state', ARGV[2], 'worker', ARGV[3], 'job', ARGV[5])
if ARGV[4] ~= '' then redis.call('HSET', KEYS[3], 'end', ARGV[4]) else redis.call('HDEL', KEYS[3], 'end') end
return 'shown'`;

const idsAtOnce = 100;

export function makeRecords(redis: Redis, { tasks, mirrored, recordOf }: Names): Records {
  const keysOf = (id: string): readonly [string, string, string] => [tasks, mirrored, recordOf(id)];
  return {
    async announce(id, data) {
      await redis.eval(announcing, 3, ...keysOf(id), id, data);
    },
    async show(id, { state, worker, end, job }) {
      return (await redis.eval(showing, 3, ...keysOf(id), id, state, worker, end, job)) as Shown;
    },
    async remove(id) {
      await redis.multi().srem(tasks, id).srem(mirrored, id).del(recordOf(id)).exec();
    },
    async known(from) {
      const [cursor, ids] = await redis.sscan(mirrored, from, 'COUNT', idsAtOnce);
      return { ids, cursor };
    },
  };
}
