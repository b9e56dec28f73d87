/** The methods of a Hatstand that are about events. */
import type { NewJob } from '../core/job.ts';
import type { PublishedEvent } from '../engine/api/events.ts';
import {
  type EventGap,
  type EventListener,
  type EventOptions,
  type EventPreview,
  type EventsOptions,
  eventOf,
  followEvents,
  type HeardEvent,
  type ListenerParts,
  listenHere,
  previewView,
  topicsOf,
} from './happenings.ts';
import type { Job, JobRef } from './job.ts';
import { call as aFunction, readAs } from './option.ts';
import type { WorkerOptions } from './options.ts';
import { QueueMethods } from './queue-methods.ts';
import type { Ask } from './unreadable.ts';
import { type Watched, type WatchedTask, type WatchOptions, watchLive } from './watch.ts';
import type { WorkerFunction } from './worker.ts';

export interface EventParts extends ListenerParts {
  readonly ask: Ask;
  /** Throws what `register` would throw. */
  checkFree(worker: string, options: WorkerOptions | undefined, call: WorkerFunction<never, unknown>): void;
  /** Registers a worker; answers the job of a push to it that says nothing. */
  register(worker: string, options: WorkerOptions | undefined, call: WorkerFunction<never, unknown>): NewJob;
}

export abstract class EventMethods extends QueueMethods {
  /** Of listeners that do not know yet from where on they hear. */
  readonly #beginning = new Set<Promise<void>>();

  /** Throws `shutting_down` after a stop. */
  protected abstract get eventParts(): EventParts;

  /**
   * Tells an event, or up to 1,000 of them in their order, each with the jobs that triggers push for it, in one step. Answers when they
   * are kept. Throws `invalid_request`, `too_large`, `shutting_down`, and what the store throws.
   */
  async publish(events: EventOptions | readonly EventOptions[]): Promise<readonly PublishedEvent[]> {
    const asked = (Array.isArray(events) ? events : [events]).map((event) => eventOf(event));
    const { ask } = this.eventParts;
    // What is published here once `listenTo` has answered is heard.
    for (const begun of this.#beginning) await begun;
    return ask(({ events: { publish } }) => publish(asked));
  }

  /** What an event would push, if it was published now: nothing is told and nothing is pushed. Throws as `publish`. */
  async previewEvent(event: EventOptions): Promise<EventPreview> {
    const asked = eventOf(event, 'previewEvent');
    return previewView(await this.eventParts.ask(({ events }) => events.preview(asked)));
  }

  /**
   * Calls a listener on this node for each event of a topic (`io.files`, `io.*`, `*`, `io.files:7`; `hatstand.jobs` for what becomes of
   * jobs) that is told from now on, one after the other: all that this Hatstand publishes once this has answered, and what others do once
   * the store has been asked where it stands. What it throws is logged. Answers how to end it. Throws `invalid_request`.
   */
  listenTo(topics: string | readonly string[], listener: EventListener): () => void {
    const heard = topicsOf(topics, 'listenTo');
    const call = readAs(aFunction, listener, 'listener', 'listenTo') as EventListener;
    const { begun, end } = listenHere(this.eventParts, heard, null, call);
    this.#beginning.add(begun);
    void begun.then(() => this.#beginning.delete(begun));
    return end;
  }

  /**
   * Once in the cluster: each event of a topic becomes a job of this worker, which is kept, retried and run by whichever node registers
   * it, from the first time on that this is called anywhere. Answers when that is kept. Throws as `worker`, and what the store throws;
   * then there is no such worker yet, and it may be tried again.
   */
  async subscribe(
    name: string,
    topics: string | readonly string[],
    call: WorkerFunction<never, unknown>,
    options?: WorkerOptions,
  ): Promise<void> {
    const heard = topicsOf(topics, 'subscribe');
    const { ask, checkFree, register } = this.eventParts;
    checkFree(name, options, call);
    await ask(({ subscribe }) => subscribe({ name, topics: heard, domain: null }, () => register(name, options, call)));
  }

  /**
   * A job, or a task, live, wherever it runs: how it stands, how far it is, its log, and what its function tells by `emit`, each when it is asked
   * for, from now on or behind a place. Ends when the job has ended, or the task, and when this Hatstand stops. Throws `invalid_request`,
   * `not_found`.
   */
  watch(what: JobRef | Job | WatchedTask, options?: WatchOptions): AsyncGenerator<Watched, void> {
    const { engine, closing } = this.eventParts;
    return watchLive(engine, what, options, closing);
  }

  /** The events of a topic, each when it is asked for: from now on, or behind a place. Ends when this Hatstand stops. Throws `invalid_request`, `invalid_cursor`. */
  events(topics: string | readonly string[], options?: EventsOptions): AsyncGenerator<HeardEvent | EventGap> {
    const { engine, closing } = this.eventParts;
    return followEvents(engine, topics, options, closing);
  }
}
