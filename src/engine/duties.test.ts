import { describe, expect, it } from 'vitest';
import type { Store } from '../ports/store/store.ts';
import type { Scrubbed, UpkeepStore } from '../ports/store/upkeep.ts';
import { altered } from '../stores/conformance/altered.ts';
import { openMemory } from '../stores/memory/index.ts';
import { silent } from '../system/silent.ts';
import { controlled, duty, node } from './engine.suite.ts';

/** A store whose scrubs answer these steps in turn. */
function scrubbing(...steps: readonly Scrubbed[]): { readonly store: Store; readonly cursors: (string | null)[] } {
  const cursors: (string | null)[] = [];
  const scrub: UpkeepStore['scrub'] = async (cursor) => {
    const step = steps[cursors.length % steps.length];
    cursors.push(cursor);
    return step ?? expect.fail('no step');
  };
  return { store: altered(openMemory(), { upkeep: { scrub } }), cursors };
}

const steps: readonly Scrubbed[] = [
  { next: 'a', checked: 10, repaired: {} },
  { next: 'b', checked: 10, repaired: { counts: 2, orphans: 1 } },
  { next: null, checked: 5, repaired: { counts: 3 } },
];

describe('the scrubber', () => {
  it('goes on where it was, begins again at the end, and tells what it repaired', async () => {
    const { store, cursors } = scrubbing(...steps);
    const told: unknown[] = [];
    const warn = (name: string, fields?: unknown): void => void (name === 'store.repaired' && told.push(fields));
    const engine = node(store, controlled().executor, 1, { log: { ...silent, warn } });
    for (let i = 0; i < 5; i++) await duty(engine, 'scrub').tick();
    expect(cursors).toEqual([null, 'a', 'b', null, 'a']);
    expect(told).toEqual([{ counts: 2, orphans: 1 }, { counts: 3 }, { counts: 2, orphans: 1 }]);
  });
});

describe('an examination', () => {
  it('goes through everything that it can in about a second, and sums up', async () => {
    const { store } = scrubbing(...steps);
    const engine = node(store, controlled().executor);
    const { next, checked, repaired } = await engine.upkeep.examine(null);
    expect([next, checked, repaired]).toEqual([null, 25, { counts: 5, orphans: 1 }]);
  });

  it('tells where to go on when there is more', async () => {
    const { store, cursors } = scrubbing({ next: 'on', checked: 1, repaired: {} });
    let time = 0;
    const clock = { now: () => time, monotonic: () => (time += 400), after: () => () => undefined, soon: () => undefined };
    const engine = node(store, controlled().executor, 1, { clock });
    expect(await engine.upkeep.examine('here')).toMatchObject({ next: 'on', checked: 3 });
    expect(cursors).toEqual(['here', 'on', 'on']);
  });
});
