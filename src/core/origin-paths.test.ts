import { describe, expect, it } from 'vitest';
import type { FailureCause } from './cause.ts';
import { admit, learn, newOrigin, type Origin } from './origin.ts';
import { mostPaths, pathKey, withPath } from './origin-paths.ts';

describe('paths', () => {
  it.each([
    ['/mail', '/mail?to=ada', true],
    ['/orders/17/items', '/orders/a1b2-c3/items?x', true],
    ['/orders/17', '/orders/18', true],
    ['/orders/17', '/orders/new', false],
    ['/orders/17', '/carts/17', false],
    ['/a/b', '/ab', false],
    ['/a', '/a/', false],
    [`/${'x'.repeat(300)}`, `/${'x'.repeat(301)}`, true],
  ])('%s and %s: the same is %s', (one, other, isSame) => {
    expect(pathKey(one) === pathKey(other)).toBe(isSame);
  });

  it('are remembered up to a bound, the oldest forgotten first', () => {
    const all = Array.from({ length: 100 }, (_, i) => i).reduce<readonly number[]>(withPath, []);
    expect(all).toEqual(Array.from({ length: mostPaths }, (_, i) => 100 - mostPaths + i));
  });
});

interface Arrival {
  readonly path: string;
  readonly at: number;
}

interface Sent {
  readonly path: string;
  /** How long it had waited, and when that was over. */
  readonly waited: number;
  readonly at: number;
  readonly failed: boolean;
}

/** How many jobs run at once. */
const slots = 32;

/** Jobs that come, come again as they are told to, and are answered after 20 ms; those that failed are tried again after 30 s. */
function run(
  arrivals: readonly Arrival[],
  answer: (path: string, now: number) => FailureCause | null,
  until: number,
  random: () => number,
) {
  let origin: Origin = newOrigin(0);
  let due = arrivals.map((job) => ({ ...job, first: job.at }));
  const sent: Sent[] = [];
  let running: { readonly over: number; readonly learned: () => void }[] = [];
  for (let now = 0; now < until; now += 20) {
    for (const { learned } of running.filter(({ over }) => over <= now)) learned();
    running = running.filter(({ over }) => over > now);
    const coming = due.filter(({ at }) => at <= now);
    due = due.filter(({ at }) => at > now);
    for (const job of coming) {
      if (running.length >= slots) {
        due.push(job);
        continue;
      }
      const [after, verdict] = admit(origin, job.path, now);
      origin = after;
      if (verdict.kind === 'wait') due.push({ ...job, at: now + verdict.delay });
      if (verdict.kind !== 'send') continue;
      const cause = answer(job.path, now);
      sent.push({ path: job.path, waited: now - job.first, at: now, failed: cause !== null });
      if (cause !== null) due.push({ ...job, at: now + 30_000, first: now + 30_000 });
      const learned = () => {
        origin = learn(origin, job.path, verdict.pass, { cause, asked: null }, now + 20, random());
      };
      running.push({ over: now + 20, learned });
    }
    const { paths } = (origin.kind === 'away' ? origin.line : origin.held) ?? { paths: [] };
    expect(Math.max(paths.length, origin.served.length)).toBeLessThanOrEqual(mostPaths);
    expect(origin.kind !== 'away' && origin.held?.paths.length === 0).toBe(false);
  }
  return { sent, waiting: due.length, origin };
}

/** Always the same numbers. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const many = (count: number, path: (i: number) => string, from: number, every = 0): readonly Arrival[] =>
  Array.from({ length: count }, (_, i) => ({ path: path(i), at: from + i * every }));
const isBad = (path: string): boolean => path.startsWith('/bad');
const bad503 = (path: string): FailureCause | null => (isBad(path) ? 'unavailable' : null);

describe('an origin of which some paths always answer 503', () => {
  const broken: readonly (readonly [what: string, path: (i: number) => string])[] = [
    ['one', () => '/bad'],
    ['one with ids', (i) => `/bad/${i}`],
    ['three', (i) => `/bad/${'abc'[i % 3]}`],
    ['more than are told apart', (i) => `/bad/${String.fromCharCode(97 + (i % 26), 97 + (i % 19))}`],
  ];

  it.each(broken)('serves the others at once, few though they are: %s', (_, path) => {
    for (const every of [2_000, 700]) {
      const good = many(30, () => '/good', 20, every);
      const { sent } = run([...good, ...many(500, path, 1_520)], bad503, 62_000, numbers(every));
      const waits = sent.filter((job) => !isBad(job.path)).map(({ waited }) => waited);
      expect(waits).toHaveLength(30);
      expect(Math.max(...waits)).toBeLessThanOrEqual(300);
    }
  });

  it.each(broken.slice(0, 3))('serves the others that it was not seen to serve before: %s', (_, path) => {
    const { sent } = run([...many(500, path, 0), ...many(30, () => '/good', 1_500, 2_000)], bad503, 62_000, numbers(1));
    const waits = sent.filter((job) => !isBad(job.path)).map(({ waited }) => waited);
    expect(waits).toHaveLength(30);
    expect(Math.max(...waits)).toBeLessThanOrEqual(300);
  });

  it('is asked for them as seldom as one that is away', () => {
    const arrivals = [...many(30, () => '/good', 20, 2_000), ...many(500, () => '/bad', 1_520)];
    const { sent } = run(arrivals, bad503, 62_000, numbers(2));
    // At 1.52 s all that came within a second of an answer; later one every five seconds.
    const later = sent.filter(({ path, at }) => isBad(path) && at > 5_000 && at < 31_000);
    expect(later.length).toBeGreaterThanOrEqual(4);
    expect(later.length).toBeLessThanOrEqual(7);
  });

  it('gets the jobs of one that it serves again little by little, and those of another not at all', () => {
    const paths = (i: number) => `/bad/${i % 2 === 0 ? 'a' : 'b'}`;
    const arrivals = [...many(45, () => '/good', 20, 2_000), ...many(2_000, paths, 3_100)];
    const answer = (path: string, now: number) => (path === '/bad/b' || (path === '/bad/a' && now < 20_000) ? 'unavailable' : null);
    const { sent } = run(arrivals, answer, 60_000, numbers(3));
    const back = sent.filter(({ path, failed }) => path === '/bad/a' && !failed).map(({ at }) => at);
    expect(back).toHaveLength(1_000);
    const [firstAt = 0] = back;
    expect(firstAt).toBeLessThan(32_000);
    expect(back.filter((at) => at < firstAt + 1_000).length).toBeLessThan(40);
    expect(sent.filter(({ path, at }) => path === '/bad/b' && at > 10_000 && at < 30_000).length).toBeLessThanOrEqual(12);
  });
});

describe('an origin that answers 503 for a while', () => {
  it.each([1, 2, 3, 4, 5])('serves its paths when it is back, but the one that still fails', (seed) => {
    const answer = (path: string, now: number) => (isBad(path) || now < 20_000 ? 'unavailable' : null);
    const good = many(60, (i) => `/good/${'abc'[i % 3]}`, 20, 1_000);
    const { sent } = run([...good, ...many(2_000, () => '/bad', 0)], answer, 90_000, numbers(seed));
    // Held back were those that came before, or until one of its path had its turn.
    const late = sent.filter(({ path, at, waited }) => !isBad(path) && at - waited > 20_000 && waited > 300);
    expect(Math.max(...late.map(({ at }) => at))).toBeLessThan(50_000);
    expect(new Set(sent.filter(({ failed }) => !failed).map(({ path }) => path))).toEqual(new Set(['/good/a', '/good/b', '/good/c']));
  });
});

describe('an origin that answers 503 on all of its paths', () => {
  it.each([1, 3, 100])('is asked by few of their jobs, and all are served when it is back: %i paths', (count) => {
    const name = (i: number) => `/${String.fromCharCode(97 + ((i % count) % 26), 97 + Math.floor((i % count) / 26))}`;
    const answer = (_: string, now: number) => (now > 1_000 && now < 30_000 ? 'unavailable' : null);
    const { sent, waiting } = run([...many(count, name, 0), ...many(2_000, name, 2_000)], answer, 80_000, numbers(count));
    const burnt = sent.filter(({ failed }) => failed).length;
    // What was under way, one of each path that is told apart or was served before, and the probes of half a minute.
    expect(burnt).toBeLessThanOrEqual(slots + 2 * mostPaths + 10);
    expect(sent.length - burnt).toBe(count + 2_000);
    expect(waiting).toBe(0);
  });
});
