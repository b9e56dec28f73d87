/** A kind of task as this library goes on with it: a worker whose attempts are those of tasks. */
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

type Given = Checked<typeof taskDeclarationOptions>;

export class DefinedTask extends Defined {
  readonly #given: Given;
  /** How its tasks run whose start does not say it. */
  readonly fields: Checked<typeof taskFields>;

  constructor(given: Given, origin?: DefinedTask) {
    const { name, run, input, concurrency = defaults.taskConcurrency, queues, adminOnly, ...fields } = given;
    if (name === undefined) throw refused(`defineTask needs a name: ${taskDeclarationOptions.name.kind.expected}.`, 'name');
    if (run === undefined) throw refused(`defineTask needs run: ${taskDeclarationOptions.run.kind.expected}.`, 'run');
    super({ name, run, concurrency, timeout: null, ...whatIsGiven({ input, queues, adminOnly }) }, origin);
    this.#given = given;
    this.fields = fields;
  }

  override with({ concurrency, queues }: Checked<typeof workerOptions>): DefinedTask {
    return new DefinedTask({ ...this.#given, ...whatIsGiven({ concurrency, queues }) }, this.origin as DefinedTask);
  }

  /** As its attempts call them. */
  get taskCalls(): TaskCalls<Job<unknown>> {
    const { read } = this.calls;
    return { read, run: this.#given.run as TaskCalls<Job<unknown>>['run'] };
  }
}

/** Without what is not given. */
function whatIsGiven<T extends object>(options: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}
