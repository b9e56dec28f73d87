import { describe, expect, it } from 'vitest';
import type { FailureCause } from './cause.ts';
import {
  admit,
  failuresOfAway,
  failuresOfAwayAgain,
  learn,
  newOrigin,
  type Origin,
  type Pass,
  passOf,
  present,
  type Verdict,
  waitWith,
} from './origin.ts';
import { patience } from './probing.ts';

/** One origin and a clock. */
class World {
  origin: Origin = newOrigin(0);
  now = 0;

  ask(path = '/'): Verdict {
    const [after, verdict] = admit(this.origin, path, this.now);
    this.origin = after;
    return verdict;
  }

  random = 0.5;

  tell(pass: Pass, cause: FailureCause | null | 'returned', asked: number | null = null, path = '/'): void {
    this.origin = learn(this.origin, path, pass, { cause, asked }, this.now, this.random);
  }

  /** Asks, and tells how it went if it was sent. */
  send(cause: FailureCause | null | 'returned', asked: number | null = null, path = '/'): Verdict {
    const verdict = this.ask(path);
    if (verdict.kind === 'send') this.tell(verdict.pass, cause, asked, path);
    return verdict;
  }

  /** As many in a second. */
  atRate(perSecond: number, seconds: number): void {
    for (let i = 0; i < perSecond * seconds; i++) {
      this.send(null);
      this.now += 1_000 / perSecond;
    }
  }

  goAway(cause: FailureCause = 'refused'): void {
    for (let i = 0; i < failuresOfAway; i++) this.send(cause);
  }

  /** The time until a job that waits is let through. */
  waitsFor(): number {
    const verdict = this.ask();
    return verdict.kind === 'wait' ? verdict.delay : 0;
  }
}

describe('an origin that answers', () => {
  it('is sent everything, however it answers', () => {
    const world = new World();
    for (const cause of [null, 'answer', 'timeout', 'canceled', 'malformed', 'returned'] as const) {
      for (let i = 0; i < 20; i++) expect(world.send(cause).kind).toBe('send');
    }
    expect(world.origin.kind).toBe('answering');
  });

  it(`is away after ${failuresOfAway} failures in a row that tell of absence`, () => {
    for (const cause of ['refused', 'unreachable', 'dns', 'tls', 'reset', 'unavailable'] as const) {
      const world = new World();
      for (let i = 1; i < failuresOfAway; i++) world.send(cause);
      expect(world.origin.kind).toBe('answering');
      world.send('answer');
      world.now += present;
      for (let i = 1; i < failuresOfAway; i++) world.send(cause);
      expect(world.origin.kind).toBe('answering');
      world.send(cause);
      expect(world.origin.kind).toBe('away');
    }
  });
});

describe('an origin of which one path always answers 503', () => {
  it('answers while others are served, however many of its failures come in a row', () => {
    for (const cause of ['unavailable', 'reset'] as const) {
      const world = new World();
      for (let i = 0; i < 20; i++, world.now += present - 1) {
        world.send(null);
        for (let n = 0; n < 20 * failuresOfAway; n++) expect(world.send(cause).kind).toBe('send');
      }
      expect(world.origin.kind).toBe('answering');
    }
  });

  it('is away at once when nobody is found there, however lately it answered', () => {
    const world = new World();
    world.send(null);
    world.goAway('refused');
    expect(world.origin.kind).toBe('away');
  });

  it('is not asked by jobs of that path alone', () => {
    const world = new World();
    // A hundred of a broken path were pushed first, and wait before all others.
    let due = Array.from({ length: 500 }, (_, i) => ({ isBroken: i < 100, at: 0 }));
    world.goAway('unavailable');
    let probes = 0;
    for (; world.origin.kind === 'away' && world.now < 120_000; world.now += 100) {
      const now = due.filter(({ at }) => at <= world.now);
      due = due.filter(({ at }) => at > world.now);
      for (const job of now) {
        world.random = (probes * 0.37 + 0.2) % 1;
        const verdict = world.send(job.isBroken ? 'unavailable' : null);
        if (verdict.kind === 'send') probes += 1;
        if (verdict.kind === 'wait') due.push({ ...job, at: world.now + verdict.delay });
      }
    }
    expect(world.origin.kind).toBe('returning');
    expect(probes).toBeLessThanOrEqual(5);
  });

  it('is asked by the next one when fewer come than were to be passed over', () => {
    const world = new World();
    world.goAway('unavailable');
    for (let i = 0; i < 100; i++) world.ask();
    world.now = 600;
    world.send('unavailable');
    world.now = 1_700;
    expect(world.ask().kind).toBe('wait');
    world.now = 2_700;
    expect(world.ask().kind).toBe('send');
  });
});

describe('an origin that is away', () => {
  it('lets one job ask whether it is back, less and less often', () => {
    const world = new World();
    world.goAway();
    const asked: number[] = [];
    for (; world.now < 25_000; world.now += 50) if (world.send('refused').kind === 'send') asked.push(world.now);
    expect(asked).toEqual([500, 1_500, 3_500, 7_500, 12_500, 17_500, 22_500]);
  });

  it('lets the others wait for the next probe and for one another, and come in groups', () => {
    const world = new World();
    world.goAway();
    const due = Array.from({ length: 12_000 }, () => world.now + world.waitsFor());
    expect(due[0]).toBe(600);
    expect(due.at(-1)).toBeLessThan(13_000);
    expect(due.every((time, i) => time % 100 === 0 && time >= (due[i - 1] ?? 0))).toBe(true);
    const groups = Map.groupBy(due, (time) => time);
    expect(Math.max(...[...groups.values()].map((group) => group.length))).toBeLessThanOrEqual(100);
  });

  it('lets another job ask when the first one takes long, was broken off or told nothing', () => {
    const world = new World();
    world.goAway();
    world.now = 600;
    const first = world.ask();
    expect(first.kind).toBe('send');
    expect(world.ask().kind).toBe('wait');
    world.now = 2_600;
    expect(world.ask().kind).toBe('send');
    expect(world.ask().kind).toBe('wait');
    if (first.kind === 'send') world.tell(first.pass, 'returned');
    expect(world.ask().kind).toBe('send');
  });

  it('is left alone as long as it asks to, within a bound', () => {
    const world = new World();
    world.goAway('unavailable');
    world.now = 600;
    world.send('unavailable', 30_000);
    world.now = 30_500;
    expect(world.ask().kind).toBe('wait');
    world.now = 30_700;
    world.send('unavailable', 86_400_000);
    world.now = 90_800;
    expect(world.ask().kind).toBe('send');
  });

  it('is not told of by attempts of before, nor put off by those that are sent anyway', () => {
    const world = new World();
    const before = world.ask();
    world.goAway();
    if (before.kind === 'send') world.tell(before.pass, null);
    expect(world.origin.kind).toBe('away');
    world.tell(passOf(world.origin), 'refused');
    expect(world.waitsFor()).toBe(600);
    world.tell(passOf(world.origin), null);
    expect(world.origin.kind).toBe('returning');
  });

  it('lets attempts that sent nothing wait too, until the patience is over; then they count, and fail unsent', () => {
    const world = new World();
    expect(waitWith(world.origin, '/', 0)).toBe(null);
    world.goAway();
    expect(waitWith(world.origin, '/', world.now)?.[1]).toBe(600);
    world.now = patience + 1;
    expect(waitWith(world.origin, '/', world.now)).toBe(null);
    expect(world.send('refused').kind).toBe('send');
    expect(world.ask()).toEqual({ kind: 'give up', why: { of: 'origin', cause: 'refused' } });
  });
});

describe('an origin that is back', () => {
  /** Jobs that come as they are told to, beside new ones; answers how many were sent in each second. */
  function returned(world: World, backlog: number, perSecond: number, seconds: number): readonly number[] {
    const start = world.now;
    const sent = Array.from({ length: seconds }, () => 0);
    let due = Array.from({ length: backlog }, (_, i) => start + i);
    for (; world.now < start + seconds * 1_000; world.now += 1_000 / perSecond) {
      const now = [world.now, ...due.filter((time) => time <= world.now)];
      due = due.filter((time) => time > world.now);
      for (const _ of now) {
        const verdict = world.send(null);
        const second = Math.floor((world.now - start) / 1_000);
        if (verdict.kind === 'send') sent[second] = (sent[second] ?? 0) + 1;
        else if (verdict.kind === 'wait') due.push(world.now + verdict.delay);
      }
    }
    return sent;
  }

  it.each([2, 60])('gets at most twice its usual rate in the first second, then more and more: seen for %i s', (seconds) => {
    const world = new World();
    world.atRate(200, seconds);
    world.goAway();
    world.now += 60_000;
    expect(world.send(null).kind).toBe('send');
    expect(world.origin.kind).toBe('returning');
    const sent = returned(world, 12_000, 200, 15);
    expect(sent[0]).toBeGreaterThan(150);
    expect(sent[0]).toBeLessThanOrEqual(400);
    expect(sent[1]).toBeLessThanOrEqual(700);
    expect(sent.slice(0, 14).reduce((sum, each) => sum + each, 0)).toBeGreaterThan(12_000 + 13 * 200);
    expect(world.origin.kind).toBe('answering');
  });

  it('of which nothing is known begins slowly', () => {
    const world = new World();
    world.goAway();
    world.now += 700;
    world.send(null);
    const sent = returned(world, 5_000, 1, 12);
    expect(sent[0]).toBeLessThanOrEqual(20);
    expect(sent.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(5_000);
  });

  function back(): World {
    const world = new World();
    world.atRate(200, 2);
    world.goAway();
    world.now += 700;
    world.send(null);
    world.now += 500;
    return world;
  }

  it(`is away again after ${failuresOfAwayAgain} failures in a row`, () => {
    const world = back();
    for (let i = 1; i < failuresOfAwayAgain; i++) world.send('refused');
    expect(world.origin.kind).toBe('returning');
    world.send(null);
    for (let i = 1; i < failuresOfAwayAgain; i++) world.send('refused');
    expect(world.origin.kind).toBe('returning');
    world.send('refused');
    expect(world.origin.kind).toBe('away');
  });

  it('is away again when it answers nothing but 503 for a while', () => {
    const world = back();
    world.now += present;
    for (let i = 0; i < failuresOfAwayAgain; i++) world.send('unavailable');
    expect(world.origin.kind).toBe('away');
  });

  it('stays when some of its answers are 503', () => {
    const world = back();
    for (let i = 0; i < 6_000; i++, world.now += 2) {
      world.send(i % 20 < 4 ? 'unavailable' : null);
      expect(world.origin.kind).not.toBe('away');
    }
    expect(world.origin.kind).toBe('answering');
  });

  it('costs no attempt that sent nothing', () => {
    const world = back();
    world.send('refused');
    expect(waitWith(world.origin, '/', world.now)?.[1]).toBeGreaterThan(0);
  });
});
