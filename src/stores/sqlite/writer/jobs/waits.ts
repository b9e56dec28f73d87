/** Which jobs wait for which, and ends of awaited jobs of which those have not been told. While nobody waits, that costs no look at the file. */
import type { DatabaseSync } from 'node:sqlite';
import type { JobId } from '../../../../core/id.ts';
import type { EndState } from '../../../../core/job.ts';
import { stateCodes } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import type { Hints } from '../hints.ts';
import type { UndoList } from '../undo.ts';

export interface WaitsParts {
  readonly hints: Hints;
  readonly undo: UndoList;
}

/** An end of an awaited job, of which those are to be told that waited for it in this round. */
export interface End {
  readonly id: JobId;
  /** As text: one that somebody has written may be beyond all numbers. */
  readonly round: string;
  /** As its code. */
  readonly state: number;
}

/** In the order of the model, so that every store names the same job when several have failed. */
export const nextEndSql = `
  SELECT CAST(job_id AS TEXT), CAST(round AS TEXT), state FROM awaited_ends ORDER BY state, job_id, round LIMIT 1`;
export const waitingSql = `
  SELECT CAST(job_id AS TEXT), cancels FROM awaits INDEXED BY awaits_awaited
  WHERE awaited_id = ? AND round = CAST(? AS INTEGER) ORDER BY job_id LIMIT CAST(? AS INTEGER)`;
/** In the round whose end has not come: all that wait for such an end are in the newest one. */
export const addSql = `
  INSERT OR REPLACE INTO awaits (job_id, awaited_id, cancels, round) VALUES (?1, ?2, ?3, max(
    coalesce((SELECT max(round) FROM awaits INDEXED BY awaits_awaited WHERE awaited_id = ?2), 0),
    coalesce((SELECT max(round) + 1 FROM awaited_ends WHERE job_id = ?2), 0)))`;
/** A second end changes nothing for those that are still to be told of the first. */
export const putEndSql = `
  INSERT OR IGNORE INTO awaited_ends (job_id, round, state)
  SELECT ?1, round, ?2 FROM awaits INDEXED BY awaits_awaited WHERE awaited_id = ?1 ORDER BY round DESC LIMIT 1`;

export class Waits {
  readonly #parts: WaitsParts;
  /** Whether anybody waits, or is to be told, perhaps. */
  #isAny: boolean;
  readonly #any;
  readonly #next;
  readonly #waiting;
  readonly #add;
  readonly #delete;
  readonly #forget;
  readonly #putEnd;
  readonly #removeEnd;

  constructor(db: DatabaseSync, parts: WaitsParts) {
    this.#parts = parts;
    this.#any = prepareRows(db, 'SELECT EXISTS (SELECT 1 FROM awaits) OR EXISTS (SELECT 1 FROM awaited_ends)');
    this.#next = prepareRows(db, nextEndSql);
    this.#waiting = prepareRows(db, waitingSql);
    this.#add = db.prepare(addSql);
    this.#delete = db.prepare('DELETE FROM awaits WHERE job_id = ? AND awaited_id = ?');
    this.#forget = db.prepare('DELETE FROM awaits WHERE job_id = ?');
    this.#putEnd = db.prepare(putEndSql);
    this.#removeEnd = db.prepare('DELETE FROM awaited_ends WHERE job_id = ? AND round = CAST(? AS INTEGER)');
    this.#isAny = this.#any.get()?.[0] === 1;
  }

  add(id: JobId, awaited: JobId, cancels: boolean): void {
    this.#mayBeAny();
    this.#add.run(id, awaited, cancels ? 1 : 0);
  }

  #mayBeAny(): void {
    this.#isAny = true;
  }

  #lookForAny(): void {
    this.#isAny = this.#any.get()?.[0] === 1;
    if (!this.#isAny) this.#parts.undo.add(() => this.#mayBeAny());
  }

  /** It waits for this one no more. */
  delete(id: JobId, awaited: JobId): void {
    this.#delete.run(id, awaited);
  }

  /** It waits for none any more. */
  forget(id: JobId): void {
    if (this.#forget.run(id).changes !== 0) this.#lookForAny();
  }

  /** A job has ended: those that wait for it, if any, are to be told. */
  ended(id: JobId, state: EndState): void {
    if (this.#isAny && this.#putEnd.run(id, stateCodes[state]).changes !== 0) this.#parts.hints.readyAnyway();
  }

  /** The next end that is to be told. */
  next(): End | null {
    const row = this.#isAny ? this.#next.get() : undefined;
    return row === undefined ? null : { id: String(row[0]), round: String(row[1]), state: Number(row[2]) };
  }

  /** The first of those that are to be told of it, by id; `cancels`: a failure ends them. */
  waitingFor(end: End, limit: number): readonly { readonly id: JobId; readonly cancels: boolean }[] {
    return this.#waiting.all(end.id, end.round, limit).map(([id, cancels]) => ({ id: String(id), cancels: cancels === 1 }));
  }

  /** All that waited for it have been told. */
  told({ id, round }: End): void {
    this.#removeEnd.run(id, round);
    this.#lookForAny();
  }
}
