/** What the table of verbs says of calls, as the batch applies it. */
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it } from 'vitest';
import type { HatstandError } from '../../../core/errors.ts';
import type { JobCopy } from '../../../core/transfer.ts';
import { cancelMoves, createJob } from '../../../core/transitions.ts';
import type { Claim, Report } from '../../../ports/store/jobs.ts';
import { putOf } from '../../conformance/definitions.ts';
import { anyQueue, asked, line, only, refOf } from '../../conformance/subject.ts';
import { namedCalls, type WriterHandlers } from '../calls/calls.ts';
import { refusal, replyCodes } from '../calls/message.ts';
import { migrate } from '../file/schema.ts';
import { type Cell, TapeReader } from '../file/tape.ts';
import { makeBatch } from './batch.ts';
import { makeHandlers } from './handlers.ts';
import { openState, type State } from './state.ts';
import { makeTransactions, type Transactions } from './transaction.ts';

type Asked = readonly [name: string, ...args: readonly unknown[]];

let state: State;
let transactions: Transactions;
let handlers: WriterHandlers;
/** Pieces of room that are kept for results. */
let ballast: { pieces: number; isMissing(): boolean; drop(): boolean };
beforeEach(() => {
  const db = new DatabaseSync(':memory:');
  migrate(db, ':memory:');
  ballast = { pieces: 1, isMissing: () => ballast.pieces === 0, drop: () => ballast.pieces-- > 0 };
  state = openState(db, 0, { isLast: () => ballast.isMissing() });
  transactions = makeTransactions(state);
  handlers = makeHandlers(state);
});

/** What becomes of the calls of one message: an answer, or the code of a refusal. */
function run(...calls: readonly Asked[]): readonly unknown[] {
  const named = calls.map(([name]) => namedCalls.find((each) => each.name === name) ?? expect.fail(`there is no call ${name}`));
  const cells: Cell[] = [];
  for (const [index, { code, call }] of named.entries()) {
    const start = cells.push(code, 0);
    call.args.write(cells, (calls[index]?.slice(1) ?? []) as never);
    cells[start - 1] = cells.length - start;
  }
  const reply: Cell[] = [];
  makeBatch(state, transactions, handlers, ballast).run(cells, 0, reply);
  const tape = new TapeReader(reply);
  const ended = (): void => {};
  return named.map(({ call }, index) =>
    tape.number() === replyCodes.refused
      ? (refusal.read(tape) as HatstandError).code
      : call.answer.read(tape, (calls[index]?.slice(1) ?? []) as never, ended),
  );
}

const claim: Asked = ['jobs.claim', { operation: 'o', holder: 'x', attemptTtl: 60_000, wants: () => [anyQueue(9)] }];
const copy = (id: string): JobCopy => ({ job: createJob(asked(), id, 0, 0), attempts: [] });
const entries = (): number => Number(state.db.prepare('SELECT count(*) AS count FROM journal').get()?.['count']);

/** Throws as SQLite does when the disk is full, once. */
function full(): void {
  throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
}

describe('without the ballast', () => {
  it('nothing is added: neither a push nor a restore nor a definition; what is done beside them is done at once', () => {
    run(['jobs.push', [asked()]]);
    ballast.pieces = 0;
    const adding: readonly Asked[] = [
      ['jobs.push', [asked()]],
      ['jobs.restore', [copy('7')]],
      ['definitions.put', [putOf('a')]],
    ];
    const answers = run(...adding, claim, ['jobs.promote', 9]);
    expect(answers).toEqual([
      'store_full',
      'store_full',
      'store_full',
      { jobs: [expect.objectContaining({ state: 'running' })], nextIn: null },
      0,
    ]);
    expect(entries()).toBe(2);
    ballast.pieces = 1;
    expect(run(['jobs.restore', [copy('7')]])).toEqual([['restored']]);
  });

  it('an attempt gets another deadline, but its lines are refused; what is done beside them is done', () => {
    run(['jobs.push', [asked()]]);
    const [claimed] = run(claim) as readonly [Claim];
    const job = only(claimed.jobs);
    ballast.pieces = 0;
    const nothing = { ttl: null, progress: null, lines: [], push: [] };
    const report = (what: Partial<Report>): Asked => ['jobs.report', refOf(job), { ...nothing, ...what }];
    const told = { kind: 'reported', pushed: [], known: 0 };
    expect(run(report({ ttl: 9 }), report({ lines: [line(1)] }), report({ progress: '1' }), report({ push: [asked()] }))).toEqual([
      told,
      'store_full',
      'store_full',
      'store_full',
    ]);
    ballast.pieces = 1;
    expect(run(report({ lines: [line(1)] }))).toEqual([told]);
  });

  it('is what refuses all that adds', () => {
    expect(namedCalls.filter(({ verb }) => verb.needsRoom).map(({ name }) => name)).toEqual([
      ...['jobs.push', 'jobs.restore', 'definitions.put', 'definitions.fire', 'definitions.gather', 'definitions.restore'],
      'journal.publish',
    ]);
  });
});

describe('on a full disk', () => {
  const cancel: Asked = ['jobs.change', '7', {}];

  it('what begins work leaves the ballast alone, and what ends it may take it', () => {
    handlers = { ...handlers, jobs: { ...handlers.jobs, claim: full as never, push: full as never } };
    expect(run(claim)).toEqual(['store_full']);
    expect(run(['jobs.push', [asked()]])).toEqual(['store_full']);
    expect(ballast.pieces).toBe(1);
    const missing = { kind: 'missing' } as const;
    const change = () => (ballast.pieces > 0 ? (full() as never) : missing);
    handlers = { ...handlers, jobs: { ...handlers.jobs, change } };
    expect(run(claim, cancel)).toEqual(['store_full', missing]);
    expect(ballast.pieces).toBe(0);
  });

  it('what ends work goes on in one transaction once the ballast is dropped', () => {
    run(['jobs.push', [asked(), asked(), asked()]]);
    const ids = state.db
      .prepare('SELECT CAST(id AS TEXT) AS id FROM jobs')
      .all()
      .map(({ id }) => String(id));
    const { change } = handlers.jobs;
    const tight: typeof change = (id, moves) => (ballast.pieces > 0 ? (full() as never) : change(id, moves));
    handlers = { ...handlers, jobs: { ...handlers.jobs, change: tight } };
    const before = entries();
    const answers = run(...ids.map((id): Asked => ['jobs.change', id, cancelMoves]));
    expect(answers).toEqual(ids.map((id) => ({ kind: 'changed', job: expect.objectContaining({ id, state: 'canceled' }) })));
    expect(entries()).toBe(before + 1);
  });

  it('a call that no room helps is refused alone', () => {
    handlers = { ...handlers, jobs: { ...handlers.jobs, change: full as never } };
    expect(run(['jobs.push', [asked()]], cancel, ['jobs.promote', 9])).toEqual([
      [expect.objectContaining({ kind: 'pushed' })],
      'store_full',
      0,
    ]);
    expect(entries()).toBe(1);
  });
});
