import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HatstandError } from './errors.ts';
import { jsonText } from './json-value.ts';

class Money {
  readonly #cents = 5;
  get cents(): number {
    return this.#cents;
  }
}
class User {
  readonly name = 'Ada';
  greet(): string {
    return this.name;
  }
}

function refusal(value: unknown): HatstandError {
  try {
    jsonText(value, 'payload');
  } catch (error) {
    if (error instanceof HatstandError) return error;
    throw error;
  }
  return expect.fail('it was taken');
}

const revoked = (): unknown => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const refusing = (): never => {
  throw new Error('not today');
};
const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
const cyclic = (): unknown => {
  const order: Record<string, unknown> = { id: 1 };
  order['lines'] = [{ order }];
  return order;
};
const family = (): unknown => {
  const parent: { children: unknown[] } = { children: [] };
  for (let n = 0; n < 100; n++) parent.children.push({ parent, n });
  return parent;
};

/** Where it stands, what it is, and what is told of it. */
const refused: readonly (readonly [path: string, value: unknown, told: string])[] = [
  ['$.items[3].total', { items: [0, 1, 2, { total: Number.NaN }] }, 'is NaN'],
  ['$.max', { max: Number.POSITIVE_INFINITY }, 'is Infinity'],
  ['$.call', { call: () => 1 }, 'is a function'],
  ['$', () => 1, 'is a function'],
  ['$["a b"]', { 'a b': Symbol('x') }, 'is a symbol'],
  ['$.id', { id: 5n }, 'is a BigInt'],
  ['$[1]', [1, undefined], 'is undefined'],
  ['$[0]', new Array(2), 'is undefined'],
  ['$[0]', [{ toJSON: () => undefined }], 'is undefined'],
  ['$', { toJSON: () => undefined }, 'is undefined'],
  ['$.byName', { byName: new Map([['a', 1]]) }, 'is a Map'],
  ['$.tags', { tags: new Set([1]) }, 'is a Set'],
  ['$[0]', [Promise.resolve(1)], 'is a Promise'],
  ['$.bytes', { bytes: new Uint8Array(2) }, 'is binary data'],
  ['$', Buffer.from('a'), 'is binary data'],
  ['$.bytes', { bytes: Buffer.from('a') }, 'is binary data'],
  ['$.a', { a: { toJSON: () => Buffer.from('a') } }, 'is binary data'],
  ['$[0]', [new ArrayBuffer(1)], 'is binary data'],
  ['$[0]', [runInNewContext('Promise.resolve(1)')], 'is a Promise'],
  ['$.price', { price: new Money() }, 'is an object of the class Money'],
  ['$.error', { error: new Error('x') }, 'is an object of the class Error'],
  ['$.lines[0].order', cyclic(), 'is $ again, a cycle'],
  ['$.children[0].parent', family(), 'is $ again, a cycle'],
  ['$', nested(65), 'nests more than 64 levels'],
  ['$.a.b', { a: Object.defineProperty({}, 'b', { get: refusing, enumerable: true }) }, 'cannot be read: not today'],
  ['$.at', { at: { toJSON: refusing } }, 'cannot be read: not today'],
  ['$.at', { at: new Date(Number.NaN) }, 'is a Date that does not exist'],
  ['$[0]', [revoked()], 'cannot be read'],
  ['$', revoked(), 'cannot be read'],
  ['$.a', { a: { toJSON: () => new Map() } }, 'is a Map'],
];

describe('jsonText', () => {
  it('writes any JSON as JSON.stringify does', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => jsonText(value, 'payload') === JSON.stringify(value)));
  });

  it.each([
    ['a Date as its ISO text', { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ['no members that are undefined', { a: undefined, b: 1 }, '{"b":1}'],
    ['no members whose toJSON gives undefined', { a: { toJSON: () => undefined }, b: 1 }, '{"b":1}'],
    ['what toJSON gives', { url: new URL('http://a/') }, '{"url":"http://a/"}'],
    ['the fields of an object of a class', new User(), '{"name":"Ada"}'],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    ['an empty object of another realm', runInNewContext('({})'), '{}'],
    ['primitives in their boxes', [Object(1), Object('x'), Object(false)], '[1,"x",false]'],
    ['half a surrogate pair escaped', '\ud800', '"\\ud800"'],
    ['an object that stands twice, which is no cycle', ((a) => ({ a, b: a }))({ c: 1 }), '{"a":{"c":1},"b":{"c":1}}'],
    ['64 levels', nested(64), JSON.stringify(nested(64))],
  ])('writes %s', (_, value, text) => {
    expect(jsonText(value, 'payload')).toBe(text);
  });

  it('has no text for undefined', () => {
    expect(jsonText(undefined, 'payload')).toBeUndefined();
  });

  it.each(refused.map(([path, value, told]) => [path, told, () => value] as const))('refuses what at %s %s', (path, told, make) => {
    const value = make();
    const { code, message, details } = refusal(value);
    expect({ code, details }).toEqual({ code: 'invalid_request', details: { field: 'payload', path } });
    expect(message.startsWith(`payload must be JSON, but ${path} ${told}`), message).toBe(true);
  });

  it('ends soon with what shares its parts so often that its text would never end', () => {
    let shared: unknown = 'x';
    for (let level = 0; level < 60; level++) shared = [shared, shared];
    expect(refusal(shared).message).toContain('more than 4194304 values');
  });

  it('bounds what it tells', () => {
    let deep: unknown = Number.NaN;
    for (let level = 0; level < 60; level++) deep = { ['x'.repeat(1_000)]: deep };
    expect(refusal(deep).message.length).toBeLessThan(500);
    expect(refusal({ toJSON: () => expect.fail('x'.repeat(10_000)) }).message.length).toBeLessThan(500);
  });
});
