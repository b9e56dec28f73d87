/** One run of a script: how it goes, what it may cost, and how it ends. */
import type { Millis } from './duration.ts';

/**
 * `thread`: the whole source, init(), then main() again and again with a pause after init() and each main(), then cleanup() when it is
 * stopped, as HATS runs threads. `once`: the whole source, as HATS runs its jobs, and what it promises last. Functions that are not there
 * are left out.
 */
export type ScriptManner = { readonly kind: 'thread'; readonly pause: Millis } | { readonly kind: 'once' };

/** What one script may cost. `source`, init(), each main() and cleanup() are steps. */
export interface ScriptLimits {
  /** Of its heap, in MiB. */
  readonly memory: number;
  /** Of the processor, for one step. */
  readonly cpu: Millis;
  /** For one step, with all that it waits for; `null`: it may wait for ever. */
  readonly wall: Millis | null;
  /** Lines in a second. */
  readonly lines: number;
  /** Characters of a line. */
  readonly lineLength: number;
  /** Characters of a call's arguments, and of its answer. */
  readonly callLength: number;
  /** Calls that wait for their answers at once. */
  readonly calls: number;
}

export const usualScriptLimits: ScriptLimits = {
  memory: 64,
  cpu: 10_000,
  wall: null,
  lines: 100,
  lineLength: 4_096,
  callLength: 4 * 1024 * 1024,
  calls: 100,
};

export type ScriptStep = 'source' | 'init' | 'main' | 'cleanup';

/** What a script threw, or what was said in its place. Line and column count from 1; `null`: nobody knows. */
export interface ScriptFault {
  readonly step: ScriptStep;
  readonly message: string;
  /** With file, line and column of each call; `''`: there is none. */
  readonly stack: string;
  readonly line: number | null;
  readonly column: number | null;
}

/** Which of its limits ended it; `host`: it took its script host with it, such as with memory that no limit counts. */
export type ScriptLimit = 'memory' | 'cpu' | 'wall' | 'host';

export type ScriptEnd =
  /** It has done all that it had to. */
  | { readonly kind: 'finished' }
  /** @property limit `null`: it threw */
  | { readonly kind: 'crashed'; readonly fault: ScriptFault; readonly limit: ScriptLimit | null }
  /** Somebody has cut it. */
  | { readonly kind: 'cut' }
  /** Its script host is gone, and the script is not to blame: it may run again elsewhere. */
  | { readonly kind: 'lost'; readonly reason: string };

/** What one step came to. @property limit `null`: it threw */
export interface Fault {
  readonly fault: ScriptFault;
  readonly limit: Exclude<ScriptLimit, 'host'> | null;
}

/** Characters that are kept of what a script throws. */
export const faultLimits = { message: 1_024, stack: 8_192 } as const;

const place = /:(\d{1,9}):(\d{1,9})\)?(?:\s|$)/;
const bracketed = /^(.*) \[[^[\]]*:(\d{1,9}):(\d{1,9})\]$/s;

/** Reads the place out of what V8 says: of a stack the first one, of a syntax error the one at its end. */
export function faultOf(step: ScriptStep, message: string, stack: string): ScriptFault {
  const [, said = message, ...placed] = bracketed.exec(message) ?? [];
  const [line, column] = placed.length > 0 ? placed : (place.exec(stack)?.slice(1) ?? []);
  return {
    step,
    message: said.slice(0, faultLimits.message),
    stack: stack.slice(0, faultLimits.stack),
    line: line === undefined ? null : Number(line),
    column: column === undefined ? null : Number(column),
  };
}

/** It has reached a limit: which one, and where. */
export function limitFault(step: ScriptStep, limit: Exclude<ScriptLimit, 'host'>, limits: ScriptLimits): ScriptFault {
  const said = {
    memory: `took more than ${limits.memory} MiB of memory`,
    cpu: `used more than ${limits.cpu} ms of the processor`,
    wall: `took longer than ${limits.wall} ms`,
  };
  return faultOf(step, `${step === 'source' ? 'the source' : `${step}()`} ${said[limit]}`, '');
}
