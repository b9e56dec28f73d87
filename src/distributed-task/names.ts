/** What distributed-task calls its lists and records in Redis. Those of another cluster than the usual one begin with its name. */

export interface Names {
  /** A list of new tasks. */
  readonly pushed: string;
  /** A list of what was no task. */
  readonly refused: string;
  /** A set of those who take tasks. */
  readonly takers: string;
  /** A list of what somebody has taken and that is not kept yet. */
  takenBy(taker: string): string;
  /** There as long as a taker is. */
  aliveOf(taker: string): string;
  /** A set of all ids. */
  readonly tasks: string;
  /** A set of the ids whose records are kept by this cluster. */
  readonly mirrored: string;
  recordOf(id: string): string;
}

/** @param cluster `undefined`: the usual one */
export function namesOf(cluster: string | undefined): Names {
  const prefix = cluster === undefined || cluster === usual ? '' : `${cluster}:`;
  return {
    pushed: `${prefix}new-task`,
    refused: `${prefix}new-task-refused`,
    takers: `${prefix}new-task-takers`,
    takenBy: (taker) => `${prefix}new-task-taken:${taker}`,
    aliveOf: (taker) => `${prefix}new-task-taker:${taker}`,
    tasks: `${prefix}tasks`,
    mirrored: `${prefix}tasks-mirrored`,
    recordOf: (id) => `${prefix}task-${id}`,
  };
}

const usual = 'hatstand';
