/** What may be said of a worker that a client runs elsewhere. */
import { elsewhereLimits } from '../core/elsewhere.ts';
import type { Logger } from '../ports/logger.ts';
import { aName, duration, type OptionsOf, orNull } from './option.ts';
import { type Duration, logger, type WorkerOptions, workerOptions } from './options.ts';

export interface ElsewhereOptions extends WorkerOptions {
  /** The name under which it holds attempts, for people. Default: one of this process. */
  readonly holder?: string | undefined;
  /** How long the server holds an attempt without hearing of it: it is told three times as often. Default: 30 s. */
  readonly attemptTtl?: Duration | undefined;
  /** Hears what happens; `null`: nobody does. Default: warnings and errors go to stderr. */
  readonly log?: Logger | null | undefined;
}

const { least, longest } = elsewhereLimits.ttl;

export const elsewhereOptions = {
  ...workerOptions,
  holder: { kind: aName, default: 'one of this process' },
  attemptTtl: { kind: duration(least, longest), default: '30 s' },
  log: { kind: orNull(logger), default: 'warnings and errors go to stderr' },
} as const satisfies OptionsOf<ElsewhereOptions>;
