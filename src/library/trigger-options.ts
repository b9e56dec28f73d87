/** What may be said of triggers. docs/library.md has the same as tables, made from here. */
import { type Overlap, overlaps } from '../core/definition.ts';
import { triggerLimits } from '../core/new-trigger.ts';
import { type Daylight, folds, gaps } from '../core/schedule/cron-next.ts';
import { mostPreviewed } from '../core/schedule/preview.ts';
import { longestJitter, type Missed, type MissedPolicy, missedOf, missedPolicies, mostMissed } from '../core/schedule/timetable.ts';
import type { Debounce, TriggerType } from '../core/trigger.ts';
import { mostDecisions } from '../engine/api/trigger-history.ts';
import { Defined } from './defined.ts';
import type { WorkerDefinition } from './definition.ts';
import {
  aName,
  type Checked,
  duration,
  type Kind,
  nameOrNone,
  type OptionsOf,
  objectOf,
  ofTenant,
  oneOf,
  orNull,
  text,
  time,
  truth,
  whole,
} from './option.ts';
import { type Duration, type OrderFields, orderFields, type PusherOptions, pusherOptions } from './options.ts';

/** Which trigger is meant: its id, or an object with its id and its domain, such as the trigger itself. */
export type TriggerRef = string | { readonly id: string; readonly domain?: string | undefined };

/** Runs whose time came while nobody could push them, more exactly. */
export interface MissedOptions {
  /** `last`: one run for all that were missed; `skip`: none of what is late; `all`: one for each. Default: `"last"`. */
  readonly policy?: MissedPolicy | undefined;
  /** Of `all`: so many of them, the newest. Default: 100. */
  readonly most?: number | undefined;
  /** What is later does not run; `null`: a minute with `skip`, else nothing is too late. Default: `null`. */
  readonly lateness?: Duration | null | undefined;
}

/** What comes within a while becomes one job. */
export interface DebounceOptions {
  /** From the first; with `maxWait` from each one. */
  readonly wait: Duration;
  /** The longest, from the first; `null`: later ones do not put it off. Default: `null`. */
  readonly maxWait?: Duration | null | undefined;
}

/** What a trigger may be given when it is made, and later. */
export interface TriggerFields extends OrderFields, PusherOptions {
  /** When it fires, in the words of its type: a time, a duration, a cron expression, a phrase, rules. Default: `""`. */
  readonly arguments?: string | undefined;
  /** A name of the IANA database, in which a cron expression or a phrase is meant; `null`: what the arguments say, or UTC. Default: `null`. */
  readonly timeZone?: string | null | undefined;
  /** What becomes of times that do not exist (`gap`), and of those that come twice (`fold`). Default: as the expression is meant. */
  readonly daylight?: Partial<Daylight> | undefined;
  /** Runs whose time came while no node could push them. Default: `"last"`. */
  readonly missed?: MissedPolicy | MissedOptions | undefined;
  /** When a job of it has not ended: push all the same, `skip` the run, let `one` wait, or cancel the earlier one; an event or webhook trigger without debounce takes `"allow"` alone. Default: `"allow"`. */
  readonly overlap?: Overlap | undefined;
  /** Of events and webhooks: what comes within this time becomes one job; `null`: each is one. Default: `null`. */
  readonly debounce?: Duration | DebounceOptions | null | undefined;
  /** Each run begins up to this much later, before the next one. Default: 0. */
  readonly jitter?: Duration | undefined;
  /** No tick after it fires; `null`: it has no end. Default: `null`. */
  readonly endsAt?: Date | string | null | undefined;
  /** Of a webhook: calls must be signed with it; `null`: they need not. Default: `null`. */
  readonly secret?: string | null | undefined;
  /** The log lines of its jobs are told as events as well. Default: `false`. */
  readonly forwardLogs?: boolean | undefined;
}

export interface NewTriggerOptions<Message = unknown> extends TriggerFields {
  /** What fires it: `@at`, `@in`, `@every`, `@cron`, `@hourly`, `@daily`, `@weekly`, `@monthly`, `@event`, `@webhook` or `@client`. */
  readonly type: TriggerType;
  /** Its name; one that nobody guesses is made when none is given. Default: a new one. */
  readonly id?: string | undefined;
  /** The tenant to which it belongs, with its jobs. Default: `""`. */
  readonly domain?: string | undefined;
  /** What its jobs are given. Beside the event, or the body of a call, it is the message of the job. Default: none. */
  readonly message?: Message | undefined;
}

/** A trigger by the clock for a worker that needs a message has one. */
export type TriggerToAdd<Message> = NewTriggerOptions<Message> &
  (undefined extends Message ? unknown : { readonly type: '@event' | '@webhook' } | { readonly message: Message });

/** What is not named stays as it is. */
export interface TriggerChangeOptions<Message = unknown> extends TriggerFields {
  /** For whom its jobs are from now on. */
  readonly worker?: string | WorkerDefinition<Message, unknown, unknown> | undefined;
  readonly message?: NoInfer<Message> | undefined;
}

export interface TriggerListOptions {
  /** Of this tenant alone. Default: all. */
  readonly domain?: string | undefined;
  /** Triggers on a page. Default: 50. */
  readonly limit?: number | undefined;
  /** Where the page begins: `next` of the page before. Default: the first. */
  readonly from?: TriggerRef | undefined;
}

export interface PreviewOptions {
  /** One that fires by the clock. */
  readonly type: string;
  /** As those of a trigger. Default: `""`. */
  readonly arguments?: string | undefined;
  /** As that of a trigger. Default: `null`. */
  readonly timeZone?: string | null | undefined;
  /** As that of a trigger. Default: as the expression is meant. */
  readonly daylight?: Partial<Daylight> | undefined;
  /** Runs after this time. Default: now. */
  readonly from?: Date | string | undefined;
  /** How many. Default: 5. */
  readonly count?: number | undefined;
}

export interface PauseOptions {
  /** It pushes again from then on; `null`: once it is resumed. Default: `null`. */
  readonly until?: Date | string | null | undefined;
}

export interface BackfillOptions {
  /** The first moment of the span. */
  readonly from: Date | string;
  /** Its last moment; now at most. Default: now. */
  readonly to?: Date | string | undefined;
}

/** A value that may be written shortly, or as an object. */
const either = <Short, Whole>(short: Kind<Short>, whole: Kind<Whole>, isShort: (value: unknown) => boolean): Kind<Short | Whole> => ({
  expected: `${short.expected}, or ${whole.expected}`,
  ...(short.words === undefined ? {} : { words: short.words }),
  read: (value, name, whose) => (isShort(value) ? short.read(value, name, whose) : whole.read(value, name, whose)),
});

const missedOptions = {
  policy: { kind: oneOf(missedPolicies), default: '`"last"`' },
  most: { kind: whole(1, mostMissed), default: '100' },
  lateness: { kind: orNull(duration()), default: '`null`' },
} as const satisfies OptionsOf<MissedOptions>;

const missedEither = either(oneOf(missedPolicies), objectOf(missedOptions, 'some'), (value) => typeof value === 'string');
const missed: Kind<Missed> = {
  ...missedEither,
  read(value, name, whose) {
    const read = missedEither.read(value, name, whose);
    return read === undefined ? undefined : missedOf(read);
  },
};

const length = duration(0, triggerLimits.window);
const debounceWhole = objectOf(
  {
    wait: { kind: length, default: 'required' },
    maxWait: { kind: orNull(length), default: '`null`' },
  } as const satisfies OptionsOf<DebounceOptions>,
  'some',
);
const debounceEither = either(length, debounceWhole, (value) => typeof value !== 'object');
const debounce: Kind<Debounce> = {
  ...debounceEither,
  read(value, name, whose) {
    const read = debounceEither.read(value, name, whose);
    if (read === undefined || typeof read === 'number') return read === undefined ? undefined : { wait: read, maxWait: null };
    return read.wait === undefined ? undefined : { wait: read.wait, maxWait: read.maxWait ?? null };
  },
};

const daylight = objectOf(
  { gap: { kind: oneOf(gaps), default: 'as meant' }, fold: { kind: oneOf(folds), default: 'as meant' } } as const,
  'some',
);
const anything: Kind<unknown> = { expected: 'a value that JSON has', read: (value) => value };
const usualDaylight = 'as the expression is meant';

const triggerFields = {
  arguments: { kind: text, default: '`""`' },
  timeZone: { kind: orNull(text), default: '`null`' },
  daylight: { kind: daylight, default: usualDaylight },
  missed: { kind: missed, default: '`"last"`' },
  overlap: { kind: oneOf(overlaps), default: '`"allow"`' },
  debounce: { kind: orNull(debounce), default: '`null`' },
  jitter: { kind: duration(0, longestJitter), default: '0' },
  endsAt: { kind: orNull(time), default: '`null`' },
  // How long it may be core says, without showing it.
  secret: { kind: orNull(text), default: '`null`' },
  forwardLogs: { kind: truth, default: '`false`' },
  ...orderFields,
  ...pusherOptions,
} as const satisfies OptionsOf<TriggerFields>;

export type GivenFields = Checked<typeof triggerFields>;

export const newTriggerOptions = {
  type: { kind: text, default: 'required' },
  id: { kind: aName, default: 'a new one' },
  domain: { kind: nameOrNone, default: '`""`' },
  message: { kind: anything, default: 'none' },
  ...triggerFields,
} as const satisfies OptionsOf<NewTriggerOptions>;

const named: Kind<string | WorkerDefinition> = {
  expected: 'the name of a worker, or what defineWorker gives',
  read: (value) => (typeof value === 'string' || value instanceof Defined ? value : undefined),
};

export const triggerChangeOptions = {
  worker: { kind: named, default: 'as it is' },
  message: { kind: anything, default: 'as it is' },
  ...triggerFields,
} as const satisfies OptionsOf<TriggerChangeOptions>;

export const aTrigger = ofTenant('trigger');

export const triggerListOptions = {
  domain: { kind: nameOrNone, default: 'all' },
  limit: { kind: whole(1, 500), default: '50' },
  from: { kind: aTrigger, default: 'the first' },
} as const satisfies OptionsOf<TriggerListOptions>;

export const previewOptions = {
  type: { kind: text, default: 'required' },
  arguments: triggerFields.arguments,
  timeZone: triggerFields.timeZone,
  daylight: triggerFields.daylight,
  from: { kind: time, default: 'now' },
  count: { kind: whole(1, mostPreviewed), default: '5' },
} as const satisfies OptionsOf<PreviewOptions>;

export const pauseOptions = { until: { kind: orNull(time), default: '`null`' } } as const satisfies OptionsOf<PauseOptions>;

export interface TriggerHistoryOptions {
  /** Decisions on a page. Default: 50. */
  readonly limit?: number | undefined;
  /** Older ones than this: `next` of the page before. Default: the newest. */
  readonly before?: number | undefined;
}

export const triggerHistoryOptions = {
  limit: { kind: whole(1, mostDecisions), default: '50' },
  before: { kind: whole(1, Number.MAX_SAFE_INTEGER), default: 'the newest' },
} as const satisfies OptionsOf<TriggerHistoryOptions>;

export const backfillOptions = {
  from: { kind: time, default: 'required' },
  to: { kind: time, default: 'now' },
} as const satisfies OptionsOf<BackfillOptions>;
