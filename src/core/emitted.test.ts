import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Emitted, emittedBy, emittedEvent, emittedJson, emittedOf } from './emitted.ts';

const emitted: Emitted = {
  ...{ job: '7', domain: 'a', task: 'k1', attempt: 2, fence: '99', number: 3 },
  ...{ name: 'scanned', data: '{"files":3}', at: 1_000 },
};

describe('what an attempt emits to be kept', () => {
  it('is an event of its job that fires nothing, under a key that only this one has', () => {
    const { doc, ...rest } = emittedEvent(emitted, true);
    expect(rest).toEqual({ domain: 'a', type: 'hatstand.jobs', verb: 'NOTIFIED', id: '7', old: null, key: 'emit/7/99/3' });
    expect(JSON.parse(doc ?? '')).toEqual({
      ...{ id: '7', task: 'k1', move: 'emit', attempt: 2, fence: '99' },
      ...{ name: 'scanned', at: '1970-01-01T00:00:01.000Z', late: true, data: { files: 3 } },
    });
    const plain = emittedEvent({ ...emitted, task: null, data: null }, false);
    expect(Object.keys(JSON.parse(plain.doc ?? ''))).toEqual(['id', 'move', 'attempt', 'fence', 'name', 'at', 'late']);
  });

  it('knows the task of its job', () => {
    const job = { id: '7', domain: 'a', attempt: 2, fence: '99' };
    const text = { number: 3, name: 'scanned', data: '{"files":3}', at: 1_000 };
    expect(emittedBy({ ...job, owner: 'task/a/k1' }, text).task).toBe('k1');
    expect(emittedBy({ ...job, owner: '' }, text).task).toBe(null);
  });

  it('is read as it was written', () => {
    const any = fc.record({
      ...{ job: fc.nat().map(String), domain: fc.string(), task: fc.option(fc.string()), attempt: fc.nat(), fence: fc.nat().map(String) },
      ...{ number: fc.nat(), name: fc.stringMatching(/^[a-z.]{1,9}$/), data: fc.option(fc.json()), at: fc.integer() },
    });
    fc.assert(fc.property(any, (each) => void expect(emittedOf(emittedJson(each))).toEqual(each)));
  });

  it.each([
    '',
    'null',
    '7',
    '{}',
    emittedJson({ ...emitted, job: 'x' }),
    emittedJson({ ...emitted, fence: '-1' }),
    emittedJson({ ...emitted, at: 1e300 }),
    emittedJson({ ...emitted, number: 0.5 }),
    emittedJson({ ...emitted, name: 'no name' }),
    emittedJson({ ...emitted, data: '{' }),
    emittedJson({ ...emitted, task: 7 as never }),
  ])('is not read from %s', (text) => {
    expect(() => emittedOf(text)).toThrow(expect.objectContaining({ code: 'store_unusable' }));
  });
});
