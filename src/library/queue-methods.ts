/** The methods of a Hatstand that are about queues and limits. */
import type { LimitRecord } from '../core/limit.ts';
import type { QueueRecord, QueueSettings } from '../core/queue.ts';
import { Looks } from './looks.ts';
import { aName, limitName, readAs } from './option.ts';
import { type KeyLimitOptions, keyLimitOf, type LimitOptions, limitsOf } from './queues.ts';
import type { Ask } from './unreadable.ts';

export abstract class QueueMethods extends Looks {
  readonly #ask: Ask;

  protected constructor(ask: Ask, checkOpen: () => void) {
    super(ask, checkOpen);
    this.#ask = ask;
  }

  /** What jobs have named, or somebody has set, by name. */
  async queues(): Promise<readonly QueueRecord[]> {
    return (await this.#ask(({ queues }) => queues.list())).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** No job of the queue starts any more; running ones finish. */
  async pause(queue: string): Promise<QueueSettings> {
    return this.#configure(readAs(aName, queue, 'queue', 'pause'), { paused: true });
  }

  /** Its jobs start again. */
  async resume(queue: string): Promise<QueueSettings> {
    return this.#configure(readAs(aName, queue, 'queue', 'resume'), { paused: false });
  }

  /** The queue takes no new jobs any more, and no restarts (`queue_closed`); those that it has go on. */
  async close(queue: string): Promise<QueueSettings> {
    return this.#configure(readAs(aName, queue, 'queue', 'close'), { closed: true });
  }

  /** It takes jobs again. */
  async open(queue: string): Promise<QueueSettings> {
    return this.#configure(readAs(aName, queue, 'queue', 'open'), { closed: false });
  }

  /** Changes what is named, and answers the settings as they are then. */
  async limits(queue: string, options: LimitOptions): Promise<QueueSettings> {
    return this.#configure(readAs(aName, queue, 'queue', 'limits'), limitsOf(options));
  }

  /** The limits that there are, by name. */
  listLimits(): Promise<readonly LimitRecord[]> {
    return this.#ask(({ limits }) => limits.list());
  }

  /**
   * How many jobs of a key run at once, and how many may be pushed: `worker:<name>`, `domain:<name>`, a key that pushes name (`limit`), or
   * a pattern such as `tenant:*`. Beyond its concurrency jobs wait, beyond its rate pushes throw `limit_reached`.
   */
  async setLimit(name: string, options: KeyLimitOptions): Promise<LimitRecord> {
    const limit = readAs(limitName, name, 'limit', 'setLimit');
    const settings = keyLimitOf(options);
    return this.#ask(({ limits }) => limits.configure(limit, settings));
  }

  /** Answers whether there was one. */
  async removeLimit(name: string): Promise<boolean> {
    const limit = readAs(limitName, name, 'limit', 'removeLimit');
    return this.#ask(({ limits }) => limits.remove(limit));
  }

  #configure(queue: string, change: Partial<QueueSettings>): Promise<QueueSettings> {
    return this.#ask(({ queues }) => queues.configure(queue, change));
  }
}
