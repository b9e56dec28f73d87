import { describe, expect, it } from 'vitest';
import type { Event } from './event.ts';
import { EventFields, mostSteps } from './event-fields.ts';
import { parseRules, ruleLimits } from './event-rule.ts';
import { RuleIndex } from './rule-index.ts';
import { finish } from './walk.ts';

/** 350,000 values in a mebibyte. */
const long: unknown = JSON.parse(`[${'{},'.repeat(349_000)}{"f":"v255"}]`);
const event = (doc: unknown, old: unknown = null): Event => ({ domain: 'a', type: 'x', verb: 'UPDATED', id: 'i', doc, old });

function index(rule: (at: number) => string): RuleIndex {
  const made = new RuleIndex();
  made.set('t', 'a', parseRules(Array.from({ length: ruleLimits.rules }, (_, at) => rule(at)).join(' ')));
  return made;
}

describe('fields of an event', () => {
  it('are walked once, however many rules ask for one', () => {
    const once = new EventFields(event(long));
    expect(finish(index(() => 'x:UPDATED:none:f').match(event(long), once))).toEqual([]);
    const fields = new EventFields(event(long), mostSteps);
    expect(finish(index((at) => `x:UPDATED:v${at}:f`).match(event(long), fields))).toEqual(['t']);
    expect(fields.steps).toBe(once.steps);
    expect(fields.steps).toBeLessThan(350_000 + 3 * ruleLimits.rules);
  });

  it('are compared once with what they were', () => {
    const fields = new EventFields(event(long, long), mostSteps);
    expect(finish(index(() => 'x:UPDATED:!=:f').match(event(long, long), fields))).toEqual([]);
    expect(fields.steps).toBeLessThan(2 * 350_000 + 2 * ruleLimits.rules);
  });

  it.each([
    ['different fields', (at: number) => `x:UPDATED:v:f${at}`],
    ['different fields that may have changed', (at: number) => `x:UPDATED:!=:f${at}`],
  ])('are looked at no more than a bounded number of times, whatever asks: %s', (_, rule) => {
    const fields = new EventFields(event(long, long), mostSteps);
    expect(() => finish(index(rule).match(event(long, long), fields))).toThrow(
      expect.objectContaining({ code: 'too_large', details: { field: 'doc', limit: mostSteps } }) as Error,
    );
    expect(fields.steps).toBe(mostSteps + 1);
  });

  it('count each rule, and each value that a rule names', () => {
    const fields = new EventFields(event({ f: ['a', 'b', 'c'] }), 200);
    expect(() => finish(index(() => 'x:UPDATED:1,2,3:f').match(event({ f: ['a', 'b', 'c'] }), fields))).toThrow('more than 200 values');
  });
});
