/** What names a declared worker, and carries its types. */

declare const types: unique symbol;
declare const isTask: unique symbol;

/**
 * A worker as `defineWorker` declares it: `Hatstand.worker` serves it, `Hatstand.push` pushes to it, whoever serves it. Typed by what
 * a push takes, what `run` sees, and what a result is when it comes back.
 */
export interface WorkerDefinition<Input = unknown, Message = unknown, Value = unknown> {
  /** Under which jobs are pushed to it. */
  readonly name: string;
  /** For the compiler alone. As a method, so that a worker that may be pushed to without a message is one of `undefined`, too. */
  readonly [types]?: { input(input: Input): void; readonly message: Message; readonly value: Value };
}

/** A kind of task as `defineTask` declares it: `Hatstand.worker` serves it, `Hatstand.tasks.start` starts one, whoever serves it. */
export interface TaskDefinition<Input = unknown, Message = unknown, Value = unknown> extends WorkerDefinition<Input, Message, Value> {
  /** For the compiler alone. */
  readonly [isTask]?: true;
}
