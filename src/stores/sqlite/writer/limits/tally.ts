/**
 * How many jobs run under each key, while any limit asks for that: nobody else pays for it. It is made of the records when the first
 * such limit is set; what changes it in a transaction that is taken back is counted anew.
 */
import type { DatabaseSync } from 'node:sqlite';
import { keysOf } from '../../../../core/limit.ts';
import { prepareRows } from '../../file/database.ts';
import type { UndoList } from '../undo.ts';

export interface Counted {
  readonly limit: string;
  readonly worker: string;
  readonly domain: string;
}

export class KeyTally {
  readonly #db: DatabaseSync;
  readonly #undo: UndoList;
  #held = new Map<string, number>();
  #isKept: boolean = false;
  #isStale: boolean = true;
  /** Keys for which jobs wait parked, perhaps. */
  readonly waiting = new Set<string>();
  /** Of these, those of which one more may run, perhaps. */
  readonly roomy = new Set<string>();

  constructor(db: DatabaseSync, undo: UndoList) {
    this.#db = db;
    this.#undo = undo;
  }

  /** Whether any limit bounds how many run. */
  keep(isKept: boolean): void {
    if (isKept && !this.#isKept) this.#isStale = true;
    this.#isKept = isKept;
  }

  get isKept(): boolean {
    return this.#isKept;
  }

  began(job: Counted): void {
    if (this.#isKept) this.#add(job, 1);
  }

  /** Answers whether others may have waited for that. */
  ended(job: Counted): boolean {
    if (!this.#isKept) return false;
    this.#add(job, -1);
    const freed = keysOf(job).filter((key) => this.waiting.has(key));
    for (const key of freed) this.roomy.add(key);
    return freed.length > 0;
  }

  /** How many jobs of the key run, while that is kept. */
  held(key: string): number {
    if (this.#isStale) this.recount();
    return this.#held.get(key) ?? 0;
  }

  /** Answers by how many it was wrong. */
  recount(): number {
    const wasStale = this.#isStale;
    const before = this.#held;
    this.#held = this.#countRecords();
    this.#isStale = false;
    if (wasStale) return 0;
    const keys = new Set([...before.keys(), ...this.#held.keys()]);
    return [...keys].reduce((sum, key) => sum + Math.abs((before.get(key) ?? 0) - (this.#held.get(key) ?? 0)), 0);
  }

  #countRecords(): Map<string, number> {
    const counts = new Map<string, number>();
    const rows = prepareRows(
      this.#db,
      'SELECT "limit", worker, domain, count(*) FROM jobs INDEXED BY jobs_held WHERE state IN (2, 3) GROUP BY 1, 2, 3',
    );
    for (const [limit, worker, domain, count] of rows.all()) {
      const job = { limit: String(limit), worker: String(worker), domain: String(domain) };
      for (const key of keysOf(job)) counts.set(key, (counts.get(key) ?? 0) + Number(count));
    }
    return counts;
  }

  /** Of something that was damaged nobody knows how it was counted. */
  forget(): void {
    this.#isStale = true;
  }

  #add(job: Counted, by: number): void {
    // Whoever asks next counts the records, which tell of it by then.
    if (this.#isStale) return;
    for (const key of keysOf(job)) {
      const count = (this.#held.get(key) ?? 0) + by;
      if (count === 0) this.#held.delete(key);
      else this.#held.set(key, count);
    }
    this.#undo.add(() => this.forget());
  }
}
