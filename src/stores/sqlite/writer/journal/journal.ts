/** The journal: one entry for each transaction, of what its calls did to jobs and definitions. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { readEvents, sizeOfEvent } from '../../../../core/event.ts';
import type { DefinedNote, FiredNote } from '../../../../ports/store/journal.ts';
import type { MovedVerb } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import { entryBody, entryColumns, type MovedJobs } from '../../file/rows/entry.ts';

interface Group extends MovedJobs {
  readonly ids: string[];
}

export class Journal {
  readonly #insert: StatementSync;
  readonly #insertTold: StatementSync;
  #groups: Group[] = [];
  #last: Group | null = null;
  readonly #defined: DefinedNote[] = [];
  readonly #fired: FiredNote[] = [];
  #told: string = '';
  #toldCount = 0;
  #toldSize = 0;
  #firstOfCall: MovedVerb | 'tell' | null = null;
  #seq: number;
  /** Characters of the events of all entries there ever were, but for those that left the file before it was opened. */
  #toldThrough: number;
  #isWritten: boolean = false;

  /** @param lastSeq of the newest entry there ever was */
  constructor(db: DatabaseSync, lastSeq: number) {
    this.#insert = db.prepare('INSERT INTO journal (seq, at, body) VALUES (?, ?, ?)');
    this.#insertTold = db.prepare(`INSERT INTO journal (${entryColumns}, told_from) VALUES (?, ?, ?, ?, ?)`);
    this.#seq = lastSeq;
    const [from, told] = prepareRows(db, lastToldSql).get() ?? [0, ''];
    this.#toldThrough = Number(from) + sizeOfTold(String(told));
  }

  get lastSeq(): number {
    return this.#seq;
  }

  /** Of the entry that this transaction writes, if it does. */
  get nextSeq(): number {
    return this.#seq + 1;
  }

  get toldThrough(): number {
    return this.#toldThrough;
  }

  /** What the newest call moved first, or that it told an event first; `null`: nothing. */
  get firstOfCall(): MovedVerb | 'tell' | null {
    return this.#firstOfCall;
  }

  beginCall(): void {
    this.#firstOfCall = null;
  }

  moved(verb: MovedVerb, id: string): void {
    this.#firstOfCall ??= verb;
    if (this.#last?.verb !== verb) {
      this.#last = { verb, ids: [] };
      this.#groups.push(this.#last);
    }
    this.#last.ids.push(id);
  }

  /** A definition was put or removed. */
  defined(owner: string, version: number, note = ''): void {
    this.#defined.push({ owner, version, ...(note === '' ? {} : { note }) });
  }

  fired(note: FiredNote): void {
    this.#fired.push(note);
  }

  /**
   * Answers the event's number in the entry.
   *
   * @param written what `writeEvent` wrote of it
   * @param size `sizeOfEvent`
   */
  tell(written: string, size: number): number {
    this.#firstOfCall ??= 'tell';
    this.#told += written;
    this.#toldSize += size;
    this.#toldCount += 1;
    return this.#toldCount - 1;
  }

  /** Before COMMIT. */
  write(now: number): void {
    if (this.#groups.length + this.#defined.length + this.#fired.length + this.#toldCount === 0) return;
    this.#isWritten = true;
    const body = entryBody(this.#groups, this.#defined, this.#fired);
    if (this.#toldCount === 0) this.#insert.run(this.nextSeq, now, body);
    else this.#insertTold.run(this.nextSeq, now, body, this.#told, this.#toldThrough);
  }

  commit(): void {
    if (this.#isWritten) {
      this.#seq += 1;
      this.#toldThrough += this.#toldSize;
    }
    this.#forget();
  }

  rollback(): void {
    this.#forget();
  }

  #forget(): void {
    this.#groups = [];
    this.#last = null;
    this.#defined.length = 0;
    this.#fired.length = 0;
    this.#told = '';
    this.#toldCount = 0;
    this.#toldSize = 0;
    this.#isWritten = false;
  }
}

/** Of events that nobody can read, which are set aside later, their characters. */
function sizeOfTold(told: string): number {
  try {
    return readEvents(told).reduce((sum, event) => sum + sizeOfEvent(event), 0);
  } catch {
    return told.length;
  }
}

/** What nobody counts to was damaged: it goes on behind the newest entry of which it is known. */
const lastToldSql = `SELECT told_from, told FROM journal INDEXED BY journal_told
  WHERE told_from IS NOT NULL AND told_from BETWEEN 0 AND ${2 ** 52} ORDER BY told_from DESC LIMIT 1`;
