import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../../test/support/until.ts';
import { HatstandError } from '../core/errors.ts';
import { Hatstand } from '../hatstand.ts';
import type { Logger } from '../ports/logger.ts';
import { altered } from '../stores/conformance/altered.ts';
import { openMemory } from '../stores/memory/index.ts';
import { silent } from '../system/silent.ts';
import type { EventOptions, HeardEvent } from './happenings.ts';

async function started(store = openMemory(), log: Logger | null = null): Promise<Hatstand> {
  const hatstand = new Hatstand({ store, log });
  onTestFinished(() => hatstand.stop(0));
  await hatstand.start();
  return hatstand;
}

const event = (otherwise: Partial<EventOptions> = {}): EventOptions => ({ type: 'io.files', verb: 'CREATED', id: 'a', ...otherwise });

describe('events in the library', () => {
  it('are published as values, and heard as values', async () => {
    const hatstand = await started();
    const heard: HeardEvent[] = [];
    const end = hatstand.listenTo(['io.*', 'other:7'], (each) => {
      heard.push(each);
      if (each.id === 'broken') throw new Error('a listener that fails changes nothing');
    });
    const events = hatstand.events('*');
    const first = events.next();
    expect(
      await hatstand.publish([event({ id: 'broken' }), event({ doc: { n: [1] }, old: null }), event({ type: 'other', id: '6' })]),
    ).toMatchObject([{ kind: 'told', jobs: [] }, { kind: 'told', number: 1 }, { kind: 'told' }]);
    await until('hearing', () => heard.some(({ id }) => id === 'a'));
    expect(heard.find(({ id }) => id === 'a')).toMatchObject({
      kind: 'event',
      type: 'io.files',
      verb: 'CREATED',
      domain: '',
      doc: { n: [1] },
      old: null,
    });
    expect(heard.some(({ id }) => id === '6')).toBe(false);
    end();
    expect((await first).value).toMatchObject({ kind: 'event' });
    const place = heard.find(({ id }) => id === 'broken')?.place ?? '';
    expect((await hatstand.events('io.files', { after: place }).next()).value).toMatchObject({ id: 'a' });
  });

  it('tell what they would push, and push nothing', async () => {
    const hatstand = await started();
    const rules = { type: '@event', arguments: 'io.files:CREATED:image:class' } as const;
    await hatstand.triggers.add('thumbnail', { ...rules, id: 'now', message: { size: 128 } });
    await hatstand.triggers.add('thumbnail', { ...rules, id: 'later', debounce: '1m', domain: '' });
    await hatstand.triggers.add('thumbnail', { ...rules, id: 'paused' });
    await hatstand.triggers.pause('paused');
    const { matched, pushes } = await hatstand.previewEvent(event({ doc: { class: 'image' } }));
    expect(matched).toBe(3);
    expect(pushes.toSorted((a, b) => (a.trigger < b.trigger ? -1 : 1))).toEqual([
      { trigger: 'later', domain: '', job: null },
      { trigger: 'now', domain: '', job: { worker: 'thumbnail', queue: 'default', payload: { size: 128 } } },
    ]);
    expect(await hatstand.previewEvent(event({ doc: { class: 'text' } }))).toEqual({ matched: 0, pushes: [] });
    expect((await hatstand.list()).jobs).toEqual([]);
    expect((await hatstand.triggers.get('later'))?.window).toBeNull();
  });

  it('are jobs of a subscriber once in the cluster', async () => {
    const store = openMemory();
    const [a, b] = [await started(store), await started(store)];
    const seen: string[] = [];
    const call = ({ id }: { readonly id: string }): void => void seen.push(id);
    await a.subscribe('thumbnails', 'io.files', call);
    await b.subscribe('thumbnails', 'io.files', call, { attempts: 3 });
    await a.publish(Array.from({ length: 20 }, (_, i) => event({ id: `${i}`, key: `${i}` })));
    await a.publish(event({ id: '0', key: '0' }));
    await until('all', () => seen.length >= 20);
    expect(seen.map(Number).toSorted((x, y) => x - y)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it('are heard by who listened before they were published, however slowly the store says where it stands', async () => {
    const memory = openMemory();
    const entries: typeof memory.journal.entries = async (...asked) => {
      await turn();
      await turn();
      return memory.journal.entries(...asked);
    };
    const hatstand = await started(altered(memory, { journal: { entries } }));
    for (let i = 0; i < 5; i++) {
      const heard = Promise.withResolvers<string>();
      const end = hatstand.listenTo('io.files', ({ id }) => heard.resolve(id));
      await hatstand.publish(event({ id: `${i}` }));
      expect(await heard.promise).toBe(`${i}`);
      end();
    }
  });

  it('that were told before the store could say where it stands are missed, and the log says so', async () => {
    const memory = openMemory();
    let isAway: boolean = true;
    const entries: typeof memory.journal.entries = async (...asked) => {
      if (isAway) throw new HatstandError('store_unavailable', 'away');
      return memory.journal.entries(...asked);
    };
    const lines: string[] = [];
    const tell = (name: string): void => void lines.push(name);
    const hatstand = await started(altered(memory, { journal: { entries } }), { ...silent, warn: tell });
    const heard: string[] = [];
    hatstand.listenTo('io.files', ({ id }) => void heard.push(id));
    await hatstand.publish(event({ id: 'early' }));
    isAway = false;
    await until('the line', () => lines.includes('events.missed'));
    await hatstand.publish(event({ id: 'late' }));
    await until('the event', () => heard.length > 0);
    expect(heard).toEqual(['late']);
  });

  it('are subscribed to again when the store was away', async () => {
    const memory = openMemory();
    let isAway: boolean = true;
    const publish: typeof memory.journal.publish = async (step) => {
      if (isAway && step.follow?.name.startsWith('subscriber')) throw new HatstandError('store_unavailable', 'away');
      return memory.journal.publish(step);
    };
    const hatstand = await started(altered(memory, { journal: { publish } }));
    const seen: string[] = [];
    const subscribe = () => hatstand.subscribe('thumbnails', 'io.files', ({ id }: { readonly id: string }) => void seen.push(id));
    await expect(subscribe()).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(hatstand.workers()).toEqual([]);
    isAway = false;
    await subscribe();
    await hatstand.publish(event({ id: '1' }));
    await until('it', () => seen.length > 0);
    expect(seen).toEqual(['1']);
    await expect(subscribe()).rejects.toMatchObject({ code: 'conflict' });
  });

  it('are refused as after a stop when the stop cuts their publish short', async () => {
    const memory = openMemory();
    const [asked, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const publish: typeof memory.journal.publish = async (step) => {
      if (step.events.length === 0) return memory.journal.publish(step);
      asked.resolve();
      await held.promise;
      throw new HatstandError('store_unavailable', 'the store is closed');
    };
    const hatstand = await started(altered(memory, { journal: { publish } }));
    const published = hatstand.publish(event());
    const refused = expect(published).rejects.toMatchObject({ code: 'shutting_down' });
    await asked.promise;
    await hatstand.stop(0);
    held.resolve();
    await refused;
  });

  it('are refused when they are none', async () => {
    const hatstand = await started();
    for (const wrong of [event({ type: 'Io' }), event({ id: '' }), { ...event(), payload: 1 }, { type: 'a' }, 7, [event(), null]]) {
      await expect(hatstand.publish(wrong as never), JSON.stringify(wrong)).rejects.toMatchObject({ code: 'invalid_request' });
    }
    expect(() => hatstand.listenTo('Io', () => undefined)).toThrow('topic');
    expect(() => hatstand.events('*', { after: 'x' })).toThrow('id of an event');
    await hatstand.stop(0);
    await expect(hatstand.publish(event())).rejects.toMatchObject({ code: 'shutting_down' });
  });

  it('end with their Hatstand', async () => {
    const hatstand = await started();
    const next = hatstand.events('*').next();
    await hatstand.stop(0);
    expect((await next).done).toBe(true);
  });
});
