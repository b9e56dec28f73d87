/** Who gets the slots of a claim: queues in turn, and within each the manual lane two to one. Pure, beside the counters. */
import { manualFirst } from '../../../../core/queue.ts';
import { stateCodes } from '../../file/codes.ts';
import type { Line } from '../counters.ts';

/**
 * Gives the slots one by one to the lines in turn. The answer names a line once for each slot that it gets.
 *
 * @param lines in the order of their turns
 * @param allowance how many slots a line may get at most
 */
export function shareSlots(lines: Iterable<Line>, slots: number, allowance: (line: Line) => number): Line[] {
  const turns: Line[] = [];
  const open: { readonly line: Line; left: number }[] = [];
  for (const line of lines) {
    if (turns.length >= slots) return turns;
    const left = allowance(line);
    if (left > 0) turns.push(line);
    if (left > 1) open.push({ line, left: left - 1 });
  }
  for (let i = 0; i < open.length && turns.length < slots; i++) {
    const next = open[i];
    if (next === undefined) break;
    turns.push(next.line);
    next.left -= 1;
    if (next.left > 0) open.push(next);
  }
  return turns;
}

export interface Lane {
  readonly line: Line;
  /** 1: the manual one. */
  readonly manual: 0 | 1;
}

/** The lane of each turn; while both lanes of a line have jobs they take turns. The same lane is the same object. */
export function shareLanes(turns: readonly Line[]): Lane[] {
  const choosers = new Map<Line, () => Lane>();
  return turns.map((line) => {
    let choose = choosers.get(line);
    if (choose === undefined) {
      choose = makeChooser(line);
      choosers.set(line, choose);
    }
    return choose();
  });
}

function makeChooser(line: Line): () => Lane {
  const [others, byHand]: [Lane, Lane] = [
    { line, manual: 0 },
    { line, manual: 1 },
  ];
  let manual = line.manual;
  let automatic = (line.counts[stateCodes.queued] ?? 0) - manual;
  return () => {
    const takesManual = manual > 0 && (automatic === 0 || manualFirst(line.turn++));
    if (takesManual) manual -= 1;
    else automatic -= 1;
    return takesManual ? byHand : others;
  };
}
