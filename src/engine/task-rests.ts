/**
 * When tasks are given away that came back the last time. A node that is counted and takes nothing, such as one that has just died, would have
 * its share given away and taken back in each round.
 */

export interface TaskRests {
  /** Whether so many tasks of a worker may be given away in this round; asked in each. */
  mayGive(worker: string, surplus: number): boolean;
}

interface Rest {
  /** What was given away the last time. */
  readonly surplus: number;
  readonly rounds: number;
  readonly left: number;
}

/** In rounds: twice as many whenever as many as before have come back. */
const longestRest = 16;

export function makeTaskRests(): TaskRests {
  const rests = new Map<string, Rest>();
  return {
    mayGive(worker, surplus) {
      const rest = rests.get(worker);
      if (surplus <= 0) {
        rests.delete(worker);
        return false;
      }
      if (rest?.surplus !== surplus) {
        rests.set(worker, { surplus, rounds: 1, left: 1 });
        return true;
      }
      const isOver = rest.left <= 1;
      const rounds = isOver ? Math.min(2 * rest.rounds, longestRest) : rest.rounds;
      rests.set(worker, { surplus, rounds, left: isOver ? rounds : rest.left - 1 });
      return isOver;
    },
  };
}
