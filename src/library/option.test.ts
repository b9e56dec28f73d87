import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { HatstandError } from '../core/errors.ts';
import { aName, checked, duration, listOf, objectOf, oneOf, orNull, shown, text, textOf, time, truth, whole } from './option.ts';

const option = <T>(kind: T) => ({ kind, default: '' });
const table = {
  name: option(text),
  size: option(whole(1, 9)),
  wait: option(duration()),
  limit: option(orNull(duration(1))),
  at: option(time),
  on: option(truth),
  mode: option(oneOf(['a', 'b'])),
  order: option(oneOf(['newest', 'oldest'])),
  queues: option(listOf('a list of one name or more', aName, 1)),
  rate: option(objectOf({ max: option(whole(1, 9)), per: option(duration(1, 86_400_000)) })),
  note: option(textOf(1, 3)),
  tls: option(objectOf({ ca: option(text) }, 'some')),
};
class Getters {
  get size(): number {
    return 4;
  }
}
class Fields {
  readonly size = 4;
}
const read = (given: unknown): object => checked(given, table, 'test');

function refusal(given: unknown): HatstandError {
  try {
    read(given);
  } catch (error) {
    if (error instanceof HatstandError) return error;
    throw error;
  }
  return expect.fail('it was taken');
}

describe('options', () => {
  it('are read by their kinds', () => {
    const at = new Date(5);
    const given = { name: 'x', size: 3, wait: '1s', limit: null, at, on: false, mode: 'b', queues: ['q'], rate: { max: 2, per: '2s' } };
    expect(read(given)).toEqual({ ...given, wait: 1_000, at: 5, rate: { max: 2, per: 2_000 } });
  });

  it('that are undefined are not given, whatever their names; nor are there any without an object', () => {
    expect(read({ name: undefined, wait: undefined, other: undefined, size: 2 })).toEqual({ size: 2 });
    expect(read(undefined)).toEqual({});
  });

  it('may be inherited, as defaults of the caller', () => {
    expect(read(Object.create({ size: 4 }))).toEqual({ size: 4 });
  });

  it('may be the fields of a class, or none of a plain object', () => {
    expect(read(new Fields())).toEqual({ size: 4 });
    const empty = [{}, Object.create(null), Object.create({}), runInNewContext('({})'), new Proxy({}, {})];
    expect(empty.map(read)).toEqual(empty.map(() => ({})));
  });

  it.each([
    [
      { nmae: 'x' },
      'nmae',
      'test has no option "nmae". Did you mean name? There are: name, size, wait, limit, at, on, mode, order, queues, rate, note, tls.',
    ],
    [{ toString: 1 }, 'toString', 'test has no option "toString". There are:'],
    [{ constructor: 1 }, 'constructor', 'test has no option "constructor".'],
    [{ name: 5 }, 'name', 'name of test must be a text, not 5.'],
    [{ name: null }, 'name', 'name of test must be a text, not null.'],
    [{ size: 1.5 }, 'size', 'size of test must be a whole number from 1 to 9, not 1.5.'],
    [{ size: '3' }, 'size', 'size of test must be a whole number from 1 to 9, not "3".'],
    [{ size: 10 }, 'size', 'not 10.'],
    [{ wait: true }, 'wait', 'wait of test must be a duration such as "30s", or whole milliseconds, at most ten years, not true.'],
    [{ wait: Number.NaN }, 'wait', 'not NaN.'],
    [{ wait: -1 }, 'wait', 'not -1.'],
    [{ wait: 0.3 }, 'wait', 'or whole milliseconds, at most ten years, not 0.3.'],
    [{ rate: { max: 5, per: 1.5 } }, 'rate.per', 'not 1.5.'],
    [{ rate: new Map() }, 'rate', 'rate of test must be an object with max and per, not a Map.'],
    [{ tls: new Map() }, 'tls', 'tls of test must be an object with ca, not a Map.'],
    [{ wait: 'soon' }, 'wait', 'wait of test must be a duration such as "500ms"'],
    [
      { limit: 0 },
      'limit',
      'limit of test must be a duration such as "30s", or whole milliseconds, at least 1, at most ten years, or null, not 0.',
    ],
    [{ at: 'soon' }, 'at', 'at of test must be a time that exists, such as'],
    [{ at: 5 }, 'at', 'at of test must be a Date from 1970 to 9999, or a text such as "2026-01-31T12:00:00Z", not 5.'],
    [{ at: new Date(Number.NaN) }, 'at', 'not a Date that does not exist.'],
    [{ at: new Date(8.64e15) }, 'at', 'not a Date.'],
    [{ on: 'yes' }, 'on', 'on of test must be true or false, not "yes".'],
    [{ order: 'newst' }, 'order', 'order of test must be "newest" or "oldest", not "newst"; did you mean newest?'],
    [{ mode: 'c' }, 'mode', 'mode of test must be "a" or "b", not "c".'],
    [{ queues: [] }, 'queues', 'queues of test must be a list of one name or more, not an empty list.'],
    [{ queues: ['a', 'b c'] }, 'queues[1]', 'queues[1] of test must be 1 to 128 letters, digits, dots, dashes or underscores'],
    [{ queues: 'q' }, 'queues', 'not "q".'],
    [{ rate: 5 }, 'rate', 'rate of test must be an object with max and per, not 5.'],
    [{ rate: { max: 5 } }, 'rate.per', 'rate of test needs per: a duration'],
    [{ rate: { max: 5, duration: 1 } }, 'rate.duration', 'rate of test has no option "duration". Did you mean per?'],
    [{ rate: { max: 5, per: '2d' } }, 'rate.per', 'whole milliseconds, at least 1, at most "1d", not "2d".'],
    [{ note: 'four' }, 'note', 'note of test must be a text of 1 to 3 characters, not "four".'],
    [{ note: '\ud800' }, 'note', 'note of test must be a text of characters, and has half of a surrogate pair'],
    [{ name: Promise.resolve('x') }, 'name', 'name of test must be a text, not a promise: await it.'],
    [{ throttle: 5 }, 'throttle', 'Did you mean rate?'],
    [
      { removeOnComplete: true },
      'removeOnComplete',
      'test has no option "removeOnComplete". That is keepEnded of new Hatstand. There are:',
    ],
    [{ rate: { max: 5, per: 0 } }, 'rate.per', 'rate.per of test must be a duration'],
    ['5s', 'options', 'The options of test must be an object such as { name: … }, not "5s".'],
    [null, 'options', 'not null.'],
    [() => 1, 'options', 'not a function.'],
    [[], 'options', 'not an empty list.'],
    [new Map([['wait', 5]]), 'options', 'not a Map.'],
    [new Set(['wait']), 'options', 'not a Set.'],
    [new Date(), 'options', 'not a Date.'],
    [new Getters(), 'options', 'not an object of a class.'],
    [new (class extends Getters {})(), 'options', 'not an object of a class.'],
    [Promise.resolve({}), 'options', 'not a promise: await it.'],
  ])('are refused: %j', (given, field, told) => {
    const { code, message, details } = refusal(given);
    expect({ code, details }).toEqual({ code: 'invalid_request', details: { field } });
    expect(message).toContain(told);
  });

  it('are shown without asking them', () => {
    const refusing = new Proxy({}, { get: () => expect.fail('it was asked') });
    expect([refusing, Symbol('s'), 5n, 'x'.repeat(100)].map(shown)).toEqual(['an object', 'Symbol(s)', '5', `"${'x'.repeat(80)}"…`]);
  });
});
