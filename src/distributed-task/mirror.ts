/** Tells in the records of distributed-task what has become of tasks: often of those that this distributor has taken, rarely of all. */
import { isTemporary, messageOf } from '../core/errors.ts';
import { seedStatusOf } from '../core/task.ts';
import type { Task } from '../library/task.ts';
import type { Tasks } from '../library/tasks.ts';
import type { Logger } from '../ports/logger.ts';
import type { Records } from './records.ts';

export interface Mirror {
  /** It looks at this one often, until it has ended. */
  taken(id: string): void;
  /** Looks at those that were taken here. */
  tickOwn(): Promise<void>;
  /** Looks at all. */
  tickAll(): Promise<void>;
}

export interface MirrorParts {
  readonly records: Records;
  readonly tasks: Pick<Tasks, 'get' | 'collect'>;
  readonly log: Logger;
}

/** Of more, the oldest are looked at with all. */
const mostOwn = 1_000;
/** Each is read with its data. */
const atOnce = 20;

export function makeMirror({ records, tasks, log }: MirrorParts): Mirror {
  const own = new Set<string>();

  /** Answers whether it has ended. */
  async function look(id: string): Promise<boolean> {
    const task = await tasks.get(id);
    if (task === null) {
      await records.remove(id);
      return true;
    }
    const state = seedStatusOf(task.status);
    const shown = await records.show(id, { state, worker: task.holder, end: task.end ?? '', job: task.job ?? '' });
    if (state !== 'END') return false;
    if (shown === 'removed') await collect(task);
    return true;
  }

  /** Who takes the record of an ended task away has seen how it ended. */
  async function collect({ id }: Task): Promise<void> {
    await tasks.collect(id);
    await records.remove(id);
  }

  /** One that nobody can read is no reason to pass over others. */
  const lookOrPass = (id: string): Promise<boolean> =>
    look(id).catch((error: unknown) => {
      if (isTemporary(error)) throw error;
      log.debug('task.not_shown', { task: id, error: messageOf(error) });
      return true;
    });

  async function lookAt(ids: readonly string[]): Promise<readonly string[]> {
    const looked = await Promise.all(ids.map(async (id) => ({ id, hasEnded: await lookOrPass(id) })));
    return looked.filter(({ hasEnded }) => hasEnded).map(({ id }) => id);
  }

  return {
    taken(id) {
      own.add(id);
      const [oldest] = own;
      if (own.size > mostOwn && oldest !== undefined) own.delete(oldest);
    },
    async tickOwn() {
      const ids = [...own];
      for (let from = 0; from < ids.length; from += atOnce) {
        for (const id of await lookAt(ids.slice(from, from + atOnce))) own.delete(id);
      }
    },
    async tickAll() {
      let cursor = '0';
      do {
        const known = await records.known(cursor);
        for (let from = 0; from < known.ids.length; from += atOnce) await lookAt(known.ids.slice(from, from + atOnce));
        cursor = known.cursor;
      } while (cursor !== '0');
    },
  };
}
