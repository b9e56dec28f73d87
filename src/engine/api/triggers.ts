/** What may be asked of triggers. */

import type { Definition } from '../../core/definition.ts';
import { clientWorker } from '../../core/elsewhere.ts';
import { HatstandError } from '../../core/errors.ts';
import { withoutMoment } from '../../core/expiry.ts';
import type { Job, NewJob } from '../../core/job.ts';
import { isNeverFires } from '../../core/malformed.ts';
import {
  changedTrigger,
  changesSchedule,
  type NewTrigger,
  newTrigger,
  pausedTrigger,
  resumedTrigger,
  skippingTrigger,
  type TriggerChange,
} from '../../core/new-trigger.ts';
import { noFacts } from '../../core/owned.ts';
import { noRetry } from '../../core/retry.ts';
import { type Preview, preview } from '../../core/schedule/preview.ts';
import { parseSchedule } from '../../core/schedule/schedule.ts';
import { timeText } from '../../core/time.ts';
import {
  jobOf,
  keyOf,
  skipsLeft,
  type Trigger,
  type TriggerJob,
  type TriggerRef,
  type TriggerType,
  writeTrigger,
} from '../../core/trigger.ts';
import { readTrigger } from '../../core/trigger-record.ts';
import { messageComesLater } from '../../core/trigger-target.ts';
import { notUnique } from '../../core/unique.ts';
import type { DefinitionPlace, DefinitionPut } from '../../ports/store/definitions.ts';
import type { Store } from '../../ports/store/store.ts';
import type { Attempts, Hold } from './attempts.ts';
import { type Backfill, makeBackfill, noTicks } from './backfill.ts';
import type { Jobs } from './jobs.ts';
import { type KeptDefinition, makeKeptDefinitions, mostTries } from './kept-definitions.ts';
import { type CallTrigger, makeTriggerCalls } from './trigger-calls.ts';
import { makeTriggerHistory, type TriggerHistory } from './trigger-history.ts';
import type { Admit, TriggerRecord } from './trigger-record.ts';

export interface TriggerPage {
  readonly triggers: readonly TriggerRecord[];
  /** Where the next page begins; `null`: this is the last. */
  readonly next: DefinitionPlace | null;
}

/** Those about one trigger answer `null`, or `false`, when there is none. They throw `unreadable` for one that nobody can read. */
export interface Triggers {
  /** An id that no trigger has, and that nobody guesses. */
  newId(): string;
  /** Throws `conflict` when its id is taken, `invalid_request`, `malformed_trigger`, and what `admit` throws. */
  add(ref: TriggerRef, asked: NewTrigger, admit?: Admit): Promise<TriggerRecord>;
  get(ref: TriggerRef): Promise<TriggerRecord | null>;
  /** In the order of domains and ids, without those that nobody can read. `domain` `null`: all. */
  list(domain: string | null, from: DefinitionPlace | null, limit: number): Promise<TriggerPage>;
  /** Throws as `add`. */
  change(
    ref: TriggerRef,
    change: TriggerChange | ((trigger: Trigger) => TriggerChange | Promise<TriggerChange>),
    admit?: Admit,
  ): Promise<TriggerRecord | null>;
  /** It pushes nothing until it is resumed, or until a time. What it has pushed goes on. */
  pause(ref: TriggerRef, until: number | null): Promise<TriggerRecord | null>;
  /** From now on it pushes again; ticks of the meantime do not count. */
  resume(ref: TriggerRef): Promise<TriggerRecord | null>;
  /** The next `count` ticks push nothing; 0: none is left out any more. Throws `invalid_request`. */
  skip(ref: TriggerRef, count: number): Promise<TriggerRecord | null>;
  /** Its jobs stay; what it has gathered goes, and so does what is left of one that nobody can read. */
  remove(ref: TriggerRef): Promise<boolean>;
  /**
   * Pushes a job of it now, asked for by a person, also while it is paused. `payload` `null`: its message. A job of a client has begun,
   * and whoever launched it holds its attempt; `hold` `null`: nobody can. Throws `conflict` then, and what `admit` throws.
   */
  launch(ref: TriggerRef, payload: string | null, hold: Hold | null, admit?: Admit): Promise<Job | null>;
  /** Its next runs, as it stands. Throws `invalid_request` for a count that is out of bounds. */
  next(record: TriggerRecord, count: number): Preview;
  /** The next runs of one that nobody has made; none of what never fires, which nobody can make. Throws `malformed_trigger`, `unknown_trigger`, `invalid_request`. */
  preview(asked: PreviewAsked): Preview;
  readonly backfill: Backfill;
  /** What was decided about it, newest first, also of one that is gone. */
  readonly history: TriggerHistory;
  readonly call: CallTrigger;
}

export interface PreviewAsked extends Pick<NewTrigger, 'arguments' | 'timeZone' | 'daylight'> {
  readonly type: string;
  /** `null`: the store's present. */
  readonly from: number | null;
  readonly count: number;
}

/** What becomes of a trigger, and whether its ticks are looked at. */
interface Become {
  readonly trigger: Trigger;
  readonly due: 'now' | 'same';
  /** What its history tells. */
  readonly note: string;
}

export interface TriggersParts {
  readonly store: Store;
  readonly jobs: Jobs;
  readonly attempts: Pick<Attempts, 'begin'>;
  /** The store's present. */
  now(): number;
  /** A text that nobody guesses. */
  secret(): string;
  /** Something may be due sooner. */
  wakeFirer(): void;
}

export function makeTriggers({ store, jobs, attempts, now, secret, wakeFirer }: TriggersParts): Triggers {
  const { definitions } = store;

  const kept = makeKeptDefinitions(store, 'trigger', readTrigger);
  const recordOf = ({ ref, body, definition }: KeptDefinition<Trigger>): TriggerRecord => ({ ref, trigger: body, definition });

  async function get(ref: TriggerRef): Promise<TriggerRecord | null> {
    const found = await kept.get(ref);
    return found === null ? null : recordOf(found);
  }

  /** Its new version; `null`: its `if` did not hold. */
  async function put(asked: DefinitionPut): Promise<number | null> {
    const answer = await definitions.put([asked]);
    wakeFirer();
    return answer.kind === 'put' ? (answer.versions[0] ?? null) : null;
  }

  async function add(ref: TriggerRef, asked: NewTrigger, admit: Admit = asItIs): Promise<TriggerRecord> {
    const job = await admitted(ref, asked.type, asked.job, admit);
    const trigger = newTrigger({ ...asked, job }, { ref, now: now(), token: secret() });
    const version = await put({ ...putOf(ref, trigger), state: '', due: 'now', note: 'made', if: 0 });
    // As it was put: one that fires once may be gone already.
    if (version !== null) return { ref, trigger, definition: { ...newDefinition(ref, trigger), version } };
    throw new HatstandError('conflict', `There is a trigger ${JSON.stringify(ref.id)} already. Change it, or choose another id.`, {
      trigger: ref.id,
    });
  }

  /** `change` is asked again when somebody else was first. */
  async function become(ref: TriggerRef, change: (trigger: Trigger) => Become | Promise<Become>): Promise<TriggerRecord | null> {
    for (let tries = 0; tries < mostTries; tries++) {
      const record = await get(ref);
      if (record === null) return null;
      const { trigger, ...how } = await change(record.trigger);
      const { definition } = record;
      // What is known of an earlier schedule stays: it tells which ticks have fired.
      const version = await put({ ...putOf(ref, trigger), state: null, ...how, if: definition.version });
      if (version !== null) return { ref, trigger, definition: { ...definition, body: writeTrigger(trigger), version, changedAt: now() } };
    }
    throw kept.othersFirst(ref);
  }

  const looked = (trigger: Trigger, note: string) => ({ trigger, due: 'now', note }) as const;

  return {
    // A command line takes what begins with a dash for an option.
    newId: () => `t${secret()}`,
    add,
    get,
    async list(domain, from, limit) {
      const { found, next } = await kept.list(domain, from, limit);
      return { triggers: found.map(recordOf), next };
    },
    change: (ref, asked, admit = asItIs) =>
      become(ref, async (trigger) => {
        const wanted = typeof asked === 'function' ? await asked(trigger) : asked;
        const change = wanted.job === undefined ? wanted : { ...wanted, job: await admitted(ref, trigger.type, wanted.job, admit) };
        const looks = changesSchedule(change) || change.jitter !== undefined || change.endsAt !== undefined || change.missed !== undefined;
        return { trigger: changedTrigger(trigger, change, { ref, now: now() }), due: looks ? 'now' : 'same', note: changeNote(change) };
      }),
    pause: (ref, until) =>
      become(ref, (trigger) => looked(pausedTrigger(trigger, until, now()), until === null ? 'paused' : `paused until ${timeText(until)}`)),
    resume: (ref) => become(ref, (trigger) => looked(resumedTrigger(trigger, now()), 'resumed')),
    skip: (ref, count) => become(ref, (trigger) => looked(skippingTrigger(trigger, count, now()), `to skip ${count}`)),
    remove: kept.remove,
    async launch(ref, payload, hold, admit = asItIs) {
      const record = await get(ref);
      if (record === null) return null;
      const { trigger } = record;
      const wanted = await admit(jobOf(keyOf(ref), trigger, {}, { manual: true, payload: payload ?? trigger.job.payload }), 'all');
      // Who launches it means this one, whatever others there are, and now.
      const asked = { ...wanted, options: withoutMoment(notUnique(wanted.options)) };
      if (trigger.type === '@client') return attempts.begin(ofClient(asked), hold ?? noHolder(ref));
      const [pushed] = await jobs.push([asked]);
      if (pushed?.kind === 'refused') throw pushed.error;
      if (pushed === undefined || pushed.kind === 'conflict') throw new Error('the store did not keep the job');
      return pushed.job;
    },
    next({ trigger, definition }, count) {
      const { schedule, pausedUntil, endsAt } = trigger;
      if (trigger.bad !== null || pausedUntil === 'resumed')
        return { next: [], notes: ['Never: it is paused, or was found bad, until it is resumed.'] };
      if (schedule === null) throw noTicks(trigger);
      const skips = skipsLeft(trigger, definition);
      return preview(schedule, now(), count, { pausedUntil, endsAt, skips });
    },
    preview({ type, arguments: text = '', timeZone, daylight, from, count }) {
      const begins = from ?? now();
      const made = { timeZone: timeZone ?? undefined, daylight, now: begins, identity: '' };
      try {
        return preview(parseSchedule(type, text, made), begins, count);
      } catch (error) {
        if (isNeverFires(error)) return { next: [], notes: [error.message] };
        throw error;
      }
    },
    backfill: makeBackfill({ jobs, now }),
    history: makeTriggerHistory(store),
    call: makeTriggerCalls({ definitions, jobs, now }),
  };
}

/** Which fields were named. */
const changeNote = (change: TriggerChange): string =>
  `changed: ${Object.entries(change)
    .flatMap(([field, value]) => (value === undefined ? [] : field))
    .join(', ')}`;

const asItIs: Admit = (job) => Promise.resolve(job);

/** What its jobs are, as far as their pusher may say it. */
async function admitted(ref: TriggerRef, type: TriggerType, job: TriggerJob, admit: Admit): Promise<TriggerJob> {
  const { options } = await admit(jobOf(keyOf(ref), { job }, {}), messageComesLater(type, job) ? 'worker' : 'all');
  return { ...job, options };
}

function noHolder({ id }: TriggerRef): never {
  const message = `The trigger ${JSON.stringify(id)} is of the type @client: its client launches it over HTTP, and tells what becomes of the job.`;
  throw new HatstandError('conflict', message);
}

/** Nobody but its client runs it, so it is not tried again, also when its client is gone. */
const ofClient = (job: NewJob): NewJob => ({
  ...job,
  worker: clientWorker,
  options: { ...job.options, retry: noRetry, onLost: 'fail' },
});

const putOf = (ref: TriggerRef, trigger: Trigger): Omit<DefinitionPut, 'state' | 'due' | 'if'> => ({
  ...keyOf(ref),
  group: trigger.type === '@event' ? 'event' : '',
  body: writeTrigger(trigger),
  dueOnEnd: false,
});

const newDefinition = (ref: TriggerRef, trigger: Trigger): Omit<Definition, 'version'> => ({
  ...putOf(ref, trigger),
  ...{
    state: '',
    due: trigger.since,
    firedAt: null,
    changedAt: trigger.createdAt,
    window: null,
    owned: { ...noFacts, live: 0, ended: null },
  },
});
