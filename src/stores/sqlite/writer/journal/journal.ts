/** The journal: one entry for each transaction, with the verbs of its calls and the jobs that they moved. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { MovedVerb } from '../../file/codes.ts';
import { entryBody, entryColumns, type MovedJobs } from '../../file/rows/entry.ts';

interface Group extends MovedJobs {
  readonly ids: string[];
}

export class Journal {
  readonly #insert: StatementSync;
  #groups: Group[] = [];
  #last: Group | null = null;
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

  /** Before COMMIT. */
  write(now: number): void {
    if (this.#groups.length === 0) return;
    this.#seq += 1;
    this.#insert.run(this.#seq, now, entryBody(this.#groups));
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
  }
}
