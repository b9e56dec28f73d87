/** What may be said of a worker that a client runs elsewhere. */
import { elsewhereLimits } from '../core/elsewhere.ts';
import type { Logger } from '../ports/logger.ts';
import { aName, type Checked, checked, duration, type OptionsOf, orNull, refused } from './option.ts';
import { type Duration, logger, run, type ServeOptions, serveOptions } from './options.ts';

/** How its jobs run is no option of it: that is kept with each job, and said where the job is pushed. */
export interface ElsewhereOptions extends ServeOptions {
  /** The name under which it holds attempts, for people. Default: one of this process. */
  readonly holder?: string | undefined;
  /** How long the server holds an attempt without hearing of it: it is told three times as often. Default: 30 s. */
  readonly attemptTtl?: Duration | undefined;
  /** Hears what happens; `null`: nobody does. Default: warnings and errors go to stderr. */
  readonly log?: Logger | null | undefined;
}

const { least, longest } = elsewhereLimits.ttl;

export const elsewhereOptions = {
  ...serveOptions,
  holder: { kind: aName, default: 'one of this process' },
  attemptTtl: { kind: duration(least, longest), default: '30 s' },
  log: { kind: orNull(logger), default: 'warnings and errors go to stderr' },
} as const satisfies OptionsOf<ElsewhereOptions>;

/** Throws `invalid_request`. */
export function elsewhereOptionsOf(given: unknown): Checked<typeof elsewhereOptions> {
  const options = typeof given === 'object' && given !== null ? given : {};
  const name = Object.keys(run).find((each) => Reflect.get(options, each) !== undefined);
  if (name === undefined) return checked(given, elsewhereOptions, 'worker');
  throw refused(
    `worker of a client has no option ${JSON.stringify(name)}: how a job runs is kept with it, so it would change no job that is pushed. Say it where jobs are pushed: in the push, in defineWorker of the definition that is pushed to, or in the trigger.`,
    name,
  );
}
