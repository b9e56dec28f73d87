import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../../test/support/until.ts';
import { Hatstand } from '../hatstand.ts';
import { openMemory } from '../stores/memory/index.ts';
import type { EventOptions, HeardEvent } from './happenings.ts';

async function started(store = openMemory()): Promise<Hatstand> {
  const hatstand = new Hatstand({ store, log: null });
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
    await until('following', async () => {
      await hatstand.publish(event({ id: 'warm' }));
      return heard.length > 0;
    });
    heard.length = 0;
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
