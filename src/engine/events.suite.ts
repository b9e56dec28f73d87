/** What the tests of events share. */
import { type EventRequest, newEvent } from '../core/event.ts';
import { parseTopic } from '../core/event-topic.ts';
import type { JobId } from '../core/id.ts';
import type { Job } from '../core/job.ts';
import type { NewTrigger } from '../core/new-trigger.ts';
import type { Store } from '../ports/store/store.ts';
import { all } from '../stores/conformance/subject.ts';
import type { EventPlace } from './api/event-place.ts';
import type { Followed } from './api/feed.ts';
import { ask } from './engine.suite.ts';
import type { Engine } from './engine.ts';

export const event = (otherwise: Partial<EventRequest> = {}) => newEvent({ type: 'io.files', verb: 'CREATED', id: 'a', ...otherwise });

export const publish = (engine: Engine, ...events: readonly Partial<EventRequest>[]) => engine.events.publish(events.map(event));

/** A trigger of events for the worker `work`. */
export async function rule(engine: Engine, id: string, rules: string, otherwise: Partial<NewTrigger> = {}): Promise<void> {
  await engine.triggers.add({ domain: '', id }, { type: '@event', arguments: rules, job: { ...ask(), payload: '{"m":1}' }, ...otherwise });
}

export const jobsIn = async (store: Store): Promise<readonly Job[]> => (await store.jobs.list(all)).jobs;
export const aboutOf = async (store: Store, id: JobId | undefined): Promise<unknown> =>
  JSON.parse((await store.jobs.get(id ?? ''))?.about ?? 'null');

interface Follower {
  next(): Promise<Followed>;
  /** The next event; its type, verb and id. */
  event(): Promise<string>;
  stop(): void;
}

/** One that has heard all that was told so far, unless it begins at a place. */
export async function follower(
  engine: Engine,
  topics: readonly string[],
  { after = null, domain = null }: { readonly after?: EventPlace | null; readonly domain?: string | null } = {},
): Promise<Follower> {
  const end = new AbortController();
  const followed = engine.events.follow({ topics: topics.map(parseTopic), domain, after, signal: end.signal });
  const next = async (): Promise<Followed> => {
    const { value } = await followed.next();
    if (value === undefined) throw new Error('the follower has ended');
    return value;
  };
  if (after === null) await next();
  return {
    next,
    async event() {
      for (;;) {
        const told = await next();
        if (told.kind === 'gap') return `gap: ${told.gap}`;
        if (told.kind === 'event') return `${told.event.type} ${told.event.verb} ${told.event.id}`;
      }
    },
    stop: () => end.abort(),
  };
}
