/** One script in its host, from its source to its end: step after step, and whatever ends it before. */
import { messageOf } from '../../../core/errors.ts';
import { type Fault, limitFault, type ScriptEnd, type ScriptLimit, type ScriptStep } from '../../../core/script-run.ts';
import type { SandboxScript } from '../../../ports/sandbox.ts';
import type { Left } from '../messages.ts';
import { type Local, localCalls } from './local.ts';
import { Realm } from './realm.ts';

/** To whom a program speaks. */
export interface ProgramHost {
  line(level: string, text: string): void;
  /** Asks the node; answers JSON text. */
  ask(name: string, args: string): Promise<string>;
}

type Limit = Exclude<ScriptLimit, 'host'>;

/** How long V8 may take to end what it was told to. */
const graceOfV8 = 1_000;

export class Program {
  readonly #script: SandboxScript;
  readonly #host: ProgramHost;
  readonly #realm: Realm;
  readonly #over = Promise.withResolvers<ScriptEnd>();
  readonly #gone = new AbortController();
  #facts: string;
  #step: ScriptStep = 'source';
  /** Milliseconds of the processor: at the beginning of the step, and at the last look. */
  #cpuBefore = 0;
  #cpuSeen = 0;
  #isParked: boolean = false;
  #isStopping: boolean = false;
  #wake: () => void = () => undefined;

  /** Throws what V8 says when there is no room for another isolate. */
  constructor(script: SandboxScript, facts: string, host: ProgramHost) {
    this.#script = script;
    this.#facts = facts;
    this.#host = host;
    this.#realm = new Realm(script, {
      ask: (name, args) => this.#ask(name, args),
      say(level, text) {
        host.line(level, text);
        return '';
      },
      parked: () => {
        this.#isParked = true;
        this.#exceed('memory');
      },
    });
  }

  get step(): ScriptStep {
    return this.#step;
  }

  async run(): Promise<{ readonly end: ScriptEnd; readonly left: Left }> {
    const steps = this.#steps();
    const end = await Promise.race([steps, this.#over.promise]);
    this.#gone.abort();
    this.#realm.dispose();
    const left = (await settlesSoon(steps)) ? 'nothing' : this.#isParked ? 'memory' : 'running';
    return { end, left };
  }

  /** What it does is done, then its cleanup() runs. */
  stop(): void {
    this.#isStopping = true;
    this.#wake();
  }

  /** Ends it at once, as far as V8 can end it. */
  cut(): void {
    this.#end({ kind: 'cut' });
  }

  /** Facts that it may look at, as JSON text. */
  tell(facts: string): void {
    this.#facts = facts;
  }

  /**
   * Ends it when it has used too much of the processor: V8 keeps no time of what goes on after an `await`. Timers of its own may run
   * between two steps, too. Answers its share of one processor; of what could not be ended yet that is all.
   *
   * @param since milliseconds since the last look
   */
  watch(since: number): number {
    // Nobody but V8 has done it by now, for its memory; and it may not be able to end what goes on there.
    if (this.#realm.isDisposed) this.#exceed('memory');
    if (this.#realm.isDisposed) return 1;
    const { cpu } = this.#realm;
    const used = cpu - this.#cpuSeen;
    this.#cpuSeen = cpu;
    if (cpu - this.#cpuBefore > this.#script.limits.cpu) this.#exceed('cpu');
    return used / since;
  }

  async #steps(): Promise<ScriptEnd> {
    const { source, manner } = this.#script;
    const isOnce = manner.kind === 'once';
    let fault = await this.#during('source', () => this.#realm.load(source, isOnce));
    if (isOnce) return fault ?? { kind: 'finished' };
    fault ??= await this.#call('init');
    if (fault === null) await this.#pause(manner.pause);
    while (fault === null && !this.#isStopping) {
      fault = await this.#call('main');
      if (fault === null) await this.#pause(manner.pause);
    }
    fault ??= await this.#call('cleanup');
    return fault ?? { kind: 'finished' };
  }

  #call(step: ScriptStep): Promise<ScriptEnd | null> {
    return this.#during(step, () => this.#realm.call(step));
  }

  /** `null`: all is well. */
  async #during(step: ScriptStep, work: () => Promise<Fault | null>): Promise<ScriptEnd | null> {
    const { wall } = this.#script.limits;
    this.#step = step;
    this.#cpuBefore = this.#realm.cpu;
    const late = wall === null ? undefined : setTimeout(() => this.#exceed('wall'), wall);
    try {
      const found = await work();
      if (found === null) return null;
      return found.limit === null ? { kind: 'crashed', fault: found.fault, limit: null } : this.#exceeded(found.limit);
    } finally {
      clearTimeout(late);
    }
  }

  async #pause(millis: number): Promise<void> {
    if (this.#isStopping || this.#gone.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.#wake(), millis);
      this.#wake = () => {
        clearTimeout(timer);
        this.#gone.signal.removeEventListener('abort', this.#wake);
        resolve();
      };
      this.#gone.signal.addEventListener('abort', this.#wake);
    });
  }

  /** Answers JSON of `{v}` or `{e}`: what a host function throws would show the script where the host lies. */
  async #ask(name: string, args: string): Promise<string> {
    const { callLength } = this.#script.limits;
    try {
      const local: Local | undefined = Object.hasOwn(localCalls, name) ? localCalls[name] : undefined;
      const given =
        local === undefined ? await this.#host.ask(name, args) : await local(args, { signal: this.#gone.signal, facts: this.#facts });
      if (given.length <= callLength) return `{"v":${given}}`;
      return JSON.stringify({ e: `the answer to ${name} has ${given.length} characters; ${callLength} may come` });
    } catch (error) {
      return JSON.stringify({ e: messageOf(error) });
    }
  }

  #exceed(limit: Limit): void {
    this.#end(this.#exceeded(limit));
  }

  #exceeded(limit: Limit): ScriptEnd {
    return { kind: 'crashed', fault: limitFault(this.#step, limit, this.#script.limits), limit };
  }

  #end(end: ScriptEnd): void {
    this.#over.resolve(end);
    this.#realm.dispose();
  }
}

async function settlesSoon(promise: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), graceOfV8);
  try {
    return await Promise.race([promise.then(() => true), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
