import type { ScriptEnd, ScriptLimits, ScriptManner } from '../core/script-run.ts';

/** A script, as it is to run. */
export interface SandboxScript {
  /** What errors name as its file. */
  readonly name: string;
  /** JavaScript. */
  readonly source: string;
  /**
   * JavaScript that is trusted: the text of a function that is called before the script runs and makes what the script sees. It gets
   * `call(name, ...args)`, which waits for the answer, and `later(name, ...args)`, which promises it. The sandbox itself answers `facts`
   * and `sleep`, which takes milliseconds.
   */
  readonly library: string;
  readonly manner: ScriptManner;
  readonly limits: ScriptLimits;
}

export type ConsoleLevel = 'debug' | 'info' | 'warn' | 'error';

/** To whom a script speaks while it runs. Whatever it says comes from somebody whom nobody trusts. */
export interface ScriptListener {
  /**
   * It has written a line. Lines above the limit are left out, and a line tells how many.
   *
   * @param text of `limits.lineLength` characters at most
   */
  line(level: ConsoleLevel, text: string): void;
  /**
   * It waits for the answer.
   *
   * @param name of what it asks for
   * @param args JSON text
   * @param signal aborted when the script has ended
   * @returns JSON text. A rejection is thrown in the script, with its message alone
   */
  ask(name: string, args: string, signal: AbortSignal): Promise<string>;
}

export interface RunningScript {
  /** Never rejects. When it resolves, nothing of the script runs any more. */
  readonly ended: Promise<ScriptEnd>;
  /** What it does is done, then its cleanup() runs. Whoever cannot wait for that cuts it. */
  stop(): void;
  /** Ends it at once, whatever it does. */
  cut(): void;
  /** Changes facts that it may look at, at any time: JSON text. */
  tell(facts: string): void;
}

/** Runs source text of people whom nobody trusts, apart from this process: what they do costs only themselves. Only texts cross. */
export interface Sandbox {
  /** @param facts the first ones (`tell`) */
  run(script: SandboxScript, facts: string, listener: ScriptListener): RunningScript;
  /** Cuts all that runs. Resolves when nothing of it is left. */
  close(): Promise<void>;
}
