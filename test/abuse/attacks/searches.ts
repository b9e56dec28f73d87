/** Searches that take long: expressions that burn, for clients that wait and clients that leave, and filters of many values. */
import { hostilePatterns, hugePatterns } from '../../../src/stores/conformance/hostile.ts';
import type { Attack } from '../attack.ts';
import { scaled } from '../scale.ts';
import { send, sendMany } from '../sending.ts';

const patterns = hostilePatterns.map(encodeURIComponent).filter((pattern) => pattern.length < 8_000);

const burning: Attack = {
  name: 'expressions that burn',
  isLong: true,
  comes: /^(200|400|503)$/,
  async play({ server }, came) {
    for (const { came: what } of await sendMany(server.address, patterns.length, (n) => ({
      path: `/job?limit=-1&${n % 2 === 0 ? 'name' : 'term'}=${patterns[n % patterns.length]}`,
    })))
      came.add(what);
  },
};

const left: Attack = {
  name: 'expressions whose clients leave',
  comes: /^(cut off|200|400)$/,
  async play({ server }, came) {
    const leave = new AbortController();
    const asked = sendMany(server.address, scaled(20, 100), (n) => ({
      path: `/job?limit=-1&name=${patterns[n % patterns.length]}`,
      signal: leave.signal,
    }));
    // Who is answered behind them has been read after them.
    await send(server.address, { path: '/livez' });
    leave.abort();
    for (const { came: what } of await asked) came.add(what);
  },
};

const huge: Attack = {
  name: 'expressions that compile to millions of steps',
  comes: /^(400|431)$/,
  async play({ server }, came) {
    for (const pattern of hugePatterns) came.add((await send(server.address, { path: `/job?name=${encodeURIComponent(pattern)}` })).came);
  },
};

const values = (count: number): string => Array.from({ length: count }, (_, n) => (n % 10).toString(36)).join();

const filters: Attack = {
  name: 'filters of 500 values',
  comes: /^200$/,
  async play({ server }, came) {
    for (const field of ['name', '-name', 'queue', '-queue', 'url', 'id', '-owner', 'worker']) {
      const path = `/v1/jobs?limit=100&q=${encodeURIComponent(`${field}:${values(500)}`)}`;
      for (const answer of await sendMany(server.address, scaled(2, 8), () => ({ path }))) came.add(answer.came);
    }
  },
};

const cursors = [
  '',
  '0',
  '__proto__',
  '%00',
  'b2xkZXN0OjE',
  ...[
    'oldest:1:1',
    'oldest:',
    'oldest:-1',
    'oldest:99999999999999999999',
    'attempts:1',
    'queues:default',
    'newest:1',
    'x'.repeat(4_000),
  ].map((text) => Buffer.from(text).toString('base64url')),
];

const forged: Attack = {
  name: 'forged cursors',
  comes: /^(400 in words|200)$/,
  async play({ server, large }, came) {
    const paths = ['/v1/jobs?', '/v1/queues?', '/v1/unreadable?', `/v1/jobs/${large[0]}/attempts?`];
    for (const path of paths)
      for (const { came: what, text } of await sendMany(server.address, cursors.length, (n) => ({ path: `${path}cursor=${cursors[n]}` })))
        came.add(what === '400' && text.includes('cursor') ? '400 in words' : what);
  },
};

export const searchAttacks: readonly Attack[] = [burning, left, huge, filters, forged];
