/** The scrubber on a file and on counters that were damaged behind the store's back. */
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it } from 'vitest';
import { ownerOf } from '../../../../core/definition.ts';
import { noResult } from '../../../../core/job.ts';
import type { OwnedFacts } from '../../../../core/owned.ts';
import { sizeOfLine } from '../../../../core/report.ts';
import type { Scrubbed } from '../../../../ports/store/upkeep.ts';
import { partOf, putOf, trigger } from '../../../conformance/definitions.ts';
import { asked, line } from '../../../conformance/subject.ts';
import type { WriterHandlers } from '../../calls/calls.ts';
import { newJob } from '../../calls/new-job.ts';
import { stateCodes } from '../../file/codes.ts';
import { migrate } from '../../file/schema.ts';
import { type Cell, TapeReader } from '../../file/tape.ts';
import { absent } from '../counters.ts';
import { makeOwned } from '../definitions/owned.ts';
import { makeHandlers } from '../handlers.ts';
import { makeWaiting } from '../jobs/after.ts';
import { makeExpiries } from '../jobs/expiries.ts';
import { makeMover } from '../jobs/move.ts';
import { makePusher } from '../jobs/push.ts';
import { makeUniques } from '../jobs/uniques.ts';
import { makeLimits } from '../limits/limits.ts';
import { openState, type State } from '../state.ts';

let state: State;
let handlers: WriterHandlers;
let scrub: (cursor: string | null, limit: number) => Scrubbed;
beforeEach(() => {
  const db = new DatabaseSync(':memory:');
  migrate(db, ':memory:');
  state = openState(db, 0);
  handlers = makeHandlers(state);
  scrub = handlers.upkeep.scrub;
});

function push(otherwise: Parameters<typeof asked>[0] = {}): string {
  const cells: Cell[] = [];
  newJob.write(cells, asked(otherwise));
  const facts = makeOwned(state);
  const mover = makeMover(state, facts);
  const parts = { limits: makeLimits(state), uniques: makeUniques(state), expiries: makeExpiries(state, mover) };
  return makePusher(state, { owned: facts, waiting: makeWaiting(state, mover), ...parts }).pushAnyway(newJob.read(new TapeReader(cells)))
    .id;
}

const define = (key: string): unknown => handlers.definitions.put([putOf(key)], null);
const owned = (definition: number): OwnedFacts => makeOwned(state).read(definition);

const counts = (): readonly number[] => state.counters.line('w', 'q').counts;
const well = { next: null, checked: expect.any(Number), repaired: {} };

describe('the scrubber', () => {
  it('puts counters right, and with them what is claimed from', () => {
    push();
    push({ manual: true });
    push({ start: { delay: 60_000 } });
    const line = state.counters.line('w', 'q');
    const lost = state.counters.line('w', 'nowhere');
    state.counters.move(line, stateCodes.queued, absent, 0);
    state.counters.move(line, stateCodes.queued, absent, 1);
    state.counters.move(line, absent, stateCodes.scheduled, 0);
    state.counters.move(line, absent, stateCodes.running, 0);
    state.counters.move(lost, absent, stateCodes.queued, 0);
    expect(scrub(null, 100)).toEqual({ ...well, repaired: { counts: 5 } });
    expect(counts()).toEqual([1, 2, 0, 0, 0, 0, 0, 0]);
    expect([line.manual, state.counters.held('q')]).toEqual([1, 0]);
    expect([...state.counters.ready('w')]).toEqual([line]);
    expect(scrub(null, 100)).toEqual(well);
  });

  it('puts right how many have ended', () => {
    push();
    state.counters.move(state.counters.line('w', 'q'), absent, stateCodes.failed, 0);
    expect(scrub(null, 100)).toEqual({ ...well, repaired: { counts: 1 } });
    expect(counts()).toEqual([0, 1, 0, 0, 0, 0, 0, 0]);
  });

  it('does not count more jobs than it may in one step', () => {
    for (let i = 0; i < 200; i++) push();
    state.counters.move(state.counters.line('w', 'q'), absent, stateCodes.queued, 0);
    expect(scrub(null, 2)).toEqual(well);
    expect(scrub(null, 3)).toMatchObject({ repaired: { counts: 1 } });
  });

  it('takes back attempts whose node is gone, not those of outside holders', () => {
    const [lost, outside] = [push(), push()];
    const hold = state.db.prepare(
      "UPDATE jobs SET state = 2, attempt = 1, fence = 9, holder = 'x', started_at = 1, deadline = ? WHERE id = ?",
    );
    hold.run(null, lost);
    hold.run(Date.now() + 60_000, outside);
    for (let i = 0; i < 2; i++) state.counters.move(state.counters.line('w', 'q'), stateCodes.queued, stateCodes.running, 0);
    expect(scrub(null, 100)).toEqual({ ...well, repaired: { orphans: 1 } });
    expect(counts()).toEqual([0, 1, 1, 0, 0, 0, 0, 0]);
    expect(makeMover(state, makeOwned(state)).find(lost)).toMatchObject({ state: 'queued', lost: 1, attempt: 0 });
    expect(scrub(null, 100)).toEqual(well);
  });

  it('finds a scheduled job that nobody would look for', () => {
    for (const start of [{ delay: 60_000 }, { at: Date.now() + 60_000 }]) {
      push({ start });
      const next = state.due.nextIn(state.clock);
      state.due.reset(null, null);
      expect(scrub(null, 100)).toEqual({ ...well, repaired: { due: 1 } });
      expect(state.due.nextIn(state.clock)).toBe(next);
    }
    expect(scrub(null, 100)).toEqual(well);
  });

  it('puts right what the jobs of a definition did, and leaves what retention took', () => {
    define('kept');
    define('wrong');
    const [swept, last] = [push({ owner: ownerOf(trigger('kept')) }), push({ owner: ownerOf(trigger('wrong')) })];
    state.db.prepare('DELETE FROM jobs WHERE id = ?').run(swept);
    state.counters.move(state.counters.line('w', 'q'), stateCodes.queued, absent, 0);
    state.db.exec(`UPDATE owned SET facts = '[["1",1,"failed","never"],null,["1",1,"failed","never"],null]' WHERE definition = 2`);
    expect(scrub(null, 100)).toEqual({ ...well, repaired: { facts: 1 } });
    expect(owned(1).newest).toMatchObject({ id: swept, end: null });
    expect(owned(2)).toMatchObject({ newest: { id: last }, failed: { error: 'never' } });
    expect(scrub(null, 1).repaired).toEqual({});
    state.db.exec('DELETE FROM owned WHERE definition = 2');
    expect(scrub('facts 1', 1)).toMatchObject({ repaired: { facts: 1 }, next: 'facts 2' });
    expect(owned(2)).toMatchObject({ newest: { id: last }, failed: null });
  });

  it('counts the parts of a window, and removes those of none', () => {
    define('a');
    define('b');
    handlers.definitions.gather([partOf('a', '"one"'), partOf('a', '2')]);
    state.db.exec("UPDATE definitions SET count = 7, characters = 9 WHERE id = 1; INSERT INTO parts (definition, text) VALUES (2, '3')");
    expect(scrub(null, 100)).toEqual({ ...well, repaired: { windows: 2 } });
    expect(state.db.prepare('SELECT count, characters FROM definitions WHERE id = 1').get()).toEqual({ count: 2, characters: 6 });
    expect(state.db.prepare('SELECT count(*) AS count FROM parts').get()).toEqual({ count: 2 });
    expect(scrub(null, 100)).toEqual(well);
  });

  it('has a window that nobody opened close never', () => {
    define('a');
    state.db.exec('UPDATE definitions SET due = NULL, closes_at = -1 WHERE id = 1');
    expect(scrub(null, 100)).toEqual({ ...well, repaired: { windows: 1 } });
    expect(state.db.prepare('SELECT closes_at, due_at FROM definitions').get()).toEqual({ closes_at: null, due_at: null });
    expect(scrub(null, 100)).toEqual(well);
  });

  it('removes messages to nodes that are gone', () => {
    state.db.exec("INSERT INTO inbox (holder, job_id, fence) VALUES ('gone', 1, 1)");
    expect(scrub(null, 100)).toEqual({ ...well, repaired: { inbox: 1 } });
    expect(scrub(null, 100)).toEqual(well);
  });

  it('removes the histories of jobs that are gone, a slice at a time', () => {
    const kept = push();
    const keep = state.db.prepare("INSERT INTO attempts VALUES (?, ?, 1, 1, ?, 1, 2, 2, NULL, ?, 0, ?, NULL, '')");
    for (const id of ['1', '2', '3', kept]) for (const fence of [1, 2]) keep.run(id, fence, 'x', noResult.error, noResult.output);
    expect(scrub(null, 2)).toEqual({ next: 'histories 2', checked: expect.any(Number), repaired: { histories: 2 } });
    expect(scrub('histories 2', 2)).toEqual({ next: `histories ${kept}`, checked: 2, repaired: { histories: 1 } });
    expect(scrub(`histories ${kept}`, 2)).toEqual({ ...well, checked: 0 });
    expect(state.db.prepare('SELECT count(*) AS count FROM attempts').get()).toEqual({ count: 2 });
  });

  it('removes the logs of jobs that are gone, and counts the lines of the others', () => {
    const kept = push();
    for (const id of ['1', '2', kept]) {
      state.logs.setProgress(id, '7', '1', 0);
      state.logs.tell(id, '7', [line(1), line(2)], 0);
    }
    expect(scrub('logs ', 3)).toEqual({ next: 'logs 1', checked: 3, repaired: { logs: 1 } });
    state.db.exec(`DELETE FROM lines WHERE job_id = ${kept} AND number = 1`);
    expect(scrub('logs 1', 100)).toEqual({ ...well, repaired: { logs: 2 } });
    expect(scrub('logs ', 100)).toEqual(well);
    expect(state.db.prepare('SELECT lines, characters FROM logs').all()).toEqual([{ lines: 1, characters: sizeOfLine(line(2)) }]);
    expect(state.db.prepare('SELECT number FROM lines').all()).toEqual([{ number: 2 }]);
  });

  it('finds anew what jobs wait for, and tells ends that nobody was told', () => {
    const [a, b] = [push(), push()];
    const options = { ...asked().options, after: { jobs: [a, b], onFailure: 'start' } } as const;
    const [one, two, three] = [push({ options }), push({ options }), push({ options })];
    const reasonOf = (id: string): unknown => state.db.prepare('SELECT reason FROM jobs WHERE id = ?').get(id)?.['reason'];
    state.db.exec(`
      DELETE FROM awaits WHERE job_id = ${one};
      DELETE FROM awaits WHERE job_id = ${two} AND awaited_id = ${a};
      INSERT INTO awaits VALUES (1, ${a}, 0, 1);
      UPDATE jobs SET state = 4 WHERE id = ${b}`);
    expect(scrub(null, 1_000).repaired).toMatchObject({ waits: 3, waiting: 1 });
    handlers.jobs.promote(100);
    expect([one, two, three].map(reasonOf)).toEqual(['after 1 left', 'after 1 left', 'after 1 left']);
    expect(scrub(null, 1_000).repaired['waits']).toBeUndefined();
  });

  it('looks at so many pairs of who waits for whom in a step, and at so many that wait', () => {
    const awaited = Array.from({ length: 30 }, () => push());
    const after = { jobs: awaited, onFailure: 'start' } as const;
    const start = { at: Date.now() + 60_000 } as const;
    const all = Array.from({ length: 4 }, (_, at) => push({ ...(at > 1 ? { start } : {}), options: { ...asked().options, after } }));
    expect(scrub('waits ', 31)).toEqual({ next: `waits ${all[1]}`, checked: 60, repaired: {} });
    expect(scrub(`waits ${all[1]}`, 60)).toEqual({ next: `waits ${all[3]}`, checked: 60, repaired: {} });
    const dueAt = (id: string | undefined): unknown => state.db.prepare('SELECT due_at FROM jobs WHERE id = ?').get(id ?? '')?.['due_at'];
    const places = all.map((id) => `waiting ${dueAt(id)} ${id}`);
    state.db.exec(`DELETE FROM awaits WHERE job_id = ${all[3]}`);
    expect(scrub('waiting ', 1)).toEqual({ next: places[0], checked: 1, repaired: {} });
    expect(scrub(places[0] ?? '', 2)).toEqual({ next: places[2], checked: 2, repaired: {} });
    expect(scrub(places[2] ?? '', 2)).toMatchObject({ checked: 1, repaired: { waiting: 1 } });
  });

  it('finds anew what a job waits for whose reason was damaged, also when nobody knows any more for whom', () => {
    const awaited = push();
    const options = { ...asked().options, after: { jobs: [awaited], onFailure: 'start' } } as const;
    const [one, two, none] = [push({ options }), push({ options }), push({ options })];
    const standing = (id: string): unknown => state.db.prepare('SELECT state, reason FROM jobs WHERE id = ?').get(id);
    state.db.exec(`
      UPDATE jobs SET reason = '' WHERE id IN (${one}, ${two}, ${none});
      DELETE FROM awaits WHERE job_id IN (${two}, ${none});
      UPDATE jobs SET options = json_remove(options, '$.after') WHERE id = ${none}`);
    expect(scrub(null, 1_000).repaired).toMatchObject({ waits: 1, waiting: 2 });
    expect(scrub(null, 1_000).repaired).toEqual({});
    for (const id of [one, two]) expect(standing(id)).toEqual({ state: 0, reason: 'after 1 left' });
    expect(handlers.jobs.promote(100)).toBe(1);
    expect(standing(none)).toEqual({ state: 1, reason: '' });
    state.db.exec(`UPDATE jobs SET state = 4 WHERE id = ${awaited}`);
    scrub(null, 1_000);
    handlers.jobs.promote(100);
    for (const id of [one, two]) expect(standing(id)).toEqual({ state: 1, reason: '' });
  });
});
