import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HatstandError } from './errors.ts';
import type { Event, EventVerb } from './event.ts';
import { matches, parseRules, ruleLimits } from './event-rule.ts';
import { RuleIndex } from './rule-index.ts';
import { finish } from './walk.ts';

const matching = (index: RuleIndex, told: Event): readonly string[] => finish(index.match(told));

const event = (verb: EventVerb, doc: unknown = { test: 'value' }, old: unknown = null, type = 'io.cozy.event-tests'): Event => ({
  ...{ domain: 'a', type, verb, id: 'a1b2', doc, old },
});
const fires = (rules: string, told: Event): boolean => matches(parseRules(rules), told);

/** A list of lists of lists … */
function deep(): unknown {
  let list: unknown = 'value';
  for (let level = 0; level < 100_000; level++) list = [list];
  return list;
}

describe('event rules', () => {
  it.each([
    ['io.cozy.event-tests', true],
    ['io.cozy.event-tests:CREATED', true],
    ['io.cozy.event-tests:CREATED:value:test', true],
    ['io.cozy.event-tests:DELETED', false],
    ['io.cozy.event-tests:CREATED:notvalue:test', false],
    ['io.cozy.event-tests:UPDATED:!=:test', false],
    ['io.cozy.event-tests:CREATED:!=:test', true],
  ])('%s fires at a creation: %s', (rules, expected) => {
    expect(fires(rules, event('CREATED'))).toBe(expected);
  });

  it.each([
    ['io.cozy.event-tests', true, true],
    ['io.cozy.event-tests:CREATED', false, false],
    ['io.cozy.event-tests:UPDATED:!=:test', false, true],
    ['io.cozy.event-tests::!=:test', false, true],
    ['io.cozy.event-tests:DELETED:!=:test', false, false],
  ])('%s fires at an update: %s when the field is as before, %s when it changed', (rules, same, changed) => {
    expect(fires(rules, event('UPDATED', { test: 'value', other: 1 }, { other: 2, test: 'value' }))).toBe(same);
    expect(fires(rules, event('UPDATED', { test: 'new' }, { test: 'value' }))).toBe(changed);
  });

  it.each([
    [{ a: { b: [1, { c: 2 }] } }, { a: { b: [1, { c: 2 }] } }, false],
    [{ a: { b: 1, c: 2 } }, { a: { c: 2, b: 1 } }, false],
    [{ a: { b: [1, 2] } }, { a: { b: [2, 1] } }, true],
    [{ a: { b: 1 } }, { a: { b: '1' } }, true],
    [{ a: { b: 1 } }, { a: {} }, true],
    [{}, {}, false],
    [{ a: {} }, { a: [] }, true],
    [{ a: 1 }, null, false],
  ])('takes %j for changed from %j: %s', (doc, old, changed) => {
    expect(fires('x:UPDATED:!=:a', event('UPDATED', doc, old, 'x'))).toBe(changed);
  });

  it.each([
    ['x', 'x', true],
    ['x', 'x.y', false],
    ['x.y.*', 'x.y.z', true],
    ['x.y.*', 'x.y.z.w', true],
    ['x.y.*', 'x.y', false],
    ['x.y.*', 'x.yz', false],
    ['*', 'x', true],
    ['*', 'hatstand.job', false],
    ['hatstand.*', 'hatstand.job', true],
    ['hatstand.job', 'hatstand.job', true],
    ['x:ALL', 'x', true],
    ['x:', 'x', true],
    ['x::', 'x', true],
    ['x:DELETED,ALL', 'x', true],
    ['y x', 'x', true],
    ['  y\t x:CREATED   z ', 'x', true],
    ['y z', 'x', false],
    ['x::a1b2', 'x', true],
    ['x:CREATED:c3,a1b2', 'x', true],
    ['x::c3', 'x', false],
  ])('%j fires at the type %s: %s', (rules, type, expected) => {
    expect(fires(rules, event('CREATED', null, null, type))).toBe(expected);
  });

  it.each([
    [{ a: 'v' }, 'a', true],
    [{ a: ['u', 'v'] }, 'a', true],
    [{ a: { b: { c: 'v' } } }, 'a.b.c', true],
    [{ a: [{ b: 'u' }, { b: 'v' }] }, 'a.b', true],
    [{ 'a.b': 'v' }, 'a.b', true],
    [{ a: { 'b.c': 'v' } }, 'a.b.c', true],
    [{ a: [[['v']]] }, 'a', true],
    [{ a: {} }, 'a.b', false],
    [{ a: { v: 1 } }, 'a', false],
    [{}, 'a', false],
    [null, 'a', false],
    ['v', 'a', false],
    [{ length: 'w' }, 'constructor.name', false],
  ])('finds a value of %j at %s: %s', (doc, selector, expected) => {
    expect(fires(`x::v,Object:${selector}`, event('CREATED', doc, null, 'x'))).toBe(expected);
  });

  it('compares numbers, booleans, null and what refers to a document as texts', () => {
    const doc = { n: 3, b: true, none: null, referenced_by: [{ type: 'io.cozy.albums', id: 'a1' }] };
    for (const rule of ['x::3:n', 'x::true:b', 'x::null:none', 'x::io.cozy.albums/a1:referenced_by'])
      expect(fires(rule, event('CREATED', doc, null, 'x'))).toBe(true);
    expect(fires('x::<nil>,undefined,null:missing', event('CREATED', doc, null, 'x'))).toBe(false);
  });

  it('looks at the document as it was, too', () => {
    expect(fires('x::v:a', event('UPDATED', { a: 'u' }, { a: 'v' }, 'x'))).toBe(true);
  });

  it('reads documents of any depth', () => {
    expect(fires('x::value:a', event('CREATED', { a: deep() }, null, 'x'))).toBe(true);
    expect(fires('x:UPDATED:!=:a', event('UPDATED', { a: deep() }, { a: deep() }, 'x'))).toBe(false);
  });

  it('never fire at NOTIFIED', () => {
    for (const rules of ['*', 'x', 'x:ALL', 'x::a1b2']) expect(fires(rules, event('NOTIFIED', null, null, 'x'))).toBe(false);
  });

  it.each([
    ['', 0, 'A rule is expected'],
    ['  ', 0, 'A rule is expected'],
    ['x Y', 2, 'small letters'],
    ['x..y', 0, 'small letters'],
    ['x.', 0, 'small letters'],
    ['.*', 0, 'small letters'],
    ['x*', 0, 'small letters'],
    ['*.x', 0, 'small letters'],
    [':CREATED', 0, 'small letters'],
    ['x:created', 2, 'did you mean CREATED?'],
    ['x:CREATED,', 10, 'A verb is one of'],
    ['x:CREATED,PUT', 10, 'A verb is one of'],
    ['x y:NOTIFIED', 4, 'never matches'],
    ['x:CREATED,NOTIFIED', 10, 'never matches'],
    ['x::a,,b', 5, 'is empty'],
    ['x::a,', 5, 'is empty'],
    ['x::!=', 3, 'before a selector'],
    ['x::!=,a:b', 3, 'stands alone'],
    ['x:::b', 3, 'values are expected'],
    ['x::a:', 5, 'a selector is expected'],
    ['x::a:b..c', 5, 'A selector is a path'],
    ['x::a:b:c', 7, 'a value cannot have a colon'],
    ['x '.repeat(ruleLimits.rules + 1), 2 * ruleLimits.rules, 'at most 256 rules'],
    ['x'.repeat(ruleLimits.characters + 1), ruleLimits.characters, 'at most 16384 characters'],
  ])('refuse %j at %i: %s', (text, position, reason) => {
    expect(() => parseRules(text)).toThrow(
      expect.objectContaining({
        code: 'malformed_trigger',
        details: { field: 'arguments', position },
        message: expect.stringContaining(reason),
      }),
    );
  });

  const pieces = fc.constantFrom(
    'x',
    'x.y',
    'x.*',
    '*',
    'hatstand.*',
    ':',
    ':',
    'CREATED',
    'ALL',
    'UPDATED',
    ',',
    'a1b2',
    '!=',
    'test',
    ' ',
    '.',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 16 }).map((all) => all.join('')),
  );
  const events = fc.record({
    domain: fc.constantFrom('a', 'b'),
    type: fc.constantFrom('x', 'x.y', 'x.y.z', 'hatstand.job'),
    verb: fc.constantFrom<EventVerb>('CREATED', 'UPDATED', 'DELETED', 'NOTIFIED'),
    id: fc.constantFrom('a1b2', 'test'),
    doc: fc.oneof(fc.jsonValue(), fc.constant({ test: 'a1b2' })),
    old: fc.oneof(fc.jsonValue(), fc.constant({ test: 'a1b2' })),
  });

  it('are read or refused whatever they are, and match or not', () => {
    fc.assert(
      fc.property(text, events, (any, told) => {
        try {
          expect(typeof matches(parseRules(any), told)).toBe('boolean');
        } catch (error) {
          expect(error).toBeInstanceOf(HatstandError);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('leave an index in a time that does not grow with those of others', () => {
    const index = new RuleIndex();
    const rules = parseRules(Array.from({ length: ruleLimits.rules / 2 }, (_, at) => `x::${at} x.*::${at}`).join(' '));
    for (let at = 0; at < 2_000; at++) index.set(`${at}`, 'a', rules);
    // Who looked at those of others for each would look at 512,000 rules for each of 2,000 triggers: a billion, or more.
    const began = performance.now();
    for (let at = 0; at < 2_000; at++) index.delete(`${at}`);
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(matching(index, event('CREATED', null, null, 'x'))).toEqual([]);
    expect(index.size).toBe(0);
  });

  it('of many triggers in domains of their own take little more than their texts', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const text = Array.from({ length: ruleLimits.rules }, (_, at) => `t${at % 36}`).join(' ');
    const index = new RuleIndex();
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let at = 0; at < 1_000; at++) index.set(`${at}`, `d${at}`, parseRules(text));
    collect();
    // Each rule an object, with a map and a list of its own in its domain: more than 35 MB.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000);
    expect(matching(index, { ...event('CREATED', null, null, 't7'), domain: 'd3' })).toEqual(['3']);
  });

  it('with many values take little more than their texts', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const text = Array.from({ length: 2_500 }, (_, at) => `v${at}`).join();
    const index = new RuleIndex();
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let at = 0; at < 1_000; at++) index.set(`${at}`, 'a', parseRules(`x::${text}`));
    collect();
    // Sets of them: more than 150 MB.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(1_000 * text.length * 1.5);
    expect(matching(index, { ...event('CREATED', null, null, 'x'), id: 'v2499' })).toHaveLength(1_000);
  });

  describe('in an index', () => {
    const rule = fc.constantFrom(
      'x',
      'x:CREATED',
      'x.y',
      'x.*',
      'x.y.*',
      '*',
      'hatstand.*',
      'hatstand.job',
      'x::a1b2',
      'x.y:UPDATED:!=:test',
      'x::a1b2:test',
    );
    const triggers = fc.array(
      fc.record({
        key: fc.constantFrom('1', '2', '3', '4'),
        domain: fc.constantFrom('a', 'b'),
        rules: fc.array(rule, { minLength: 1, maxLength: 3 }),
      }),
    );

    it('match what they match alone, whatever was put and deleted before', () => {
      fc.assert(
        fc.property(triggers, fc.array(fc.constantFrom('1', '2', '3', '4'), { maxLength: 3 }), events, (put, deleted, told) => {
          const index = new RuleIndex();
          const model = new Map<string, { domain: string; rules: ReturnType<typeof parseRules> }>();
          for (const { key, domain, rules } of put) {
            index.set(key, domain, parseRules(rules.join(' ')));
            model.set(key, { domain, rules: parseRules(rules.join(' ')) });
          }
          for (const key of deleted) {
            index.delete(key);
            model.delete(key);
          }
          const expected = [...model].filter(([, { domain, rules }]) => domain === told.domain && matches(rules, told)).map(([key]) => key);
          expect(new Set(matching(index, told))).toEqual(new Set(expected));
          expect(matching(index, told)).toHaveLength(expected.length);
          expect(index.size).toBe(model.size);
        }),
        { numRuns: 1_000 },
      );
    });
  });
});
