/** Workers that are declared by themselves, apart from the Hatstand that serves them or pushes to them. */

import type { StandardSchema } from '../core/standard-schema.ts';
import type { Logger } from '../ports/logger.ts';
import { aName, call, type OptionsOf, schema, truth } from './option.ts';
import { type JobFields, type WorkerOptions, workerOptions } from './options.ts';
import type { WorkerContext } from './worker.ts';

/** A job that is about to be kept, for the `beforeHook` of its worker. */
export interface JobToKeep<Input = unknown> {
  readonly worker: string;
  /** As it was pushed. */
  readonly message: Input;
  readonly queue: string;
  readonly domain: string;
  readonly name: string;
  readonly comment: string;
  readonly manual: boolean;
  readonly priority: number;
  /** Of the job, when it was pushed where its worker is not known, and is about to run; `null` in a push. */
  readonly id: string | null;
}

/** What a `beforeHook` may change of a job. Of one that is about to run, the message alone. */
export interface JobChange<Input = unknown> extends JobFields {
  readonly message?: Input | undefined;
}

/** `false`: the job is not kept, or if it is already, it does not run. An object changes the job. */
export type BeforeAnswer<Input = unknown> = boolean | undefined | JobChange<Input>;

/** What makes a worker. All but `name` and `run` may be left out. */
export interface WorkerDeclaration<Message, Returned, Input, Kept, Cookie> extends WorkerOptions {
  /** Under which jobs are pushed to it: letters, digits, dots, dashes and underscores. */
  readonly name: string;
  /** What messages must be, by any Standard Schema: checked in the push, and again before the run. Default: whatever is JSON. */
  readonly input?: StandardSchema<Input, Message> | undefined;
  /** What `run` must return; what the schema makes of it is kept. Default: whatever is JSON. */
  readonly output?: StandardSchema<Returned, Kept> | undefined;
  /** Only this process and administrators may push to it; to others it does not exist. Default: `false`. */
  readonly adminOnly?: boolean | undefined;
  /** Called once before any job of it runs in this process; when it fails, `start` does. Default: none. */
  readonly init?: ((context: InitContext) => unknown) | undefined;
  /** Asked before a job is kept, or before it runs when it was pushed where this worker is not known. Default: none. */
  readonly beforeHook?: ((job: JobToKeep<Input>) => BeforeAnswer<Input> | PromiseLike<BeforeAnswer<Input>>) | undefined;
  /** Begins each attempt; may answer the context with a cookie. When it fails the job does, without another try. Default: none. */
  readonly start?:
    | ((
        context: WorkerContext<Message, undefined>,
      ) => WorkerContext<Message, Cookie> | undefined | PromiseLike<WorkerContext<Message, Cookie> | undefined>)
    | undefined;
  /** Whether an attempt may run: asked before the first, with no error, and after each failure that is to be tried again. Default: none. */
  readonly errorHook?: ((error: unknown, context: WorkerContext<Message, Cookie>) => boolean | PromiseLike<boolean>) | undefined;
  /** Called once the job has ended and its end is kept, with `null` or what was thrown. Default: none. */
  readonly commit?: ((context: WorkerContext<Message, Cookie>, error: unknown) => unknown) | undefined;
  /** Does the work. */
  run(context: WorkerContext<Message, Cookie>): Returned | PromiseLike<Returned>;
}

/** What `init` gets. */
export interface InitContext {
  readonly logger: Logger;
  /** Aborted when the Hatstand is stopped meanwhile. */
  readonly signal: AbortSignal;
}

export const declarationOptions = {
  name: { kind: aName, default: 'required' },
  run: { kind: call, default: 'required' },
  input: { kind: schema, default: 'whatever is JSON' },
  output: { kind: schema, default: 'whatever is JSON' },
  ...workerOptions,
  adminOnly: { kind: truth, default: '`false`' },
  init: { kind: call, default: 'none' },
  beforeHook: { kind: call, default: 'none' },
  start: { kind: call, default: 'none' },
  errorHook: { kind: call, default: 'none' },
  commit: { kind: call, default: 'none' },
} as const satisfies OptionsOf<WorkerDeclaration<unknown, unknown, unknown, unknown, unknown>>;
