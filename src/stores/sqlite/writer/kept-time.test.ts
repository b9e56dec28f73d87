import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { all, asked, minute, only } from '../../conformance/subject.ts';
import { newJob } from '../calls/new-job.ts';
import { prepareRows } from '../file/database.ts';
import { dueAtSql } from '../file/rows/due.ts';
import { migrate } from '../file/schema.ts';
import { type Cell, TapeReader } from '../file/tape.ts';
import { claimAs, openIn, temporaryFolder } from '../open.suite.ts';
import { makeHandlers } from './handlers.ts';
import { openState } from './state.ts';
import { makeTransactions } from './transaction.ts';

const hour = 60 * minute;
const about = (time: number) => expect.toSatisfy((other: number) => Math.abs(other - time) < 10_000, `about ${time}`);

describe('a step of the wall clock', () => {
  it('writes no job, however many are scheduled', () => {
    const db = new DatabaseSync(':memory:');
    migrate(db, ':memory:');
    const state = openState(db, 0);
    const handlers = makeHandlers(state);
    const { run } = makeTransactions(state);
    const jobs = Array.from({ length: 5_000 }, () => {
      const cells: Cell[] = [];
      newJob.write(cells, asked({ start: { delay: hour } }));
      return newJob.read(new TapeReader(cells));
    });
    run(() => void handlers.jobs.push(jobs));
    const changes = (): number => Number(db.prepare('SELECT total_changes() AS total').get()?.['total']);
    for (const by of [2 * hour, -4 * hour]) {
      const before = changes();
      state.clock.step(by);
      run(() => expect(handlers.jobs.promote(10_000)).toBe(0));
      // The offset, when it was true and the leap; and how far fences are sure of.
      expect(changes() - before).toBeLessThanOrEqual(5);
    }
    db.close();
  });

  it('is taken back with its transaction, and made up for by the next one', () => {
    const db = new DatabaseSync(':memory:');
    migrate(db, ':memory:');
    const state = openState(db, 0);
    const { run } = makeTransactions(state);
    const kept = (): unknown => db.prepare("SELECT value FROM meta WHERE key = 'steady_ahead'").get()?.['value'];
    state.clock.step(-hour);
    const failing = (): never => {
      throw new Error('no');
    };
    expect(() => run(failing)).toThrow('no');
    expect(kept()).toBeUndefined();
    run(() => undefined);
    expect(kept()).toEqual(about(hour));
    db.close();
  });
});

/** A file whose process may end at any time, on a machine whose wall clock can be set. */
function machine() {
  const file = join(temporaryFolder(), 'hatstand.db');
  let wall = Date.now();
  vi.spyOn(Date, 'now').mockImplementation(() => Math.floor(wall));
  onTestFinished(() => void vi.restoreAllMocks());
  return {
    set(by: number) {
      wall += by;
    },
    /** One life of the store, which ends as if it were killed. */
    live<T>(work: (store: ReturnType<typeof openFile>) => T): T {
      const store = openFile(file);
      try {
        return work(store);
      } finally {
        store.db.close();
      }
    },
  };
}

function openFile(file: string) {
  const db = new DatabaseSync(file);
  migrate(db, file);
  const state = openState(db, 0);
  const handlers = makeHandlers(state);
  const { run, end } = makeTransactions(state);
  const push = (delay: number): void => {
    const cells: Cell[] = [];
    newJob.write(cells, asked({ start: { delay } }));
    run(() => void handlers.jobs.push([newJob.read(new TapeReader(cells))]));
  };
  const idle = (): void => run(() => undefined);
  /** In how long the delayed job is due, as of a transaction of its own. */
  const leftLater = (): number => {
    idle();
    return Number(prepareRows(db, `SELECT ${dueAtSql} FROM jobs`).get()?.[0]) - state.clock.now();
  };
  return { db, state, push, leftLater, idle, end };
}

describe('a step of the wall clock, and several openings', () => {
  const openings = [1, 2, 3, 4];

  it('back while the store is open is counted once', () => {
    const { set, live } = machine();
    live(({ push, idle }) => {
      push(5 * hour);
      set(-2 * hour);
      idle();
    });
    for (const _ of openings) live(({ leftLater }) => expect(leftLater()).toEqual(about(5 * hour)));
  });

  it('back while the store is closed is counted once, also by an opening that keeps nothing', () => {
    const { set, live } = machine();
    live(({ push }) => push(5 * hour));
    set(-2 * hour);
    for (const n of openings) live(({ leftLater }) => n % 2 === 0 && expect(leftLater()).toEqual(about(5 * hour)));
  });

  it('moves windows once', () => {
    const { set, live } = machine();
    live(({ push }) => push(5 * hour));
    set(-2 * hour);
    live(({ state, idle }) => {
      expect(state.clock.stepped()).toEqual(about(-2 * hour));
      idle();
      expect(state.clock.stepped()).toBe(0);
    });
    live(({ state }) => expect(state.clock.stepped()).toBe(0));
  });

  it('forward while the store is open, and back while it is closed, is none', () => {
    const { set, live } = machine();
    live(({ push, idle }) => {
      push(5 * hour);
      set(2 * hour);
      idle();
    });
    set(-2 * hour);
    for (const _ of openings) live(({ leftLater }) => expect(leftLater()).toEqual(about(5 * hour)));
  });

  it('is seen by the time at which the store was closed, although nothing was done for hours', () => {
    const { set, live } = machine();
    live(({ push, state, end }) => {
      push(5 * hour);
      state.clock.advance(3 * hour);
      end();
    });
    set(2 * hour);
    for (const _ of openings) live(({ leftLater }) => expect(leftLater()).toEqual(about(2 * hour)));
  });

  it('is seen when the journal is gone', () => {
    const { set, live } = machine();
    live(({ push, db }) => {
      push(5 * hour);
      db.exec('DELETE FROM journal');
    });
    set(-2 * hour);
    for (const _ of openings) live(({ leftLater }) => expect(leftLater()).toEqual(about(5 * hour)));
  });

  it('by more than a day lets nothing be removed for an hour, whatever was written meanwhile', () => {
    const { set, live } = machine();
    live(({ push }) => push(hour));
    set(40 * 24 * hour);
    for (const _ of openings) {
      live(({ push, state }) => {
        push(hour);
        expect(state.clock.believedIn()).toBeGreaterThan(0);
      });
    }
    set(hour);
    live(({ state }) => expect(state.clock.believedIn()).toBe(0));
    set(40 * 24 * hour);
    live(({ push, state }) => {
      push(hour);
      expect(state.clock.believedIn()).toBeGreaterThan(0);
    });
    set(-40 * 24 * hour);
    live(({ push, state }) => {
      push(hour);
      expect(state.clock.believedIn()).toBe(0);
    });
    live(({ state }) => expect(state.clock.believedIn()).toBe(0));
  });
});

describe('after the next opening', () => {
  it('a delay goes on, although the wall clock has stepped back meanwhile', async () => {
    const path = temporaryFolder();
    const first = await openIn(path);
    await first.step(3 * hour);
    await first.jobs.push([asked({ start: { delay: 10 * minute } })]);
    await first.close();
    const second = await openIn(path);
    const { now } = await second.upkeep.time();
    expect(now).toEqual(about(Date.now()));
    expect(only((await second.jobs.list(all)).jobs)).toMatchObject({ dueAt: about(now + 10 * minute) });
    expect(await second.jobs.promote(10)).toBe(0);
    await second.advance(11 * minute);
    expect(await second.jobs.promote(10)).toBe(1);
  });

  it('fences are above all that were given before, time after time', async () => {
    const path = temporaryFolder();
    let last = 0n;
    for (const ahead of [5 * hour, 0, 0, 0]) {
      const store = await openIn(path);
      await store.advance(ahead);
      for (let n = 0; n < 3; n++) {
        await store.jobs.push([asked()]);
        const { fence } = only(await claimAs(store, `node ${ahead} ${n} ${last}`, 1));
        expect(BigInt(fence)).toBeGreaterThan(last);
        last = BigInt(fence);
      }
      await store.close();
    }
  });
});
