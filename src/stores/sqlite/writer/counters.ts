/**
 * How many jobs stand in each state, by worker and queue; kept beside the file so that counting reads nothing. Moves
 * are taken back when their transaction is.
 */
import type { DatabaseSync } from 'node:sqlite';
import { stateCodes } from '../file/codes.ts';
import { prepareRows } from '../file/database.ts';
import { parkedFloor } from '../file/rows/job.ts';

const { queued, running, stopping } = stateCodes;
/** Stands for "no record" in a move: before a push, after a removal. */
export const absent = -1;

/** Stands for jobs that are queued and wait parked: they are not among those that are ready. */
export const parked = 7;

/** What the lines of one queue share. */
interface QueueTally {
  readonly name: string;
  held: number;
}

/** The jobs of one worker in one queue. */
export interface Line {
  readonly worker: string;
  readonly queue: string;
  readonly counts: number[];
  readonly tally: QueueTally;
  /** Ready jobs of the manual lane. */
  manual: number;
  /** How many claims have chosen between the two lanes. */
  turn: number;
}

export class Counters {
  readonly #lines = new Map<string, Line>();
  readonly #tallies = new Map<string, QueueTally>();
  /** By worker: its lines with ready jobs, the one served longest ago first. */
  readonly #ready = new Map<string, Set<Line>>();
  #moves: [line: Line, from: number, to: number, manual: number][] = [];

  line(worker: string, queue: string): Line {
    const key = `${worker}/${queue}`;
    const known = this.#lines.get(key);
    if (known !== undefined) return known;
    const line = { worker, queue, counts: [0, 0, 0, 0, 0, 0, 0, 0], tally: this.#tally(queue), manual: 0, turn: 0 };
    this.#lines.set(key, line);
    return line;
  }

  /** @param manual 1 when the job is of the manual lane, else 0 */
  move(line: Line, from: number, to: number, manual: number): void {
    this.#moves.push([line, from, to, manual]);
    this.#apply(line, from, to, manual, 1);
  }

  commit(): void {
    this.#moves = [];
  }

  rollback(): void {
    const moves = this.#moves;
    this.#moves = [];
    for (const [line, from, to, manual] of moves.reverse()) this.#apply(line, to, from, manual, 1);
  }

  /** Running and stopping jobs of the queue. */
  held(queue: string): number {
    return this.#tallies.get(queue)?.held ?? 0;
  }

  /** The worker's lines with ready jobs, the one served longest ago first. */
  ready(worker: string): Iterable<Line> {
    return this.#ready.get(worker) ?? [];
  }

  /** Puts the line behind the worker's others. */
  served(line: Line): void {
    const lines = this.#ready.get(line.worker);
    if (lines?.delete(line)) lines.add(line);
  }

  /** All lines with jobs; those that have become empty are forgotten. */
  lines(): Line[] {
    const settled = this.#moves.length === 0;
    const filled: Line[] = [];
    for (const [key, line] of this.#lines) {
      if (line.counts.some((count) => count > 0)) filled.push(line);
      else if (settled) this.#lines.delete(key);
    }
    const used = new Set(filled.map((line) => line.queue));
    if (settled) for (const queue of this.#tallies.keys()) if (!used.has(queue)) this.#tallies.delete(queue);
    return filled;
  }

  load(db: DatabaseSync): void {
    for (const [worker, queue, state, count] of prepareRows(
      db,
      `SELECT worker, queue, iif(state = 1 AND priority <= ${parkedFloor}, ${parked}, state), count(*) FROM jobs GROUP BY 1, 2, 3`,
    ).all()) {
      this.#apply(this.line(String(worker), String(queue)), absent, Number(state), 0, Number(count));
    }
    const manual = `SELECT worker, queue, count(*) FROM jobs INDEXED BY jobs_ready WHERE state = 1 AND manual = 1 AND priority > ${parkedFloor} GROUP BY 1, 2`;
    for (const [worker, queue, count] of prepareRows(db, manual).all()) {
      this.line(String(worker), String(queue)).manual = Number(count);
    }
  }

  #apply(line: Line, from: number, to: number, manual: number, count: number): void {
    if (from !== absent) this.#add(line, from, manual, -count);
    if (to !== absent) this.#add(line, to, manual, count);
    else if (line.counts.every((each) => each === 0)) line.turn = 0;
  }

  #add(line: Line, state: number, manual: number, count: number): void {
    const was = line.counts[state];
    // Of a record that was damaged: it is counted nowhere.
    if (was === undefined) return;
    line.counts[state] = was + count;
    if (state === running || state === stopping) line.tally.held += count;
    if (state !== queued) return;
    line.manual += manual * count;
    if (was === 0) this.#readySet(line.worker).add(line);
    else if (was + count === 0) this.#readySet(line.worker).delete(line);
  }

  #readySet(worker: string): Set<Line> {
    let lines = this.#ready.get(worker);
    if (lines === undefined) {
      lines = new Set();
      this.#ready.set(worker, lines);
    }
    return lines;
  }

  #tally(queue: string): QueueTally {
    let tally = this.#tallies.get(queue);
    if (tally === undefined) {
      tally = { name: queue, held: 0 };
      this.#tallies.set(queue, tally);
    }
    return tally;
  }
}
