import { describe } from 'vitest';
import type { Decision } from '../../core/definition.ts';
import type { Firing } from '../../ports/store/definitions.ts';
import type { Store } from '../../ports/store/store.ts';
import type { Alterations } from './altered.ts';
import { callByCall } from './model.commands.ts';
import { type Flaws, noticesAll } from './model.flaws.ts';

/** Decides otherwise than it was asked. */
const firing =
  (change: (asked: Firing) => Partial<Decision>) =>
  (store: Store): Alterations => ({
    definitions: { fire: (firings) => store.definitions.fire(firings.map((asked) => ({ ...asked, ...change(asked) }))) },
  });

/** Fires what is there, whatever was decided on. */
const careless =
  (guard: 'version' | 'tick') =>
  (store: Store): Alterations => ({
    definitions: {
      async fire(firings) {
        const { definitions } = await store.definitions.list({ by: 'keys', keys: firings });
        return store.definitions.fire(
          firings.map((asked) => {
            const seen = definitions.find(({ domain, key }) => domain === asked.domain && key === asked.key);
            if (seen === undefined) return asked;
            return { ...asked, ...(guard === 'version' ? { version: seen.version } : { tick: seen.due ?? asked.tick }) };
          }),
        );
      },
    },
  });

describe('the model, of definitions', () => {
  const flaws: Flaws = [
    ['fires for another version', careless('version')],
    ['fires at another tick', careless('tick')],
    ['forgets when a definition is due next', firing(() => ({ next: null }))],
    ['keeps a definition that was fired for the last time', firing(({ next }) => (next === 'removed' ? { next: null } : {}))],
    ['forgets the state that a firing sets', firing(() => ({ state: '' }))],
    ['pushes although earlier jobs are in the way', firing(({ overlap }) => (overlap === 'skip' ? { overlap: 'allow' } : {}))],
    ['pushes none beside one that runs', firing(({ overlap }) => (overlap === 'one' ? { overlap: 'skip' } : {}))],
    ['leaves alone what is to be replaced', firing(({ overlap }) => (overlap === 'replace' ? { overlap: 'allow' } : {}))],
    ['collects no window', firing(() => ({ collect: null }))],
    [
      'forgets when what comes in was fired',
      (store) => ({
        definitions: {
          restore: (copies) =>
            store.definitions.restore(copies.map((copy) => ({ ...copy, definition: { ...copy.definition, firedAt: null } }))),
        },
      }),
    ],
    ['loses the note of a firing', firing(() => ({ note: '' }))],
    [
      'fires what it has fired already',
      (store) => ({
        definitions: {
          async fire(firings) {
            const fired = await store.definitions.fire(firings);
            await store.jobs.push(firings.flatMap(({ jobs }, at) => (fired[at]?.kind === 'lost' ? jobs : [])));
            return fired;
          },
        },
      }),
    ],
    [
      'puts whatever version there is',
      (store) => ({
        definitions: {
          put: (puts, by) =>
            store.definitions.put(
              puts.map((put) => ({ ...put, if: null })),
              by,
            ),
        },
      }),
    ],
    ['puts for an attempt that is over', (store) => ({ definitions: { put: (puts) => store.definitions.put(puts) } })],
    [
      'does not wake a definition at the end of a job',
      (store) => ({
        definitions: {
          put: (puts, by) =>
            store.definitions.put(
              puts.map((put) => ({ ...put, dueOnEnd: false })),
              by,
            ),
        },
      }),
    ],
    [
      'forgets the group of a definition',
      (store) => ({
        definitions: {
          put: (puts, by) =>
            store.definitions.put(
              puts.map((put) => ({ ...put, group: '' })),
              by,
            ),
        },
      }),
    ],
    [
      'lets no window slide',
      (store) => ({ definitions: { gather: (parts) => store.definitions.gather(parts.map((part) => ({ ...part, maxWait: null }))) } }),
    ],
    [
      'gathers more than fits',
      (store) => ({
        definitions: {
          gather: (parts) => store.definitions.gather(parts.map((part) => ({ ...part, most: { parts: 1_000, characters: 100_000 } }))),
        },
      }),
    ],
    ['forgets what it has gathered', () => ({ definitions: { gather: async (parts) => parts.map(() => 'gathered' as const) } })],
    ['forgets whose job it is', (store) => ({ jobs: { push: (jobs) => store.jobs.push(jobs.map((job) => ({ ...job, owner: '' }))) } })],
    [
      'finds nothing due',
      (store) => ({ definitions: { due: async () => ({ ...(await store.definitions.due([], 0, 0)), nextIn: null }) } }),
    ],
  ];

  noticesAll(flaws, callByCall);
});
