import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { all, asked, minute, only } from '../../conformance/subject.ts';
import { newJob } from '../calls/new-job.ts';
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
      expect(changes() - before).toBeLessThanOrEqual(2);
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
