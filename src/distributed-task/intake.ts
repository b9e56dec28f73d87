/**
 * Takes tasks from the list `new-task`, onto whose left others push them as JSON: `{"id", "function", "data"}`, with `clean_end` and
 * `state_optional` beside them or in `data`. A task goes from that list into one of this taker's own, and out of that only when it is kept:
 * what a taker has left behind that says nothing any more goes back. So none is lost; one begins twice only if the steps of taking it were cut
 * short, and it has ended and gone (`clean_end`) before it was taken again.
 */
import { isUtf8 } from 'node:buffer';
import type { Redis } from 'ioredis';
import { type ErrorCode, HatstandError, messageOf } from '../core/errors.ts';
import type { Tasks } from '../library/tasks.ts';
import type { Logger } from '../ports/logger.ts';
import type { Names } from './names.ts';
import { type PushedTask, readPushed } from './pushed-task.ts';
import type { Records } from './records.ts';

export interface Intake {
  /** Takes all that there is. What it throws leaves nothing behind that is not taken the next time. */
  tick(): Promise<void>;
}

export interface IntakeParts {
  readonly redis: Redis;
  readonly names: Names;
  readonly tasks: Pick<Tasks, 'start' | 'get'>;
  readonly records: Records;
  readonly log: Logger;
  /** A name that no other taker has, or had. */
  readonly taker: string;
  /** After so many milliseconds without progress a task goes on elsewhere; `null`: it need not tell any. */
  readonly taskTimeout: number | null;
  /** It is kept. */
  onTaken(id: string): void;
}

/** A taker that says nothing for so many seconds is gone. */
const aliveFor = 30;
/** The newest of them. */
const keptRefused = 1_000;
const atOnce = 20;

export function makeIntake({ redis, names, tasks, records, log, taker, taskTimeout, onTaken }: IntakeParts): Intake {
  const { pushed, refused, takers, takenBy, aliveOf } = names;
  const own = takenBy(taker);

  async function refuse(text: Buffer, why: string): Promise<void> {
    log.warn('task.refused', { why, text: text.toString('utf8', 0, 200), kept: refused });
    await redis
      .multi()
      .lpush(refused, text)
      .ltrim(refused, 0, keptRefused - 1)
      .lrem(own, 1, text)
      .exec();
  }

  /** An id is used once; the same task again is the one that was cut short here. */
  async function isKept({ id, worker, data }: PushedTask): Promise<boolean> {
    const task = await tasks.get(id);
    if (task === null || task.worker !== worker || JSON.stringify(task.message) !== JSON.stringify(data)) return false;
    if (task.status === 'ended' || task.status === 'crashed')
      log.warn('task.known', {
        task: id,
        status: task.status,
        hint: 'It has ended, and is not begun again: collect it, or push it under another id.',
      });
    return true;
  }

  async function start(task: PushedTask): Promise<void> {
    const { id, worker, data, cleanEnd, stateOptional } = task;
    const options = { id, ...{ cleanEnd, stateOptional }, stalledAfter: taskTimeout };
    await tasks.start(worker, data, options).catch(async (error: unknown) => {
      const isTaken = error instanceof HatstandError && error.code === 'conflict';
      if (!isTaken || !(await isKept(task))) throw error;
    });
  }

  async function take(text: Buffer): Promise<void> {
    const task = isUtf8(text) ? readPushed(text.toString()) : 'its bytes are no UTF-8';
    if (typeof task === 'string') return refuse(text, task);
    try {
      await start(task);
    } catch (error) {
      if (!isItsOwn(error)) throw error;
      return refuse(text, messageOf(error));
    }
    await records.announce(task.id, text.toString());
    onTaken(task.id);
    await redis.lrem(own, 1, text);
  }

  async function takeAll(texts: readonly Buffer[]): Promise<void> {
    const taken = await Promise.allSettled(texts.map(take));
    for (const each of taken) if (each.status === 'rejected') throw each.reason;
  }

  /** Whoever has taken something is known to be there: one that stood still may have been forgotten. */
  async function next(): Promise<readonly Buffer[]> {
    const moves = redis.multi().set(aliveOf(taker), '1', 'EX', aliveFor).sadd(takers, taker);
    for (let n = 0; n < atOnce; n++) moves.lmoveBuffer(pushed, own, 'RIGHT', 'LEFT');
    const texts: Buffer[] = [];
    const [, , ...moved] = (await moves.exec()) ?? [];
    for (const [error, text] of moved) {
      if (error !== null) throw error;
      if (Buffer.isBuffer(text)) texts.push(text);
    }
    return texts;
  }

  /** What those have left who say nothing any more is taken before all that was pushed later. */
  async function giveBack(): Promise<void> {
    for (const each of await redis.smembers(takers)) {
      if (each === taker || (await redis.exists(aliveOf(each))) === 1) continue;
      let count = 0;
      while ((await redis.lmove(takenBy(each), pushed, 'LEFT', 'RIGHT')) !== null) count += 1;
      await redis.srem(takers, each);
      if (count > 0) log.warn('tasks.given_back', { taker: each, tasks: count });
    }
  }

  return {
    async tick() {
      await giveBack();
      // What could not be kept the last time.
      await takeAll(await redis.lrangeBuffer(own, 0, -1));
      for (let texts = await next(); texts.length > 0; texts = await next()) await takeAll(texts);
    },
  };
}

const ownFaults: ReadonlySet<ErrorCode> = new Set([
  'invalid_request',
  'too_large',
  'message_missing',
  'message_invalid',
  'unknown_worker',
  'conflict',
]);

/** A task is refused for what is wrong with it; for all else it waits. */
const isItsOwn = (error: unknown): boolean => error instanceof HatstandError && ownFaults.has(error.code);
