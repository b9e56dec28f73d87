import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { ownerOf } from '../../core/definition.ts';
import type { Store } from '../../ports/store/store.ts';
import { altered } from '../../stores/conformance/altered.ts';
import { asked } from '../../stores/conformance/subject.ts';
import { openMemory } from '../../stores/memory/index.ts';
import { event } from '../events.suite.ts';
import { type DecisionPage, makeTriggerHistory } from './trigger-history.ts';

const key = { kind: 'trigger', domain: '', key: 'report' } as const;
const owner = ownerOf(key);

/** One that is due again at once, with so many jobs of it. */
async function fire(store: Store, jobs: number, tick: number): Promise<void> {
  const job = asked({ owner });
  const { definitions } = await store.definitions.list({ by: 'keys', keys: [key] });
  const version = definitions[0]?.version ?? expect.fail('it is there');
  const decision = {
    next: tick + 1,
    state: '',
    jobs: Array.from({ length: jobs }, () => job),
    overlap: 'allow',
    collect: null,
    note: '',
  } as const;
  expect(await store.definitions.fire([{ ...key, version, tick, knownPutOff: null, ...decision }])).toMatchObject([{ kind: 'fired' }]);
}

async function opened(): Promise<{ readonly store: Store; readonly tick: number }> {
  const store = openMemory();
  await store.definitions.put([{ ...key, group: '', body: '{}', state: '', due: 'now', dueOnEnd: false, if: null }]);
  const { definitions } = await store.definitions.due(['trigger'], 1, 0);
  return { store, tick: definitions[0]?.due ?? expect.fail('it is due') };
}

it('has the jobs of each decision, however many came behind them', async () => {
  const { store, tick } = await opened();
  await fire(store, 2, tick);
  await store.jobs.push(Array.from({ length: 1_500 }, () => asked({ owner })));
  await fire(store, 3, tick + 1);
  const history = makeTriggerHistory(store);
  const newest = await history(key, null, 10);
  const pushed = await history(key, newest.next, 10);
  const oldest = await history(key, pushed.next, 10);
  const shown = ({ decisions }: DecisionPage): unknown[] =>
    decisions.map((each) => (each.kind === 'decided' ? each.jobs.length : each.kind));
  expect([newest, pushed, oldest].map(shown)).toEqual([[3], Array.from({ length: 1_500 }, () => 'pushed'), [2, 'changed']]);
});

it('tells why each job was pushed otherwise than by a firing, among those of others', async () => {
  const { store, tick } = await opened();
  const about = (what: object): string => JSON.stringify(what);
  const other = asked({ owner: ownerOf({ ...key, key: 'other' }) });
  await store.jobs.push([asked({ owner, manual: true }), other]);
  await fire(store, 1, tick);
  const event = { type: 'io.files', verb: 'CREATED', id: '7' };
  await store.jobs.push([
    other,
    asked({ owner, about: about({ event }) }),
    asked({ owner, about: about({ backfill: true, tick: 'then' }) }),
  ]);
  await store.jobs.push([other, asked({ owner }), asked({ owner, about: '[no' })]);
  const { decisions, next } = await makeTriggerHistory(store)(key, null, 100);
  expect(decisions.map(({ kind, why }) => [kind, why])).toEqual([
    ['pushed', 'called'],
    ['pushed', 'called'],
    ['pushed', 'backfill of then'],
    ['pushed', 'event io.files CREATED 7'],
    ['decided', ''],
    ['pushed', 'launched'],
    ['changed', ''],
  ]);
  expect(next).toBeNull();
});

it('comes past a step that pushed more jobs than a page looks for', async () => {
  const { store, tick } = await opened();
  await fire(store, 1, tick);
  await store.jobs.push(Array.from({ length: 11_000 }, () => asked({ owner })));
  const history = makeTriggerHistory(store);
  const page = await history(key, null, 10);
  expect(page.decisions).toHaveLength(11_000);
  expect((await history(key, page.next, 10)).decisions.map(({ kind }) => kind)).toEqual(['decided', 'changed']);
});

it('reads the jobs of a trigger once for a page, however much others push between', async () => {
  const { store, tick } = await opened();
  await fire(store, 3, tick);
  const other = asked({ owner: ownerOf({ ...key, key: 'other' }) });
  for (let at = 0; at < 400; at++) await store.jobs.push([other]);
  let lists = 0;
  const watched = altered(store, {
    jobs: {
      list(query) {
        lists += 1;
        return store.jobs.list(query);
      },
    },
  });
  const { decisions } = await makeTriggerHistory(watched)(key, null, 10);
  expect([decisions.map(({ kind }) => kind), lists]).toEqual([['decided', 'changed'], 1]);
});

it('goes on page after page, whatever others push between', async () => {
  const { store } = await opened();
  const other = asked({ owner: ownerOf({ ...key, key: 'other' }) });
  for (let at = 0; at < 60; at++) await store.jobs.push([...Array.from({ length: 200 }, () => asked({ owner })), other]);
  const history = makeTriggerHistory(store);
  const ids: string[] = [];
  let pages = 0;
  for (let before: number | null = null, isLast = false; !isLast; pages++) {
    const page: DecisionPage = await history(key, before, 500);
    expect(page.decisions.length).toBeLessThanOrEqual(500);
    ids.push(...page.decisions.flatMap((each) => (each.kind === 'pushed' ? each.jobs.map(({ id }) => id) : [])));
    [before, isLast] = [page.next, page.next === null];
  }
  expect(ids.length).toBe(12_000);
  expect(new Set(ids).size).toBe(12_000);
  expect(pages).toBeGreaterThan(24);
});

it('ends a page before it has too many jobs to look for, and goes on there', async () => {
  const { store, tick } = await opened();
  for (let at = 0; at < 12; at++) await fire(store, 1_000, tick + at);
  const history = makeTriggerHistory(store);
  const page = await history(key, null, 100);
  expect(page.decisions).toHaveLength(10);
  const rest = await history(key, page.next, 100);
  expect([...page.decisions, ...rest.decisions].map((each) => (each.kind === 'decided' ? each.jobs.length : each.kind))).toEqual([
    ...Array.from({ length: 12 }, () => 1_000),
    'changed',
  ]);
});

it('keeps nothing of events that entries tell beside it', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const { store, tick } = await opened();
  await store.journal.publish({ events: [event()], causes: [], rules: null, follow: null });
  await fire(store, 1, tick);
  const documents: WeakRef<object>[] = [];
  let alive = -1;
  const watched = altered(store, {
    journal: {
      async entries(after, limit) {
        const page = await store.journal.entries(after, limit);
        const entries = page.entries.map((entry) => {
          const told = [...entry.told];
          documents.push(new WeakRef(told));
          return { ...entry, told };
        });
        return { ...page, entries };
      },
    },
    jobs: {
      async list(query) {
        await new Promise(setImmediate);
        collect();
        alive = documents.filter((each) => each.deref() !== undefined).length;
        return store.jobs.list(query);
      },
    },
  });
  expect((await makeTriggerHistory(watched)(key, null, 10)).decisions).toHaveLength(2);
  // The oldest entry, which says since when everything is known.
  expect(documents.length - alive).toBeGreaterThan(1);
  expect(alive).toBeLessThanOrEqual(1);
});
