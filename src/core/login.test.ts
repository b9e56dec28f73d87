import { describe, expect, it } from 'vitest';
import { hideLogin, hideLogins } from './login.ts';

describe('hideLogin', () => {
  it.each([
    ['http://a:80/x', 'http://a:80/x'],
    ['local host', 'local host'],
    ['redis://u:secret@a/x', 'redis://…@a/x'],
    ['redis://u:sec@ret@a:1,b:2', 'redis://…@a:1,b:2'],
    ['u:secret@a', '…@a'],
    ['redis://default:secret', 'redis://default:…'],
    ['redis://a:123456', 'redis://a:…'],
    ['redis://a:1?password=secret', 'redis://a:1?…'],
    ['http://a:1#secret', 'http://a:1#…'],
  ])('hides what may be a password in %s', (text, shown) => {
    expect(hideLogin(text)).toBe(shown);
  });
});

describe('hideLogins', () => {
  it.each([
    ["unknown command 'redis://u:secret@a:1'", "unknown command 'redis://…@a:1'"],
    ['got 2: http://u:se cret@a, rediss+sentinel://:secret@b/m.', 'got 2: http://…@b/m.'],
    ['two\nlines of redis://u:sec\nret@a', 'two\nlines of redis://…@a'],
    ['http://a:1/x has no login', 'http://a:1/x has no login'],
    ['somebody@example.org', 'somebody@example.org'],
  ])('hides logins in %j', (text, shown) => {
    expect(hideLogins(text)).toBe(shown);
  });
});
