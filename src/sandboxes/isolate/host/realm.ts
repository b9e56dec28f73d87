/** The isolate of one script, where its steps run, and the limits that V8 keeps: of memory, and of the processor until the first `await`. */
import ivm from 'isolated-vm';
import { messageOf } from '../../../core/errors.ts';
import { type Fault, faultLimits, faultOf, type ScriptStep } from '../../../core/script-run.ts';
import type { SandboxScript } from '../../../ports/sandbox.ts';
import { prelude } from './prelude.ts';

/** What the realm needs of the host, whose functions take and give texts. */
export interface RealmHost {
  ask(name: string, args: string): Promise<string>;
  say(level: string, text: string): string;
  /** V8 has parked the isolate: what runs in it will never come back. */
  parked(): void;
}

/** In the words of V8 and of isolated-vm. */
const grown = /^Isolate was disposed during execution due to memory limit|^Array buffer allocation failed$/;
const timedOut = /^Script execution timed out/;

export class Realm {
  readonly #isolate: ivm.Isolate;
  readonly #context: ivm.Context;
  readonly #name: string;
  readonly #timeout: number;
  readonly #step: ivm.Reference;

  constructor({ name, library, limits }: Pick<SandboxScript, 'name' | 'library' | 'limits'>, host: RealmHost) {
    this.#name = name;
    this.#timeout = limits.cpu;
    this.#isolate = new ivm.Isolate({ memoryLimit: limits.memory, onCatastrophicError: () => host.parked() });
    this.#context = this.#isolate.createContextSync();
    const { lineLength, callLength, calls } = limits;
    this.#step = this.#context.evalClosureSync(
      `return (${prelude})($0, $1, $2, (${library}))`,
      [
        new ivm.Reference(host.ask),
        new ivm.Reference(host.say),
        new ivm.ExternalCopy({ lineLength, callLength, calls, ...faultLimits }).copyInto(),
      ],
      { result: { reference: true }, filename: 'hatstand' },
    ) as ivm.Reference;
  }

  /** Also by V8 itself, when it has taken too much memory. */
  get isDisposed(): boolean {
    return this.#isolate.isDisposed;
  }

  /** Milliseconds of the processor so far; 0 once it is disposed. */
  get cpu(): number {
    return this.isDisposed ? 0 : Number(this.#isolate.cpuTime) / 1e6;
  }

  /** Whatever runs in it ends as soon as V8 can end it. */
  dispose(): void {
    if (!this.#isolate.isDisposed) this.#isolate.dispose();
  }

  /** Runs the whole source. @param waits for what it promises last */
  async load(source: string, waits: boolean): Promise<Fault | null> {
    try {
      const script = await this.#isolate.compileScript(source, { filename: this.#name });
      const value = (await script.run(this.#context, { timeout: this.#timeout, reference: true, promise: waits })) as ivm.Reference;
      value.release();
      script.release();
      return null;
    } catch (error) {
      return faultIn('source', error);
    }
  }

  /** Calls a function of the script; all is well when there is none. */
  async call(step: ScriptStep): Promise<Fault | null> {
    try {
      // As the script itself would find it: a `const` of its source is no property of its globals.
      const lookUp = await this.#isolate.compileScript(`typeof ${step} === 'function' ? ${step} : undefined`, { filename: 'hatstand' });
      const found = (await lookUp.run(this.#context, { timeout: this.#timeout, reference: true })) as ivm.Reference;
      lookUp.release();
      if (found.typeof !== 'function') return null;
      const result = { promise: true, copy: true } as const;
      const told: unknown = await this.#step.apply(undefined, [found.derefInto()], { timeout: this.#timeout, result });
      found.release();
      return typeof told === 'string' && told !== '' ? thrownIn(step, told) : null;
    } catch (error) {
      return faultIn(step, error);
    }
  }
}

function thrownIn(step: ScriptStep, told: string): Fault {
  const { message, stack } = JSON.parse(told) as { readonly message: unknown; readonly stack: unknown };
  return { fault: faultOf(step, String(message), ownLines(String(stack))), limit: null };
}

/** What V8 says, or what a source has thrown. */
function faultIn(step: ScriptStep, error: unknown): Fault {
  const message = messageOf(error);
  const stack = error instanceof Error && typeof error.stack === 'string' ? ownLines(error.stack) : '';
  const name = error instanceof Error && error.name !== 'Error' ? `${error.name}: ` : '';
  const limit = grown.test(message) ? 'memory' : timedOut.test(message) ? 'cpu' : null;
  return { fault: faultOf(step, `${name}${message}`, stack), limit };
}

/** Without those of the host. */
const ownLines = (stack: string): string =>
  stack
    .split('\n')
    .filter((line) => !/\(<isolated-vm boundary>\)|file:\/\/|node:|\bhatstand:\d/.test(line))
    .join('\n');
