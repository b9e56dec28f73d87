import { describe, expect, it } from 'vitest';
import { aboutOf } from './about.ts';
import { atOnce, checkDecision, type Definition, dueAt } from './definition.ts';
import type { Millis } from './duration.ts';
import { deepestEvent } from './event-cause.ts';
import { changedTrigger, type NewTrigger, newTrigger, pausedTrigger, resumedTrigger, skippingTrigger } from './new-trigger.ts';
import { noFacts } from './owned.ts';
import { httpRetry } from './retry.ts';
import { keyOf, type Trigger, type TriggerJob, writeTrigger } from './trigger.ts';
import { decideTrigger, isDueRightly } from './trigger-decision.ts';
import { collectedAbout, collectedNote, putOffFor } from './window.ts';

const second: Millis = 1_000;
const minute = 60 * second;
const mebi = 1024 * 1024;
const start = Date.UTC(2026, 0, 1);
const ref = { domain: 'acme', id: 'report' };
const job: TriggerJob = {
  ...{ queue: 'default', worker: 'report', name: '', comment: '', priority: 0, payload: '{"of":"all"}', url: '', headers: null, limit: '' },
  options: { timeout: null, retry: httpRetry, onLost: 'retry', rules: 'v1' },
};

/** A trigger beside a clock: what the store keeps of it, and what is pushed. */
class World {
  now = start;
  trigger: Trigger;
  pushed: string[] = [];
  notes: string[] = [];
  isGone: boolean = false;
  #kept: Pick<Definition, 'state' | 'due' | 'firedAt' | 'window'> = { state: '', due: start, firedAt: null, window: null };

  constructor(asked: Partial<NewTrigger> & Pick<NewTrigger, 'type'>) {
    this.trigger = newTrigger({ job, ...asked }, { ref, now: start, token: 'token' });
    this.settle();
  }

  get definition(): Definition {
    const plain = { group: '', dueOnEnd: false, changedAt: start, version: 1, owned: { ...noFacts, live: 0, ended: null } };
    return { ...keyOf(ref), ...plain, ...this.#kept, body: writeTrigger(this.trigger) };
  }

  get due(): number | null {
    return dueAt(this.#kept);
  }

  /** As the firing loop does, until nothing is due. */
  settle(): void {
    for (let due = this.due; !this.isGone && due !== null && due <= this.now; due = this.due) {
      const decision = decideTrigger(this.definition, this.now);
      checkDecision(decision, due);
      const { next, state, jobs, note } = decision;
      this.pushed.push(...jobs.map(({ about }) => (JSON.parse(about ?? '{}') as { tick: string }).tick.slice(11, 19)));
      this.notes.push(note);
      this.isGone = next === 'removed';
      if (next !== null && next !== 'removed') expect(next).toBeGreaterThan(due);
      this.#kept = { state, due: next === 'removed' ? null : next, firedAt: due, window: null };
    }
  }

  pass(time: Millis): void {
    this.now += time;
    this.settle();
  }

  become(change: (trigger: Trigger) => Trigger): void {
    this.trigger = change(this.trigger);
    // As the store has it: ticks only rise.
    this.now = atOnce(this.#kept, this.now);
    this.#kept = { ...this.#kept, due: this.now };
    this.settle();
  }
}

const everyMinute = { type: '@every', arguments: '1m' } as const;

describe('a trigger that is due', () => {
  it('pushes a job for its tick, with its message, and is due again at the next', () => {
    const world = new World(everyMinute);
    expect([world.pushed, world.due]).toEqual([[], start + minute]);
    world.pass(minute);
    expect([world.pushed, world.due]).toEqual([['00:01:00'], start + 2 * minute]);
    const { jobs } = decideTrigger({ ...world.definition, due: start + 2 * minute }, start + 2 * minute);
    expect(jobs).toEqual([
      {
        ...job,
        domain: 'acme',
        manual: false,
        start: null,
        owner: 'trigger/acme/report',
        about: '{"tick":"2026-01-01T00:02:00Z"}',
        idempotency: null,
      },
    ]);
  });

  it.each([
    ['last', ['00:05:00']],
    ['all', ['00:01:00', '00:02:00', '00:03:00', '00:04:00', '00:05:00']],
    ['skip', ['00:05:00']],
  ] as const)('has missed some: %s', (policy, pushed) => {
    const world = new World({ ...everyMinute, missed: { policy, most: 10, lateness: null } });
    world.pass(5 * minute + 20 * second);
    expect([world.pushed, world.due]).toEqual([pushed, start + 6 * minute]);
  });

  it('makes up for many, one firing after the other, each tick once', () => {
    const world = new World({ ...everyMinute, missed: { policy: 'all', most: 1_000, lateness: null } });
    world.pass(250 * minute);
    expect(world.pushed).toHaveLength(250);
    expect(new Set(world.pushed).size).toBe(250);
    world.pass(minute);
    expect(world.pushed).toHaveLength(251);
  });

  it.each([
    ['half a firing', 4 * mebi - 1_000],
    ['a tenth of one', 0.8 * mebi],
    ['as much as there may be', 4 * mebi - 100],
  ])('makes up for many, however large its message is: %s', (_, characters) => {
    const large = { ...job, payload: JSON.stringify('x'.repeat(characters)) };
    const world = new World({ type: '@every', arguments: '1s', job: large, missed: { policy: 'all', most: 1_000, lateness: null } });
    world.pass(25 * second);
    expect(world.pushed).toHaveLength(25);
  });

  it('pushes one at a time when its jobs may not overlap', () => {
    const world = new World({ ...everyMinute, overlap: 'skip', missed: { policy: 'all', most: 10, lateness: null } });
    world.pass(3 * minute);
    expect(world.notes.filter((note) => note.startsWith('fired'))).toEqual(['1', '2', '3'].map((n) => `fired for 2026-01-01T00:0${n}:00Z`));
  });

  it('is gone when it fires once, also at a moment that was past when it was made', () => {
    const world = new World({ type: '@at', arguments: '2026-01-01T00:01:00Z' });
    world.pass(minute);
    expect([world.pushed, world.isGone]).toEqual([['00:01:00'], true]);
    const late = new World({ type: '@at', arguments: '2025-12-31T23:00:00Z' });
    expect([late.pushed, late.isGone]).toEqual([['23:00:00'], true]);
    const soon = new World({ type: '@in', arguments: '90s' });
    soon.pass(90 * second);
    expect([soon.pushed, soon.isGone]).toEqual([['00:01:30'], true]);
  });

  it('pushes nothing while it is paused, and makes up for none of it', () => {
    const world = new World({ ...everyMinute, missed: { policy: 'all', most: 10, lateness: null } });
    world.become((trigger) => pausedTrigger(trigger, null, world.now));
    expect(world.due).toBeNull();
    world.pass(5 * minute);
    world.become((trigger) => resumedTrigger(trigger, world.now));
    world.pass(minute);
    expect(world.pushed).toEqual(['00:06:00']);
    world.become((trigger) => pausedTrigger(trigger, world.now + 2 * minute + second, world.now));
    world.pass(3 * minute);
    expect(world.pushed).toEqual(['00:06:00', '00:09:00']);
  });

  it('fires no tick again under another schedule, although who changed it was a moment behind', () => {
    const world = new World({ type: '@cron', arguments: '0 * * * * *', missed: { policy: 'all', most: 10, lateness: null } });
    world.pass(2 * minute);
    for (const text of ['*/30 * * * * *', '*/15 * * * * *']) {
      world.become((trigger) => changedTrigger(trigger, { arguments: text }, { ref, now: world.now - 5 }));
    }
    world.pass(15 * second);
    expect(world.pushed).toEqual(['00:01:00', '00:02:00', '00:02:15']);
  });

  it('leaves out ticks that are to be skipped, as often as it is asked', () => {
    const world = new World(everyMinute);
    world.become((trigger) => skippingTrigger(trigger, 2, world.now));
    for (let n = 0; n < 4; n++) world.pass(minute);
    expect(world.pushed).toEqual(['00:03:00', '00:04:00']);
    world.become((trigger) => skippingTrigger(trigger, 1, world.now));
    for (let n = 0; n < 2; n++) world.pass(minute);
    expect(world.pushed).toEqual(['00:03:00', '00:04:00', '00:06:00']);
  });

  it('leaves out no more of them when it is given another schedule, and no fewer', () => {
    const world = new World(everyMinute);
    world.become((trigger) => skippingTrigger(trigger, 3, world.now));
    for (let n = 0; n < 2; n++) world.pass(minute);
    world.become((trigger) => changedTrigger(trigger, { arguments: '30s' }, { ref, now: world.now }));
    for (let n = 0; n < 4; n++) world.pass(minute / 2);
    expect(world.pushed).toEqual(['00:03:01', '00:03:31']);
  });

  it('ends', () => {
    const world = new World({ ...everyMinute, endsAt: start + 2 * minute });
    for (let n = 0; n < 4; n++) world.pass(minute);
    expect([world.pushed, world.due, world.isGone]).toEqual([['00:01:00', '00:02:00'], null, false]);
  });

  it('waits up to its jitter, always as long for the same tick, and never before its tick', () => {
    const world = new World({ ...everyMinute, jitter: 30 * second });
    const waits: number[] = [];
    for (let n = 1; n <= 5; n++) {
      waits.push((world.due ?? 0) - (start + n * minute));
      world.pass((world.due ?? 0) - world.now);
    }
    expect(waits.every((wait) => wait >= 0 && wait < 30 * second)).toBe(true);
    expect(new Set(waits).size).toBeGreaterThan(1);
    expect(world.pushed).toHaveLength(5);
  });
});

describe('a trigger that is due later than it must', () => {
  it('is right when it was put off, and wrong beyond that', () => {
    const world = new World(everyMinute);
    const asDueAt = (due: number) => isDueRightly({ ...world.definition, due }, world.trigger, world.now);
    expect(asDueAt(world.now + minute + putOffFor)).toBe(true);
    expect(asDueAt(world.now + minute + putOffFor + 1)).toBe(false);
    world.now += minute;
    expect(asDueAt(world.now + putOffFor)).toBe(true);
    expect(asDueAt(world.now + putOffFor + 1)).toBe(false);
  });
});

describe('what is gathered', () => {
  const window = { openedAt: start, closesAt: start, count: 3, dropped: 1 };

  it.each<readonly [string, number | undefined]>([
    ['io.files', undefined],
    ['*', undefined],
    ['io.files hatstand.jobs:UPDATED', deepestEvent],
    ['hatstand.*', deepestEvent],
  ])('of %s is as deep as it may be', (rules, depth) => {
    const { definition } = new World({ type: '@event', arguments: rules, debounce: { wait: second, maxWait: null } });
    const { collect, note } = decideTrigger({ ...definition, window }, start);
    const about = collectedAbout(collect?.about ?? expect.fail('nothing is collected'), window);
    expect(aboutOf({ about })).toMatchObject({ gathered: { count: 3, dropped: 1 }, message: { of: 'all' } });
    expect(aboutOf({ about }).depth).toBe(depth);
    expect(collectedNote(note, window)).toBe('gathered 3, 1 did not fit');
  });
});
