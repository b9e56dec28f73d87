/** Events under `/v1`: published, and followed as they are told. */

import type { HatstandError } from '../../core/errors.ts';
import type { EventVerb } from '../../core/event.ts';
import { type Connection, query } from './connection.ts';
import { followBlocks } from './follow-blocks.ts';
import { checkOptions } from './options.ts';

export interface NewEvent {
  readonly type: string;
  /** `NOTIFIED` reaches those who listen, and fires nothing. */
  readonly verb: EventVerb;
  /** Of the document. */
  readonly id: string;
  readonly doc?: unknown;
  readonly old?: unknown;
  readonly domain?: string;
  /** Your own, so that a publish can be repeated. */
  readonly key?: string;
}

/** What became of an event that was published. */
export interface PublishedEvent {
  /** `known`: one was published under its key before, so that it was not told again. */
  readonly kind: 'told' | 'known';
  readonly entry: number;
  readonly number: number;
  /** The jobs that were pushed for it. */
  readonly jobs: readonly string[];
  /** Into how many windows it went, and into how many it did not, because they are full. */
  readonly gathered: number;
  readonly dropped: number;
}

export interface EventPreview {
  /** Triggers whose rules match it, also those that push nothing since they are paused, have ended or are bad. */
  readonly matched: number;
  readonly pushes: readonly {
    readonly trigger: string;
    readonly domain: string;
    /** It would go into a window, and be pushed with others. */
    readonly gathers: boolean;
    readonly worker: string | null;
    readonly queue: string | null;
    readonly payload: unknown;
  }[];
}

/** An event that was told. */
export interface ToldEvent {
  readonly type: string;
  readonly verb: EventVerb;
  readonly id: string;
  readonly domain: string;
  /** `null`: it was not said. */
  readonly doc: unknown;
  readonly old: unknown;
}

export type Heard =
  | { readonly kind: 'event'; readonly event: ToldEvent; readonly place: string }
  /** Events before this place are not there any more (`swept`), or the store has lost its newest moments (`rewound`). */
  | { readonly kind: 'gap'; readonly gap: 'swept' | 'rewound'; readonly place: string };

export interface FollowOptions {
  /** Of this tenant alone. */
  readonly domain?: string | undefined;
  /** Behind the event of this place. Default: from now on. */
  readonly after?: string | undefined;
  /** Ends it when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Told when the connection is lost; it is made again, until it is there. */
  readonly onLost?: ((fault: HatstandError) => void) | undefined;
}

export interface Events {
  /** One event, or up to 1,000 in their order; text is sent as it is: JSON, or with `ndjson` a line for each. */
  publish(events: NewEvent | readonly NewEvent[] | string, kind?: 'json' | 'ndjson'): Promise<readonly PublishedEvent[]>;
  /** What an event would push, if it was published now. */
  preview(event: NewEvent | string): Promise<EventPreview>;
  /**
   * The events of topics such as `io.files`, `io.*`, `*` or `io.files:7`, each once: a connection that is lost is made again and goes on
   * where it was. Throws for what does not pass by itself, also when the server was never reached.
   */
  follow(topics: readonly string[], options?: FollowOptions): AsyncGenerator<Heard, void>;
}

export function makeEvents(connection: Connection): Events {
  function pathOf(topics: readonly string[], domain: string | undefined, after: string | undefined): string {
    const named = topics.map((topic) => `&topic=${encodeURIComponent(topic)}`).join('');
    const rest = query({ domain, after });
    return `/v1/events${rest === '' ? `?${named.slice(1)}` : `${rest}${named}`}`;
  }

  async function* follow(topics: readonly string[], options: FollowOptions = {}): AsyncGenerator<Heard, void> {
    checkOptions(options, { domain: true, after: true, signal: true, onLost: true }, 'follow');
    const { domain, signal, onLost } = options;
    let { after } = options;
    for await (const { event, id, data } of followBlocks({
      connection,
      pathOf: (place) => pathOf(topics, domain, place),
      after,
      signal,
      onLost,
    })) {
      after = id ?? after;
      if (data === null || after === undefined) continue;
      if (event === 'gap') yield { kind: 'gap', gap: (JSON.parse(data) as { gap: 'swept' | 'rewound' }).gap, place: after };
      else yield { kind: 'event', event: JSON.parse(data) as ToldEvent, place: after };
    }
  }

  return {
    async publish(events, kind = 'json') {
      const body = typeof events === 'string' ? events : JSON.stringify(events);
      const contentType = kind === 'json' ? 'application/json' : 'application/x-ndjson';
      const { events: published } = await connection.json<{ readonly events: readonly PublishedEvent[] }>({
        ...{ method: 'POST', path: '/v1/events', body, contentType },
      });
      return published;
    },
    preview: (event) =>
      connection.json({ method: 'POST', path: '/v1/events/preview', body: typeof event === 'string' ? event : JSON.stringify(event) }),
    follow,
  };
}
