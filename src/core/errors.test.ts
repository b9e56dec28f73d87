import { describe, expect, it } from 'vitest';
import { messageOf } from './errors.ts';

const revoked = (): unknown => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const refusing = (): never => {
  throw new Error('no');
};
const withMessage = (message: unknown): unknown => Object.assign(new Error(), { message });

describe('messageOf', () => {
  it.each([
    ['an error', new Error('text'), 'text'],
    ['a text', 'text', 'text'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a symbol', Symbol('sign'), 'Symbol(sign)'],
    ['an error with a number for its message', withMessage(5), '5'],
    ['an error with an object for its message', withMessage({ code: 5 }), '[object Object]'],
  ])('gives the text of %s', (_, thrown, text) => {
    expect(messageOf(thrown)).toBe(text);
  });

  it.each([
    ['an object without a way to become one', Object.create(null)],
    ['one whose toString throws', { toString: refusing }],
    ['one whose toString gives an object', { toString: () => ({}), valueOf: () => ({}) }],
    ['an error whose message throws', Object.defineProperty(new Error(), 'message', { get: refusing })],
    ['an error whose message has a toString that throws', withMessage({ toString: refusing })],
    ['a proxy that was revoked', revoked()],
  ])('gives a text for %s', (_, thrown) => {
    expect(messageOf(thrown)).toBe('what was thrown cannot be read');
  });
});
