/** A kind of task as this library goes on with it: a worker whose attempts are those of tasks. */

import { given } from '../core/given.ts';
import type { TaskCalls } from '../executors/task.ts';
import { Defined } from './defined.ts';
import type { Job } from './job.ts';
import { aName, type Checked, call, refused, schema, truth } from './option.ts';
import { defaults, serveOptions, type workerOptions } from './options.ts';
import { taskFields } from './task-options.ts';

export const taskDeclarationOptions = {
  name: { kind: aName, default: 'required' },
  run: { kind: call, default: 'required' },
  input: { kind: schema, default: 'whatever is JSON' },
  ...serveOptions,
  concurrency: { ...serveOptions.concurrency, default: String(defaults.taskConcurrency) },
  ...taskFields,
  adminOnly: { kind: truth, default: '`false`' },
} as const;

type Declared = Checked<typeof taskDeclarationOptions>;

export class DefinedTask extends Defined {
  readonly #declared: Declared;
  /** How its tasks run whose start does not say it. */
  readonly fields: Checked<typeof taskFields>;

  constructor(declared: Declared, origin?: DefinedTask) {
    const { name, run, input, concurrency = defaults.taskConcurrency, queues, adminOnly, ...fields } = declared;
    if (name === undefined) throw refused(`defineTask needs a name: ${taskDeclarationOptions.name.kind.expected}.`, 'name');
    if (run === undefined) throw refused(`defineTask needs run: ${taskDeclarationOptions.run.kind.expected}.`, 'run');
    super({ name, run, concurrency, timeout: null, ...given({ input, queues, adminOnly }) }, origin);
    this.#declared = declared;
    this.fields = fields;
  }

  override with({ concurrency, queues }: Checked<typeof workerOptions>): DefinedTask {
    return new DefinedTask({ ...this.#declared, ...given({ concurrency, queues }) }, this.origin as DefinedTask);
  }

  /** As its attempts call them. */
  get taskCalls(): TaskCalls<Job<unknown>> {
    const { read } = this.calls;
    return { read, run: this.#declared.run as TaskCalls<Job<unknown>>['run'] };
  }
}
