/** What a node and a script host say to each other. All of it is JSON; numbers tell which script is meant. */
import type { ScriptEnd, ScriptStep } from '../../core/script-run.ts';
import type { ConsoleLevel, SandboxScript } from '../../ports/sandbox.ts';

export type Order =
  | { readonly kind: 'run'; readonly id: number; readonly script: SandboxScript; readonly facts: string }
  | { readonly kind: 'stop'; readonly id: number }
  | { readonly kind: 'cut'; readonly id: number }
  | { readonly kind: 'tell'; readonly id: number; readonly facts: string }
  /** The answer to a call; with `error` in the place of `value` when it is refused. */
  | { readonly kind: 'answer'; readonly id: number; readonly call: number; readonly value?: string; readonly error?: string };

export interface Line {
  readonly level: ConsoleLevel;
  readonly text: string;
}

/** A script that uses the processor, and where it is. */
export interface Computing {
  readonly id: number;
  /** Of one processor, since the last beat. */
  readonly share: number;
  readonly step: ScriptStep;
}

/** What is left of a script that has ended. `memory`: V8 has parked it. `running`: nobody but the end of its host can end it. */
export type Left = 'nothing' | 'memory' | 'running';

export type News =
  /** Scripts may come. */
  | { readonly kind: 'ready' }
  /** It lives. `rss` in bytes. */
  | { readonly kind: 'beat'; readonly rss: number; readonly computing: readonly Computing[] }
  | { readonly kind: 'lines'; readonly id: number; readonly lines: readonly Line[] }
  | { readonly kind: 'ask'; readonly id: number; readonly call: number; readonly name: string; readonly args: string }
  | { readonly kind: 'ended'; readonly id: number; readonly end: ScriptEnd; readonly left: Left };
