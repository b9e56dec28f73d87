/** Tells the function of a task what it is told, one message after the other; each is handled once its handler has answered. */
import type { Millis } from '../core/duration.ts';
import { messageOf } from '../core/errors.ts';
import { hearFew } from '../core/promises.ts';
import type { Mail, TaskKeeper } from '../ports/executor.ts';
import type { Logger } from '../ports/logger.ts';
import type { Control } from './task-context.ts';

/** What the store could not be asked is asked again after this. */
const againAfter: Millis = 1_000;
/** For a handler that still runs when its function has returned. */
const handlerGrace: Millis = 10_000;

export class TaskControls {
  readonly #keeper: TaskKeeper;
  readonly #log: () => Logger;
  #handler: ((control: Control) => unknown) | null = null;
  #telling: Promise<void> | null = null;
  #isWanted: boolean = false;
  #isOver: boolean = false;
  #again: NodeJS.Timeout | null = null;

  constructor(keeper: TaskKeeper, log: () => Logger) {
    this.#keeper = keeper;
    this.#log = log;
    keeper.onMail(() => this.#wake());
  }

  /** From now on this is told; what came before waits. */
  listen(handler: (control: Control) => unknown): void {
    this.#handler = handler;
    this.#wake();
  }

  close(): void {
    this.#isOver = true;
    if (this.#again !== null) clearTimeout(this.#again);
  }

  /** Nothing more is told. Resolves when what is being told was handled, so that nobody else is told it, too; or after a while. */
  async end(): Promise<void> {
    this.close();
    if (this.#telling === null) return;
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, handlerGrace);
    await Promise.race([this.#telling, late.promise]).finally(() => clearTimeout(timer));
  }

  #wake(): void {
    this.#isWanted = true;
    if (this.#telling !== null || this.#handler === null || this.#isOver) return;
    this.#telling = this.#tellAll().finally(() => {
      this.#telling = null;
      if (this.#isWanted && !this.#isOver) this.#wake();
    });
  }

  async #tellAll(): Promise<void> {
    this.#isWanted = false;
    try {
      for (const mail of await this.#keeper.mail()) {
        if (this.#isOver) return;
        await this.#tell(mail);
        await this.#keeper.handled(mail);
      }
    } catch (error) {
      if (this.#isOver) return;
      this.#log().warn('control messages wait', { error: messageOf(error) });
      this.#again = setTimeout(() => this.#wake(), againAfter);
    }
  }

  /** What its handler throws is told; the message counts as handled, so that it is in the way of no other. */
  async #tell({ name, data }: Mail): Promise<void> {
    try {
      await this.#handler?.({ name, data: data === null ? undefined : JSON.parse(data) });
    } catch (error) {
      hearFew([error]);
      this.#log().error(`the control message ${name} failed`, { error: messageOf(error) });
    }
  }
}
