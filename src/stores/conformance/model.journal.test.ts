import { describe } from 'vitest';
import type { Publish } from '../../ports/store/journal.ts';
import type { Store } from '../../ports/store/store.ts';
import type { Alterations } from './altered.ts';
import { callByCall } from './model.commands.ts';
import { type Flaws, noticesAll } from './model.flaws.ts';

/** Publishes something else than it was asked. */
const publishing =
  (change: (asked: Publish) => Partial<Publish>) =>
  (store: Store): Alterations => ({ journal: { publish: (step) => store.journal.publish({ ...step, ...change(step) }) } });

describe('the model, of events', () => {
  const flaws: Flaws = [
    ['publishes by whatever rules', publishing(() => ({ rules: null }))],
    ['tells an event again under its key', publishing(({ events }) => ({ events: events.map((event) => ({ ...event, key: null })) }))],
    [
      'takes the keys of domains for one another',
      publishing(({ events }) => ({ events: events.map((event) => ({ ...event, domain: '' })) })),
    ],
    ['does what known events cause', publishing(({ causes }) => ({ causes: causes.map((cause) => ({ ...cause, event: null })) }))],
    ['does nothing of what events cause', publishing(() => ({ causes: [] }))],
    ['loses what a document was before', publishing(({ events }) => ({ events: events.map((event) => ({ ...event, old: null })) }))],
    ['moves no reader', publishing(() => ({ follow: null }))],
    ['moves a reader too far', publishing(({ follow }) => ({ follow: follow === null ? null : { ...follow, to: follow.to + 1 } }))],
    [
      'forgets the events',
      (store) => ({
        journal: {
          async entries(after, limit) {
            const page = await store.journal.entries(after, limit);
            return { ...page, entries: page.entries.map((entry) => ({ ...entry, told: [] })) };
          },
        },
      }),
    ],
  ];

  noticesAll(flaws, callByCall);
});
