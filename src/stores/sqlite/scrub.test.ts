/** The scrubber on a file and on counters that were damaged behind the store's back. */
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it } from 'vitest';
import { noResult } from '../../core/job.ts';
import { asked } from '../conformance/subject.ts';
import { stateCodes } from './codes.ts';
import { absent } from './counters.ts';
import { makeMover } from './jobs-move.ts';
import { makePusher } from './jobs-push.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { migrate } from './schema.ts';
import { makeScrub } from './scrub.ts';
import { type Cell, TapeReader } from './tape.ts';
import { readNewJob, writeNewJob } from './wire.ts';

let ledger: Ledger;
let scrub: (cursor: string | null, limit: number) => unknown;
beforeEach(() => {
  const db = new DatabaseSync(':memory:');
  migrate(db, ':memory:');
  ledger = openLedger(db, 0);
  const call = makeScrub(ledger, makeMover(ledger));
  scrub = (cursor, limit) => {
    const reply: Cell[] = [];
    call(new TapeReader([cursor, limit]), reply);
    const [next, checked, repaired] = reply;
    return { next, checked, repaired: JSON.parse(String(repaired)) };
  };
});

function push(otherwise: Parameters<typeof asked>[0] = {}): string {
  const cells: Cell[] = [];
  writeNewJob(cells, asked(otherwise));
  return makePusher(ledger).push(readNewJob(new TapeReader(cells))).id;
}

const counts = (): readonly number[] => ledger.counters.line('w', 'q').counts;
const well = { next: null, checked: expect.any(Number), repaired: {} };

describe('the scrubber', () => {
  it('puts counters right, and with them what is claimed from', () => {
    push();
    push({ manual: true });
    push({ start: { delay: 60_000 } });
    const line = ledger.counters.line('w', 'q');
    const lost = ledger.counters.line('w', 'nowhere');
    ledger.counters.move(line, stateCodes.queued, absent, 0);
    ledger.counters.move(line, stateCodes.queued, absent, 1);
    ledger.counters.move(line, absent, stateCodes.scheduled, 0);
    ledger.counters.move(line, absent, stateCodes.running, 0);
    ledger.counters.move(lost, absent, stateCodes.queued, 0);
    expect(scrub(null, 100)).toEqual({ ...well, repaired: { counts: 5 } });
    expect(counts()).toEqual([1, 2, 0, 0, 0, 0, 0]);
    expect([line.manual, ledger.counters.held('q')]).toEqual([1, 0]);
    expect([...ledger.counters.ready('w')]).toEqual([line]);
    expect(scrub(null, 100)).toEqual(well);
  });

  it('puts right how many have ended', () => {
    push();
    ledger.counters.move(ledger.counters.line('w', 'q'), absent, stateCodes.failed, 0);
    expect(scrub(null, 100)).toEqual({ ...well, repaired: { counts: 1 } });
    expect(counts()).toEqual([0, 1, 0, 0, 0, 0, 0]);
  });

  it('does not count more jobs than it may in one step', () => {
    for (let i = 0; i < 200; i++) push();
    ledger.counters.move(ledger.counters.line('w', 'q'), absent, stateCodes.queued, 0);
    expect(scrub(null, 2)).toEqual(well);
    expect(scrub(null, 3)).toMatchObject({ repaired: { counts: 1 } });
  });

  it('takes back attempts whose node is gone, not those of outside holders', () => {
    const [lost, outside] = [push(), push()];
    const hold = ledger.db.prepare(
      "UPDATE jobs SET state = 2, attempt = 1, fence = 9, holder = 'x', started_at = 1, deadline = ? WHERE id = ?",
    );
    hold.run(null, lost);
    hold.run(Date.now() + 60_000, outside);
    for (let i = 0; i < 2; i++) ledger.counters.move(ledger.counters.line('w', 'q'), stateCodes.queued, stateCodes.running, 0);
    expect(scrub(null, 100)).toEqual({ ...well, repaired: { orphans: 1 } });
    expect(counts()).toEqual([0, 1, 1, 0, 0, 0, 0]);
    expect(makeMover(ledger).find(lost)).toMatchObject({ state: 'queued', lost: 1, attempt: 0 });
    expect(scrub(null, 100)).toEqual(well);
  });

  it('finds a scheduled job that nobody would look for', () => {
    push({ start: { delay: 60_000 } });
    const { next } = ledger.due;
    ledger.due.reset(null);
    expect(scrub(null, 100)).toEqual({ ...well, repaired: { due: 1 } });
    expect(ledger.due.next).toBe(next);
    expect(scrub(null, 100)).toEqual(well);
  });

  it('removes messages to nodes that are gone', () => {
    ledger.db.exec("INSERT INTO inbox (holder, job_id, fence) VALUES ('gone', 1, 1)");
    expect(scrub(null, 100)).toEqual({ ...well, repaired: { inbox: 1 } });
    expect(scrub(null, 100)).toEqual(well);
  });

  it('removes the histories of jobs that are gone, a slice at a time', () => {
    const kept = push();
    const keep = ledger.db.prepare('INSERT INTO attempts VALUES (?, ?, 1, 1, ?, 1, 2, 2, NULL, ?, 0, ?)');
    for (const id of ['1', '2', '3', kept]) for (const fence of [1, 2]) keep.run(id, fence, 'x', noResult.error, noResult.output);
    expect(scrub(null, 2)).toEqual({ next: '2', checked: expect.any(Number), repaired: { histories: 2 } });
    expect(scrub('2', 2)).toEqual({ next: kept, checked: 2, repaired: { histories: 1 } });
    expect(scrub(kept, 2)).toEqual({ ...well, checked: 0 });
    expect(ledger.db.prepare('SELECT count(*) AS count FROM attempts').get()).toEqual({ count: 2 });
  });
});
