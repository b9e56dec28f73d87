import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it } from 'vitest';
import { migrate } from '../../file/schema.ts';
import { openState, type State } from '../state.ts';

let state: State;
beforeEach(() => {
  const db = new DatabaseSync(':memory:');
  migrate(db, ':memory:');
  state = openState(db, 0);
  state.waits.add('2', '1', true);
});

/** Whether an end is looked up in the file: behind the store's back there is somebody who waits for it. */
function looksUp(): boolean {
  state.db.exec('INSERT OR IGNORE INTO awaits (job_id, awaited_id, round, cancels) VALUES (9, 8, 0, 1)');
  state.waits.ended('8', 'succeeded');
  return state.db.prepare('SELECT 1 FROM awaited_ends WHERE job_id = 8').get() !== undefined;
}

describe('who waits for whom', () => {
  it('costs an end no look at the file once the last one that waited has been told', () => {
    state.waits.ended('1', 'failed');
    state.waits.delete('2', '1');
    const end = state.waits.next();
    expect(end).toEqual({ id: '1', round: '0', state: 5 });
    if (end !== null) state.waits.told(end);
    expect(looksUp()).toBe(false);
  });

  it('is told in a round that somebody has written, beyond all numbers', () => {
    state.db.exec('UPDATE awaits SET round = 9223372036854775807');
    state.waits.ended('1', 'failed');
    const end = state.waits.next() ?? expect.fail();
    expect(state.waits.waitingFor(end, 10)).toEqual([{ id: '2', cancels: true }]);
    state.waits.told(end);
    expect(state.waits.next()).toBeNull();
  });

  it('costs none either once it waits no more for another reason', () => {
    state.waits.add('3', '1', true);
    state.waits.forget('2');
    state.waits.forget('4');
    state.waits.forget('3');
    expect(looksUp()).toBe(false);
  });

  it('is looked up when somebody waits, also since what took the last one away was undone', () => {
    state.db.exec('SAVEPOINT step');
    state.waits.forget('2');
    state.db.exec('ROLLBACK TO step');
    state.undo.rollback();
    expect(looksUp()).toBe(true);
  });
});
