import { describe, expect, it } from 'vitest';
import type { AttemptRef } from '../core/job.ts';
import { liveLimits } from '../core/live.ts';
import { makeLive } from './live.ts';

function stage() {
  let now = 0;
  const live = makeLive({ now: () => 1_000 + now, monotonic: () => now });
  return {
    live,
    pass: (by: number) => {
      now += by;
      live.tick();
    },
    event: (ref: typeof a, name: string, data: string | null = null) => live.tell(ref, { kind: 'event', name, data }),
  };
}

const a = { id: '1', fence: '10' };
const b = { id: '2', fence: '11' };
const start = { fence: '0', number: 0 };
const names = (events: readonly { readonly told: object }[]) => events.map(({ told }) => ('name' in told ? told.name : ''));

describe('what an attempt tells', () => {
  it('is heard in its order, from a place on or from now on, by each who watches', async () => {
    const { live, event } = stage();
    event(a, 'one');
    event(a, 'two');
    const [all, later] = [live.reader('1', start), live.reader('1', null)];
    expect(await all.take()).toEqual({
      events: [
        { fence: '10', number: 1, at: 1_000, told: { kind: 'event', name: 'one', data: null } },
        { fence: '10', number: 2, at: 1_000, told: { kind: 'event', name: 'two', data: null } },
      ],
      ...{ place: { fence: '10', number: 2 }, missed: 0, isOver: false },
    });
    const next = [all.take(), later.take()];
    event(a, 'three');
    event(b, 'of another attempt');
    event(a, 'four');
    for (const piece of await Promise.all(next)) expect(names(piece.events)).toEqual(['three', 'four']);
    live.ended(a);
    expect(await all.take()).toMatchObject({ events: [], missed: 0, isOver: true });
  });

  it('is there for a while after its end, and what is left of it is over with its last event', async () => {
    const { live, event, pass } = stage();
    event(a, 'one');
    live.ended(a);
    pass(liveLimits.keptAfterEnd - 1);
    expect(await live.reader('1', start).take()).toMatchObject({ events: [{ number: 1 }], isOver: true });
    pass(1);
    expect(live.knows('1')).toBe(false);
  });

  it('has no news in a progress that is told again', async () => {
    const { live } = stage();
    const progress = (ref: AttemptRef, value: string): void => live.tell(ref, { kind: 'progress', value });
    for (const value of ['1', '1', '2', '2', '1']) progress(a, value);
    const { events } = await live.reader('1', start).take();
    expect(events.map(({ number, told }) => [number, told.kind === 'progress' && told.value])).toEqual([
      [1, '1'],
      [2, '2'],
      [3, '1'],
    ]);
    const later = { ...a, fence: '11' };
    progress(later, '1');
    expect((await live.reader('1', { ...later, number: 0 }).take()).events).toHaveLength(1);
  });

  it('is bounded: the newest are kept, and how many were missed is told', async () => {
    const { live, event } = stage();
    for (let n = 1; n <= liveLimits.events + 5; n++) event(a, `${n}`);
    const reader = live.reader('1', { fence: '10', number: 2 });
    const first = await reader.take();
    expect([first.missed, first.events[0]?.number]).toEqual([3, 6]);
    event(b, 'large', JSON.stringify('x'.repeat(liveLimits.characters - 200)));
    event(b, 'larger', JSON.stringify('x'.repeat(1_000)));
    expect(await live.reader('2', { ...b, number: 0 }).take()).toMatchObject({ missed: 1, events: [{ number: 2 }] });
  });

  it('is bounded for all attempts together: those that began to tell first give way', async () => {
    const { live, event } = stage();
    const data = JSON.stringify('x'.repeat(liveLimits.data - 100));
    const perAttempt = Math.floor(liveLimits.characters / liveLimits.data) - 1;
    const count = Math.ceil(liveLimits.nodeCharacters / (perAttempt * liveLimits.data)) + 1;
    for (let n = 0; n < count; n++) for (let e = 0; e < perAttempt; e++) event({ id: String(n), fence: '1' }, 'e', data);
    event({ id: '0', fence: '1' }, 'and one more');
    expect(await live.reader('0', { fence: '1', number: 0 }).take()).toMatchObject({
      missed: perAttempt,
      events: [{ number: perAttempt + 1 }],
    });
    expect((await live.reader(String(count - 1), start).take()).missed).toBe(0);
  });

  it('comes in pieces', async () => {
    const { live, event } = stage();
    for (let n = 0; n < 4; n++) event(a, 'e', JSON.stringify('x'.repeat(liveLimits.pieceCharacters / 2)));
    const reader = live.reader('1', start);
    expect((await reader.take()).events).toHaveLength(2);
    expect((await reader.take()).events).toHaveLength(2);
  });

  it('costs nothing for who only asked, and ends who does not want to hear it any more', async () => {
    const { live, pass } = stage();
    const reader = live.reader('1', null);
    const waits = reader.take();
    pass(0);
    expect(live.knows('1')).toBe(true);
    reader.end();
    expect(await waits).toMatchObject({ events: [], missed: 0, isOver: true });
    pass(0);
    expect(live.knows('1')).toBe(false);
  });
});
