import { beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../ports/store/store.ts';
import { altered } from '../stores/conformance/altered.ts';
import { openMemory } from '../stores/memory/index.ts';
import { silent } from '../system/silent.ts';
import { controlled, node } from './engine.suite.ts';
import { event, rule } from './events.suite.ts';
import { makeRules, type Rules } from './rules.ts';

type List = Store['definitions']['list'];

let store: Store;
let rules: Rules;
/** What a list does before it answers. */
let before: (query: Parameters<List>[0]) => Promise<void>;
/** Whoever changes triggers, beside the rules. */
const other = () => node(store, controlled().executor, 0);

beforeEach(() => {
  store = openMemory();
  before = () => Promise.resolve();
  const list: List = async (query) => {
    const page = await store.definitions.list(query);
    await before(query);
    return page;
  };
  rules = makeRules({ store: altered(store, { definitions: { list } }), log: silent, clock: { soon: setImmediate } });
});

const caused = async (type: string): Promise<number> => [...(await rules.match(event({ type }), Date.now())).causes].length;

describe('rules that are read', () => {
  it('decide as before until all of them are read anew', async () => {
    const engine = other();
    await rule(engine, 'a', 'io.a');
    await rule(engine, 'b', 'io.b');
    await rules.catchUp();
    const version = rules.version();
    before = () => Promise.reject(new Error('away'));
    await expect(rules.catchUp()).rejects.toThrow('away');
    await engine.triggers.remove({ domain: '', id: 'b' });
    const [asked, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    before = ({ by }) => {
      if (by === 'place') asked.resolve();
      return held.promise;
    };
    const reading = rules.catchUp();
    await asked.promise;
    expect([rules.version(), await caused('io.a'), await caused('io.b')]).toEqual([version, 1, 1]);
    held.resolve();
    await reading;
    expect([await caused('io.a'), await caused('io.b')]).toEqual([1, 0]);
    expect(rules.version()).not.toBe(version);
  });

  it('let nobody decide by some of the changes alone', async () => {
    const engine = other();
    await rules.catchUp();
    for (let i = 0; i < 501; i++) await rule(engine, `${i}`, `t${i}`);
    const [asked, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let pages = 0;
    before = () => {
      pages += 1;
      if (pages < 2) return Promise.resolve();
      asked.resolve();
      return held.promise;
    };
    const reading = rules.catchUp();
    await asked.promise;
    expect(rules.version()).toBeNull();
    held.resolve();
    await reading;
    expect([rules.version() === null, rules.size(), await caused('t500')]).toEqual([false, 501, 1]);
  });
});

describe('an event that takes long to match', () => {
  /** How many rounds of the event loop there are meanwhile. */
  async function roundsOf(doc: string): Promise<number> {
    let isOver: boolean = false;
    let rounds = 0;
    const count = (): void => {
      rounds += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const { triggers } = await rules.match(event({ verb: 'UPDATED', doc, old: doc }), Date.now());
    isOver = true;
    expect(triggers).toBe(0);
    return rounds;
  }

  it.each([
    ['one long document', 1, '!=:f', { f: Array.from({ length: 300_000 }, () => 0) }],
    ['a field with many texts', 1, 'none:f', { f: Array.from({ length: 300_000 }, () => 0) }],
    ['many rules for other documents', 400, 'none', {}],
    ['many rules for different fields', 10, (at: number) => `none:f${at}`, Array.from({ length: 100 }, () => ({}))],
  ])('leaves others their turns: %s', async (_, triggers, values, doc) => {
    const engine = other();
    const rest = (at: number): string => (typeof values === 'string' ? values : values(at));
    const all = (id: number): string => Array.from({ length: 256 }, (_, at) => `io.files:UPDATED:${rest(256 * id + at)}`).join(' ');
    for (let id = 0; id < triggers; id++) await rule(engine, `${id}`, all(id));
    await rules.catchUp();
    expect(await roundsOf(JSON.stringify(doc))).toBeGreaterThan(3);
  });

  it('leaves them also when many ask at once', async () => {
    await rule(other(), 'a', 'io.files:UPDATED:!=:f');
    await rules.catchUp();
    const doc = JSON.stringify({ f: Array.from({ length: 100_000 }, () => 0) });
    const alone = await roundsOf(doc);
    const asked = Array.from({ length: 40 }, () => rules.match(event({ verb: 'UPDATED', doc, old: doc }), Date.now()));
    expect(await roundsOf(doc)).toBeGreaterThan(5 * alone);
    await Promise.all(asked);
  });
});

describe('what rules are for', () => {
  it('of what Hatstand tells is what they name, and since when', async () => {
    const engine = other();
    await rule(engine, 'all', '* io.*');
    await rules.catchUp();
    expect([rules.lifecycleSince(), rules.isForLifecycle('hatstand.jobs')]).toEqual([null, false]);
    await rule(engine, 'first', 'hatstand.jobs:CREATED');
    await rules.catchUp();
    const since = rules.lifecycleSince();
    expect(since).toEqual(expect.any(Number));
    await rule(engine, 'second', 'hatstand.*');
    await rules.catchUp();
    expect(rules.lifecycleSince()).toBe(since);
    expect(['hatstand.jobs', 'hatstand.triggers', 'io.files'].map((type) => rules.isForLifecycle(type))).toEqual([true, true, false]);
    await engine.triggers.remove({ domain: '', id: 'second' });
    await rules.catchUp();
    expect(['hatstand.jobs', 'hatstand.triggers'].map((type) => rules.isForLifecycle(type))).toEqual([true, false]);
    await engine.triggers.remove({ domain: '', id: 'first' });
    await rules.catchUp();
    expect(rules.lifecycleSince()).toBeNull();
  });
});
