import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Hatstand, openMemory } from '../index.ts';
import { altered } from '../stores/conformance/altered.ts';
import { openMemory as openStore } from '../stores/memory/index.ts';
import { refusal, untyped } from './refusal.suite.ts';

let hatstand: Hatstand;
beforeEach(() => {
  hatstand = new Hatstand({ store: openMemory(), log: null });
});
afterEach(() => hatstand.stop());

describe('after of the library', () => {
  it('starts a job when others have ended, which the node does by itself', async () => {
    const order: unknown[] = [];
    hatstand.worker('w', (name) => {
      order.push(name);
    });
    const first = await hatstand.push('w', 'first', { delay: 20 });
    const second = await hatstand.push('w', 'second', { after: { jobs: [first] } });
    const third = await hatstand.push('w', 'third', { after: { jobs: [first.id, second] } });
    expect(third).toMatchObject({
      state: 'scheduled',
      reason: 'after 2 left',
      after: { jobs: [first.id, second.id], onFailure: 'cancel', left: 2 },
    });
    await hatstand.start();
    expect(await hatstand.wait(third)).toMatchObject({ state: 'succeeded', after: { left: 0 } });
    expect(order).toEqual(['first', 'second', 'third']);
    expect(first.after).toBeNull();
  });

  it('cancels a job when another fails, or starts it all the same', async () => {
    hatstand.worker('w', (what) => {
      if (what === 'fail') throw new Error('no');
    });
    const bad = await hatstand.push('w', 'fail', { delay: 20 });
    const [canceled, cleanup] = [
      await hatstand.push('w', 1, { after: { jobs: [bad] } }),
      await hatstand.push('w', 1, { after: { jobs: [bad], onFailure: 'start' } }),
    ];
    await hatstand.start();
    expect(await hatstand.wait(cleanup)).toMatchObject({ state: 'succeeded' });
    expect(await hatstand.wait(canceled)).toMatchObject({ state: 'canceled', reason: `after ${bad.id}` });
  });

  it('is what an attempt may say of jobs that it pushes, also of those that wait for its own', async () => {
    const done: string[] = [];
    hatstand.worker('parent', async (_, context) => {
      const child = await context.push('child', 1);
      const last = await context.push('last', 1, { after: { jobs: [context.id, child] } });
      return [last.id, last.state];
    });
    hatstand.worker('child', () => void done.push('child'));
    hatstand.worker('last', () => void done.push('last'));
    await hatstand.start();
    const parent = await hatstand.wait<undefined, [string, string]>(await hatstand.push('parent'));
    const [id = '', state] = parent?.result ?? [];
    expect(state).toBe('scheduled');
    expect(await hatstand.wait(id)).toMatchObject({ state: 'succeeded' });
    expect(done).toEqual(['child', 'last']);
  });

  it('of what an attempt pushes is shown without reading the job, which could fail though it is kept', async () => {
    const store = openStore();
    let blind = false;
    const get = async (id: string) => (blind ? Promise.reject(new Error('it cannot be read')) : store.jobs.get(id));
    const other = new Hatstand({ store: altered(store, { jobs: { get } }), log: null });
    try {
      other.worker('parent', async (_, context) => {
        blind = true;
        const { state, reason, after } = await context.push('nobody', 1, { after: { jobs: [context.id] } });
        blind = false;
        return [state, reason, after?.left];
      });
      await other.start();
      expect(await other.wait(await other.push('parent'))).toMatchObject({ result: ['scheduled', 'after 1 left', 1] });
    } finally {
      await other.stop();
    }
  });

  it('is refused for a job that is not there', async () => {
    expect(await refusal(() => hatstand.push('w', 1, { after: { jobs: ['7'] } }))).toMatchObject({ code: 'awaited_missing' });
  });

  it.each([[], { jobs: [] }, { jobs: ['x'] }, { onFailure: 'start' }, { jobs: ['7'], onFailure: 'wait' }])('refuses %j', async (after) => {
    expect(await refusal(() => hatstand.push('w', 1, untyped({ after })))).toMatchObject({ code: 'invalid_request' });
  });
});
