/**
 * What may be asked of events: to publish some, and to follow what is told. Events that are published within one turn, or while others
 * are on their way, travel together: each is told in one step with all that it causes, in the order in which they came.
 */
import { HatstandError, isTemporary } from '../../core/errors.ts';
import { checkPublish, type NewEvent, sizeOfEvent } from '../../core/event.ts';
import { type Caused as AllCaused, allCaused, type EventCause } from '../../core/event-cause.ts';
import { mostSteps } from '../../core/event-fields.ts';
import type { JobId } from '../../core/id.ts';
import { failpoint } from '../../failpoint.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Cause, Caused, Published } from '../../ports/store/journal.ts';
import type { Store } from '../../ports/store/store.ts';
import { byRules, type Rules } from '../rules.ts';
import type { Feed } from './feed.ts';

/** What became of an event that was published. */
export interface PublishedEvent {
  /** `known`: one was published under its key before, so that it is not told again and causes nothing. */
  readonly kind: 'told' | 'known';
  /** Of its entry in the journal, and its place there. */
  readonly seq: number;
  readonly number: number;
  /** The jobs that were pushed for it. */
  readonly jobs: readonly JobId[];
  /** Into how many windows it went. */
  readonly gathered: number;
  /** Into how many it did not go, because they hold as much as they may. */
  readonly dropped: number;
  /** How many jobs were not pushed for it, because their queues are closed or limits reached. */
  readonly refused: number;
}

export interface Events extends Pick<Feed, 'follow' | 'follower'> {
  /**
   * Tells events, at most 1,000 of 8 MiB in all, in their order. Each is told with all that it causes in one step, those of one call in
   * as few as possible: when it fails, `details.told` says how many of the first were told, and who repeats it gives them keys. One that
   * causes more than `eventLimits` allow, or takes too much to match, is `too_large`.
   *
   * Errors: `invalid_request`, `too_large`, `shutting_down`, those of the store.
   */
  publish(events: readonly NewEvent[]): Promise<readonly PublishedEvent[]>;
  /** What it would cause, if it was published now: nothing is told and nothing pushed. Errors: as of `publish`. */
  preview(event: NewEvent): Promise<EventPreview>;
}

export interface EventPreview {
  /** How many triggers match it, also those that are paused, have ended or are bad, and so push nothing. */
  readonly matched: number;
  readonly causes: readonly EventCause[];
}

export interface EventsParts {
  readonly store: Store;
  readonly rules: Rules;
  readonly feed: Feed;
  readonly clock: Pick<Clock, 'soon'>;
  /** The store's present. */
  now(): number;
  /** There may be something to claim. */
  wake(): void;
  isStopping(): boolean;
}

/** What travels in one step: so many events, causes and characters, but one event at least, and what one event may cause. */
const step = { events: 1_000, causes: 1_000, characters: 4 * 1024 * 1024, matching: mostSteps } as const;
/** Steps of matching behind which others have their turn, and characters of documents that are read in the time of one. */
const perTurn = 50_000;
const charactersPerStep = 16;
/** Events that may wait for their step. */
const mostWaiting = 100_000;

type PublishedStep = Extract<Published, { readonly kind: 'published' }>;

/** One publish. */
interface Call {
  readonly count: number;
  readonly published: PublishedEvent[];
  resolve(published: readonly PublishedEvent[]): void;
  reject(error: unknown): void;
}

interface Waiting {
  readonly event: NewEvent;
  readonly call: Call;
}

/** What is told at once, with what it causes by the rules of a version. */
interface Step {
  readonly batch: readonly Waiting[];
  readonly causes: readonly Cause[];
  readonly version: number;
}

type CausedBy = (AllCaused & { readonly steps: number }) | { readonly refused: unknown };

type Decided =
  | { readonly batch: readonly Waiting[]; readonly causes: readonly Cause[] }
  /** The first event causes too much. */
  | { readonly refused: unknown; readonly call: Call };

export function makeEvents(parts: EventsParts): Events {
  const { store, rules, now, wake, clock } = parts;
  const turn = (): Promise<void> => new Promise((resolve) => clock.soon(resolve));
  let waiting: Waiting[] = [];
  let isUnderWay = false;

  /** As many of the first as go into one step, decided by the rules that are known. */
  async function decide(): Promise<Decided> {
    const causes: Cause[] = [];
    const present = now();
    let [characters, matching, count, sinceTurn] = [0, 0, 0, 0];
    for (const { event, call } of waiting) {
      if (sinceTurn >= perTurn) {
        await turn();
        sinceTurn = 0;
      }
      const decided = await causedBy(event, present);
      if ('refused' in decided) {
        // It was looked at for as long as one may be.
        await turn();
        // Those before it are told; then it is the first, and its call fails.
        if (count === 0) return { ...decided, call };
        break;
      }
      characters += sizeOfEvent(event) + decided.characters;
      matching += decided.steps;
      sinceTurn += decided.steps + sizeOfEvent(event) / charactersPerStep;
      const isMuch = characters > step.characters || matching > step.matching;
      if (count > 0 && (isMuch || count >= step.events || causes.length + decided.causes.length > step.causes)) break;
      for (const each of decided.causes) causes.push({ ...each, event: count });
      count += 1;
    }
    return { batch: waiting.slice(0, count), causes };
  }

  async function causedBy(event: NewEvent, present: number): Promise<CausedBy> {
    try {
      const { triggers, steps, causes } = await rules.match(event, present);
      return { ...allCaused(causes, triggers), steps };
    } catch (refused) {
      return { refused };
    }
  }

  /** Answers whether the step was done; `false`: the rules have changed meanwhile. */
  async function tell({ batch, causes, version }: Step): Promise<boolean> {
    try {
      const events = batch.map(({ event }) => event);
      const published = await store.journal.publish({ events, causes, rules: version, follow: null });
      if (published.kind !== 'published') return false;
      failpoint('publish.kept');
      waiting = waiting.slice(batch.length);
      answer(batch, published, causes);
    } catch (error) {
      const alone = isTemporary(error) ? [] : ofEachCall({ batch, causes, version });
      if (alone.length > 1) return tellEach(alone);
      fail(new Set(batch.map(({ call }) => call)), error);
    }
    return true;
  }

  /** One after the other: what of one call fails is in no other's way. What is not told yet stays the first of what waits. */
  async function tellEach(steps: readonly Step[]): Promise<boolean> {
    for (const step of steps) if (!(await tell(step))) return false;
    return true;
  }

  /** Of a publish that fails, what has not been told is not told any more: else somebody who repeats it would tell it twice. */
  function fail(calls: ReadonlySet<Call>, error: unknown): void {
    waiting = waiting.filter(({ call }) => !calls.has(call));
    for (const { reject, published } of calls) reject(published.length === 0 ? error : cutShort(error, published.length));
  }

  function answer(batch: readonly Waiting[], { events, causes: caused }: PublishedStep, causes: readonly Cause[]): void {
    if (caused.some(({ kind }) => kind === 'pushed')) wake();
    const ofEvent = Map.groupBy(caused, (_, at) => causes[at]?.event ?? null);
    for (const [at, { call }] of batch.entries()) {
      const event = events[at];
      if (event === undefined) continue;
      if (call.published.push({ ...event, ...countOf(ofEvent.get(at) ?? []) }) === call.count) call.resolve(call.published);
    }
  }

  /** Decides about a step, and decides again when the rules have changed. */
  const tellFirst = (): Promise<void> =>
    byRules(rules, async (version, isFirst) => {
      const decided = await decide();
      if (!('refused' in decided)) return tell({ ...decided, version });
      // Triggers that were in the way may be gone by now.
      if (isFirst) return false;
      fail(new Set([decided.call]), decided.refused);
      return true;
    });

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      try {
        await tellFirst();
      } catch (error) {
        fail(new Set(waiting.map(({ call }) => call)), error);
      }
    }
    isUnderWay = false;
  }

  /** Behind what runs now, so that all that it publishes is there. */
  function begin(): void {
    if (isUnderWay) return;
    isUnderWay = true;
    void Promise.resolve().then(run);
  }

  return {
    follow: parts.feed.follow,
    follower: parts.feed.follower,
    async preview(event) {
      await rules.catchUp();
      const { triggers, causes } = await rules.match(event, now());
      return { matched: triggers, causes: allCaused(causes, triggers).causes };
    },
    async publish(events) {
      checkPublish(events);
      if (parts.isStopping()) throw new HatstandError('shutting_down', 'This node is shutting down. Publish to another one, or later.');
      if (waiting.length + events.length > mostWaiting) {
        throw new HatstandError('overloaded', `${waiting.length} events are on their way to the store. Publish these a little later.`);
      }
      failpoint('publish.received');
      if (events.length === 0) return [];
      return new Promise((resolve, reject) => {
        const call: Call = { count: events.length, published: [], resolve, reject };
        for (const event of events) waiting.push({ event, call });
        begin();
      });
    },
  };
}

/** The same as so many steps, each of one call alone. */
function ofEachCall({ batch, causes, version }: Step): readonly Step[] {
  const starts = batch.flatMap(({ call }, at) => (call === batch[at - 1]?.call ? [] : at));
  return starts.map((from, index) => {
    const to = starts[index + 1] ?? batch.length;
    const own = causes.flatMap((cause) => {
      const { event } = cause;
      return event !== null && event >= from && event < to ? { ...cause, event: event - from } : [];
    });
    return { batch: batch.slice(from, to), causes: own, version };
  });
}

function countOf(caused: readonly Caused[]): Pick<PublishedEvent, 'jobs' | 'gathered' | 'dropped' | 'refused'> {
  const jobs = caused.flatMap((each) => ('id' in each ? each.id : []));
  const count = (wanted: Caused['kind']): number => caused.filter(({ kind }) => kind === wanted).length;
  return { jobs, gathered: count('gathered'), dropped: count('dropped'), refused: count('closed') + count('limited') };
}

/** Only the first events were told. */
function cutShort(error: unknown, told: number): unknown {
  if (!(error instanceof HatstandError)) return error;
  const message = `${error.message} The first ${told} events were told; publish the others again, or all if they have keys.`;
  return new HatstandError(error.code, message, { ...error.details, told }, { cause: error });
}
