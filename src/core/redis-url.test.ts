import { describe, expect, it } from 'vitest';
import { parseRedisUrl, redisLocation } from './redis-url.ts';

const plain = { username: null, password: null, master: null, database: 0, tls: false };

describe('parseRedisUrl', () => {
  it.each([
    ['redis://localhost', { ...plain, kind: 'single', hosts: [{ host: 'localhost', port: 6_379 }] }],
    ['redis://10.0.0.1:7000/3', { ...plain, kind: 'single', hosts: [{ host: '10.0.0.1', port: 7_000 }], database: 3 }],
    ['rediss://[::1]:7000/', { ...plain, kind: 'single', hosts: [{ host: '::1', port: 7_000 }], tls: true }],
    ['redis://:p%40ss@a', { ...plain, kind: 'single', hosts: [{ host: 'a', port: 6_379 }], password: 'p@ss' }],
    ['redis://u:p:q@a', { ...plain, kind: 'single', hosts: [{ host: 'a', port: 6_379 }], username: 'u', password: 'p:q' }],
    [
      'redis+sentinel://a,b:1/my-master/2',
      {
        ...plain,
        kind: 'sentinel',
        hosts: [
          { host: 'a', port: 26_379 },
          { host: 'b', port: 1 },
        ],
        master: 'my-master',
        database: 2,
      },
    ],
    [
      'rediss+cluster://a:1,b:2',
      {
        ...plain,
        kind: 'cluster',
        tls: true,
        hosts: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
        ],
      },
    ],
  ])('reads %s', (text, expected) => {
    expect(parseRedisUrl(text)).toEqual(expected);
  });

  it.each([
    'localhost:6379',
    'http://a',
    'redis://',
    'redis://a:0',
    'redis://a:65536',
    'redis://a,b',
    'redis://a/x',
    'redis://a/1/2',
    'redis://a?db=1',
    'redis://a b',
    'redis://:%zz@a',
    'redis+sentinel://a',
    'redis+sentinel://a/',
    'redis+sentinel://a/m/x',
    'redis+cluster://a/1',
    'redis+proxy://a',
  ])('refuses %s', (text) => {
    expect(parseRedisUrl(text)).toBeUndefined();
  });

  it('shows where it is without user and password', () => {
    const shown = (text: string): string => {
      const url = parseRedisUrl(text);
      return url === undefined ? 'refused' : redisLocation(url);
    };
    expect(shown('redis://u:secret@a/0')).toBe('redis://a:6379');
    expect(shown('rediss+sentinel://:secret@[::1],b/m/4')).toBe('rediss+sentinel://[::1]:26379,b:26379/m/4');
  });
});
