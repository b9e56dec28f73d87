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
  rules = makeRules({ store: altered(store, { definitions: { list } }), log: silent });
});

const caused = (type: string): number => [...rules.match(event({ type }), Date.now()).causes].length;

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
    expect([rules.version(), caused('io.a'), caused('io.b')]).toEqual([version, 1, 1]);
    held.resolve();
    await reading;
    expect([caused('io.a'), caused('io.b')]).toEqual([1, 0]);
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
    expect([rules.version() === null, rules.size(), caused('t500')]).toEqual([false, 501, 1]);
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
