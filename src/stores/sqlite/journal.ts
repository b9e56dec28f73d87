/** What one transaction did: its event row, the hints it gives once it is committed, and how to undo it in memory. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { failpoint } from '../../failpoint.ts';
import { type MovedVerb, stateCodes, verbCode, verbOf } from './codes.ts';
import type { Line } from './counters.ts';
import type { Cell, TapeReader } from './tape.ts';

/** What a transaction may pass twice: before and after its commit. */
export type Step = 'push' | 'claim' | 'settle' | 'retry' | 'change';

interface Group {
  readonly verb: MovedVerb;
  readonly ids: string[];
}

export class Journal {
  readonly #insert: StatementSync;
  #groups: Group[] = [];
  #last: Group | null = null;
  readonly #steps = new Set<Step>();
  #undo: (() => void)[] = [];
  readonly #readyLines = new Set<Line>();
  #readyAnyway: boolean = false;
  readonly #inboxes = new Set<string>();
  readonly #ended: string[] = [];
  #endedForSure = 0;
  #seq: number;

  /** @param lastSeq of the newest event there ever was */
  constructor(db: DatabaseSync, lastSeq: number) {
    this.#insert = db.prepare('INSERT INTO events (seq, at, body) VALUES (?, ?, ?)');
    this.#seq = lastSeq;
  }

  get lastSeq(): number {
    return this.#seq;
  }

  moved(verb: MovedVerb, id: string): void {
    if (this.#last?.verb !== verb) {
      this.#last = { verb, ids: [] };
      this.#groups.push(this.#last);
    }
    this.#last.ids.push(id);
  }

  passes(step: Step): void {
    this.#steps.add(step);
  }

  /** A job of this line is ready, unless a later call of the batch claims it. */
  ready(line: Line): void {
    this.#readyLines.add(line);
  }

  /** What was held up may be claimed. */
  readyAnyway(): void {
    this.#readyAnyway = true;
  }

  /** The holder has a new message. */
  inbox(holder: string): void {
    this.#inboxes.add(holder);
  }

  ended(id: string): void {
    this.#ended.push(id);
  }

  /** What to do in memory if this transaction is rolled back. */
  onRollback(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** Before COMMIT. */
  write(now: number): void {
    if (this.#groups.length > 0) {
      this.#seq += 1;
      this.#insert.run(this.#seq, now, eventBody(this.#groups));
    }
    for (const step of this.#steps) failpoint(`${step}.before_commit`);
  }

  /** After COMMIT. */
  commit(): void {
    for (const step of this.#steps) failpoint(`${step}.committed`);
    this.#endedForSure = this.#ended.length;
    this.#forget();
  }

  rollback(): void {
    for (const undo of this.#undo.reverse()) undo();
    this.#ended.length = this.#endedForSure;
    this.#forget();
  }

  /** Takes out the hints of what was committed since the last time. */
  writeHints(cells: Cell[]): void {
    cells.push(this.#isReady() ? 1 : 0, this.#inboxes.size, ...this.#inboxes, this.#ended.length);
    for (const id of this.#ended) cells.push(id);
    this.#readyAnyway = false;
    this.#readyLines.clear();
    this.#inboxes.clear();
    this.#ended.length = 0;
    this.#endedForSure = 0;
  }

  #isReady(): boolean {
    return this.#readyAnyway || [...this.#readyLines].some(({ counts }) => (counts[stateCodes.queued] ?? 0) > 0);
  }

  #forget(): void {
    this.#groups = [];
    this.#last = null;
    this.#steps.clear();
    this.#undo = [];
  }
}

/** `[[verb, [id, …]], …]`, the verb as its code. Ids are digits, so nothing needs escaping. */
function eventBody(groups: readonly Group[]): string {
  return `[${groups.map((group) => `[${verbCode(group.verb)},["${group.ids.join('","')}"]]`).join(',')}]`;
}

export function readEvent(tape: TapeReader): {
  readonly seq: number;
  readonly at: number;
  readonly moved: readonly { readonly verb: MovedVerb; readonly ids: readonly string[] }[];
} {
  const seq = tape.number();
  const at = tape.number();
  const groups = JSON.parse(tape.text()) as [number, string[]][];
  return { seq, at, moved: groups.map(([code, ids]) => ({ verb: verbOf(code), ids })) };
}
