/**
 * Stores do the calls of one turn in one batch: what frees, then what adds, then what takes. So random histories of turns
 * run on a store, whose calls are made at once, and on the model, whose calls are made one by one in that order.
 */
import { describe, it } from 'vitest';
import { turnByTurn } from './model.commands.ts';
import { compareHistories, testTimeout } from './model.suite.ts';
import type { Open } from './subject.ts';

/** @param runs how many histories */
export function storeTurns(name: string, open: Open, runs = 30): void {
  describe(`${name}, in ${runs} histories of random turns`, () => {
    it('does the calls of a turn as if they came one by one', () => compareHistories(open, { histories: turnByTurn, runs }), testTimeout);
  });
}
