import { describe, expect, it } from 'vitest';
import { parseTarget, resolveTarget, type Target } from './target.ts';

function targetOf(text: string): Target {
  const target = parseTarget(text);
  if ('fault' in target) throw new Error(target.cause);
  return target;
}

describe('a target', () => {
  const good: readonly (readonly [string, string, string])[] = [
    ['http://a.example/b?c=d#e', 'http://a.example', '/b?c=d'],
    ['HTTP://A.example:80', 'http://a.example', '/'],
    ['https://a.example:8443?x', 'https://a.example:8443', '/?x'],
    ['http://[::1]:8000/', 'http://[::1]:8000', '/'],
    ['http://a/b/../c//d/./%7e', 'http://a', '/b/../c//d/./%7e'],
    ['http://a/b c/é"<>', 'http://a', '/b%20c/%C3%A9%22%3C%3E'],
    ['http://a/?q=a+b&r={"x":1} é', 'http://a', '/?q=a+b&r={"x":1}%20%C3%A9'],
    ['http://a/\ud800', 'http://a', '/%EF%BF%BD'],
    ['http://user:pw@a/b@c', 'http://a', '/b@c'],
    ['http://a:/b', 'http://a', '/b'],
    ['http://a:00080/b', 'http://a', '/b'],
    ['http://a:65535/b', 'http://a:65535', '/b'],
  ];
  for (const [text, origin, path] of good) {
    it(`of ${JSON.stringify(text)} is ${path} at ${origin}`, () => {
      expect(targetOf(text)).toMatchObject({ origin, path });
    });
  }

  const bad: readonly (readonly [string, string, string])[] = [
    ['', 'parse', 'empty url'],
    ['::', 'parse', 'missing protocol scheme'],
    ['http://a\nb/', 'parse', 'net/url: invalid control character in URL'],
    ['http://[::1', 'parse', "missing ']' in host"],
    ['http://a:b/', 'parse', 'invalid port ":b" after host'],
    ['http://[::1]x/', 'parse', 'invalid port "x" after host'],
    ['http://a b/', 'parse', 'invalid character " " in host name'],
    ['http://a/%zz', 'parse', 'invalid URL escape "%zz"'],
    ['1a:b', 'parse', 'first path segment in URL cannot contain colon'],
    ['http://a:99999/', 'parse', 'invalid port ":99999" after host'],
    ['http://a:65536/', 'parse', 'invalid port ":65536" after host'],
    ['http://a:0/', 'parse', 'invalid port ":0" after host'],
    ['http://[::1]:0/', 'parse', 'invalid port ":0" after host'],
    ['http://xn--a/', 'parse', 'invalid host "xn--a"'],
    ['http://1.2.3.4.5/', 'parse', 'invalid host "1.2.3.4.5"'],
    ['ftp://a/', 'scheme', 'unsupported protocol scheme "ftp"'],
    ['a/b', 'scheme', 'unsupported protocol scheme ""'],
    ['http:///b', 'scheme', 'http: no Host in request URL'],
    ['http:b', 'scheme', 'http: no Host in request URL'],
    ['javascript:alert(1)', 'scheme', 'unsupported protocol scheme "javascript"'],
  ];
  for (const [text, fault, cause] of bad) {
    it(`cannot be made of ${JSON.stringify(text)}`, () => {
      expect(parseTarget(text)).toMatchObject({ fault, cause });
    });
  }

  it('shows no password', () => {
    expect(targetOf('http://me:secret@a/').shown).toBe('http://me:***@a/');
    expect(targetOf('http://$&:$&@a/').shown).toBe('http://$&:***@a/');
    expect(parseTarget('ftp://me:secret@a/')).toMatchObject({ shown: 'ftp://me:***@a/' });
    expect(parseTarget('http://me:secret@a/%zz')).toMatchObject({ shown: 'http://me:***@a/%zz' });
  });

  it('tells no secret in what is wrong with it', () => {
    const causes = ['http://u:pw/x@h', 'http://u:p%zz@h', 'http://u:p#w@h'].map((text) => parseTarget(text));
    expect(causes).toMatchObject([
      { cause: 'invalid port "***" after host', shown: 'http://***@h' },
      { cause: 'invalid URL escape "***"', shown: 'http://u:***@h' },
      { cause: 'invalid port "***" after host', shown: 'http://***@h' },
    ]);
    expect(resolveTarget(targetOf('http://a/'), 'http://u:pw@[::1/?token=x')).toMatchObject({
      cause: 'failed to parse Location header "http://***@[::1/?token=***"',
    });
  });

  it('of a redirect is resolved against the one before', () => {
    const from = targetOf('http://me:pw@a/b/c?d');
    expect(resolveTarget(from, '../e?f')).toMatchObject({ origin: 'http://a', path: '/e?f', user: 'me:pw' });
    expect(resolveTarget(from, '//g/h')).toMatchObject({ origin: 'http://g', path: '/h', user: '' });
    expect(resolveTarget(from, 'http://[')).toMatchObject({ fault: 'scheme', cause: 'failed to parse Location header "http://["' });
  });
});
