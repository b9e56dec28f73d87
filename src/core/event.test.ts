import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HatstandError } from './errors.ts';
import {
  checkPublish,
  type EventRequest,
  eventLimits,
  eventVerbs,
  type NewEvent,
  newEvent,
  readEvents,
  sizeOfEvent,
  writeEvent,
} from './event.ts';

const asked = (otherwise: Partial<EventRequest> = {}): EventRequest => ({ type: 'io.files', verb: 'CREATED', id: 'a', ...otherwise });

describe('a new event', () => {
  it('has defaults for all that is not said', () => {
    expect(newEvent(asked())).toEqual({ domain: '', type: 'io.files', verb: 'CREATED', id: 'a', doc: null, old: null, key: null });
  });

  it.each<[string, Partial<EventRequest>]>([
    ['type', { type: '' }],
    ['type', { type: 'Io' }],
    ['type', { type: 'io..files' }],
    ['type', { type: `${'x'.repeat(129)}` }],
    ['type', { type: 'io.*' }],
    ['type', { type: 'hatstand.jobs' }],
    ['verb', { verb: 'created' }],
    ['id', { id: '' }],
    ['id', { id: 'a\nb' }],
    ['id', { id: 'x'.repeat(513) }],
    ['key', { key: '' }],
    ['key', { key: 'x'.repeat(257) }],
    ['key', { key: 'a\ud800' }],
    ['key', { key: 'a\udc00b' }],
    ['key', { key: 'a\u0000' }],
    ['domain', { domain: 'a/b' }],
    ['doc', { doc: 'x'.repeat(eventLimits.doc + 1) }],
    ['old', { old: 'x'.repeat(eventLimits.doc + 1) }],
  ])('is refused for its %s: %j', (field, wrong) => {
    const make = (): NewEvent => newEvent(asked(wrong));
    expect(make).toThrow(HatstandError);
    expect(make).toThrow(new RegExp(field, 'i'));
  });

  it('is refused among too many, or too much', () => {
    const event = newEvent(asked({ doc: JSON.stringify('x'.repeat(1_000_000)) }));
    expect(() => checkPublish(Array.from({ length: 1_001 }, () => newEvent(asked())))).toThrow('1000 events');
    expect(() => checkPublish(Array.from({ length: 9 }, () => event))).toThrow('characters');
    expect(checkPublish(Array.from({ length: 8 }, () => event))).toBeUndefined();
  });
});

describe('written events', () => {
  const text = fc.option(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '\n', '[]\n', '{"a":"\\n"}')));
  const event: fc.Arbitrary<NewEvent> = fc.record({
    ...{ domain: fc.string(), type: fc.string(), id: fc.string({ unit: 'binary' }), key: text, doc: text, old: text },
    verb: fc.constantFrom(...eventVerbs),
  });

  it('are read as they were, one behind the other', () => {
    fc.assert(
      fc.property(fc.array(event), (events) => {
        expect(readEvents(events.map(writeEvent).join(''))).toEqual(events.map((each, number) => ({ ...each, number })));
      }),
    );
  });

  it('are refused when they are damaged, and nothing else is made of them', () => {
    for (const damaged of [
      'x',
      '\n',
      '[]\n',
      '["","a","GONE","1",null,null,null]\n',
      '["","a","CREATED","1",null,5,null]\n123',
      writeEvent(newEvent(asked())).slice(0, -1),
    ]) {
      expect(() => readEvents(damaged), damaged).toThrow();
    }
  });

  it('have a size that is never less than their documents', () => {
    const of = newEvent(asked({ doc: '"é🎈"', old: '1', key: 'k' }));
    expect(sizeOfEvent(of)).toBeGreaterThan(4 + 1);
  });
});
