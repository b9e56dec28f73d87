/** The journal: one entry for each transaction, of what its calls did to jobs and definitions. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { DefinedNote, FiredNote } from '../../../../ports/store/journal.ts';
import type { MovedVerb } from '../../file/codes.ts';
import { entryBody, entryColumns, type MovedJobs } from '../../file/rows/entry.ts';

interface Group extends MovedJobs {
  readonly ids: string[];
}

export class Journal {
  readonly #insert: StatementSync;
  #groups: Group[] = [];
  #last: Group | null = null;
  readonly #defined: DefinedNote[] = [];
  readonly #fired: FiredNote[] = [];
  #firstOfCall: MovedVerb | null = null;
  #seq: number;

  /** @param lastSeq of the newest entry there ever was */
  constructor(db: DatabaseSync, lastSeq: number) {
    this.#insert = db.prepare(`INSERT INTO journal (${entryColumns}) VALUES (?, ?, ?)`);
    this.#seq = lastSeq;
  }

  get lastSeq(): number {
    return this.#seq;
  }

  /** What the newest call moved first; `null`: nothing. */
  get firstOfCall(): MovedVerb | null {
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
  defined(owner: string, version: number): void {
    this.#defined.push({ owner, version });
  }

  fired(note: FiredNote): void {
    this.#fired.push(note);
  }

  /** Before COMMIT. */
  write(now: number): void {
    if (this.#groups.length + this.#defined.length + this.#fired.length === 0) return;
    this.#seq += 1;
    this.#insert.run(this.#seq, now, entryBody(this.#groups, this.#defined, this.#fired));
  }

  commit(): void {
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
  }
}
