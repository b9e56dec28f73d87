/** Who gets the slots of a claim: queues in turn, and within each the manual lane two to one. Pure, beside the counters. */
import { manualFirst } from '../../core/queue.ts';
import { stateCodes } from './codes.ts';
import type { Line } from './counters.ts';

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

/** The lanes (1: manual) of a line's next `count` claims; while both lanes have jobs they take turns. */
export function shareLanes(line: Line, count: number): (0 | 1)[] {
  let manual = line.manual;
  let others = (line.counts[stateCodes.queued] ?? 0) - manual;
  const lanes: (0 | 1)[] = [];
  while (lanes.length < count) {
    const takesManual = manual > 0 && (others === 0 || manualFirst(line.turn++));
    if (takesManual) manual -= 1;
    else others -= 1;
    lanes.push(takesManual ? 1 : 0);
  }
  return lanes;
}
