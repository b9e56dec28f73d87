/** All of a node that has to do with the tasks that it runs: what they keep, when they must end, and how many of them it has. */
import { leaseTimes } from '../core/node.ts';
import type { Hint } from '../ports/store/store.ts';
import { makeTaskBalance, type TaskBalance, type TaskBalanceParts } from './task-balance.ts';
import { makeTaskFencer, type TaskFencer, type TaskFencerParts } from './task-fencer.ts';
import { makeTaskKeepers, type TaskKeepers, type TaskKeepersParts } from './task-keepers.ts';

export interface TasksHere {
  readonly keepers: TaskKeepers;
  readonly fencer: TaskFencer;
  readonly balance: TaskBalance;
  hear(hint: Hint): void;
}

export type TasksHereParts = TaskBalanceParts &
  Omit<TaskFencerParts, 'renewEvery'> &
  Omit<TaskKeepersParts, 'isDetached' | 'isThisNode' | 'leaveToOthers'> & {
    /** This node's. */
    readonly name: string;
  };

export function makeTasksHere(parts: TasksHereParts): TasksHere {
  const { name, incarnation, workers } = parts;
  const fencer = makeTaskFencer({ ...parts, renewEvery: leaseTimes.renewEvery });
  const isThisNode = (node: string): boolean => node === name || node === incarnation();
  const keepers = makeTaskKeepers({ ...parts, isThisNode, isDetached: fencer.isDetached, leaveToOthers: workers.leaveToOthers });
  const balance = makeTaskBalance(parts);
  return {
    ...{ keepers, fencer, balance },
    hear(hint) {
      if (hint.kind === 'ready') balance.ready(hint.workers);
      else if (hint.kind === 'defined') keepers.wake();
    },
  };
}
