/**
 * Random histories run on a store and, in lock step, on the memory store, which is the model: after every command both
 * must have shown the same, and at the end both must hold the same.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Millis } from '../../core/duration.ts';
import { openMemory } from '../memory/index.ts';
import { callByCall, type History } from './model.commands.ts';
import { dump } from './model.dump.ts';
import { report } from './model.report.ts';
import { run } from './model.run.ts';
import { World } from './model.world.ts';
import type { Open, Opened } from './subject.ts';

/** @param runs how many histories */
export function storeModel(name: string, open: Open, runs = 60): void {
  describe(`${name}, in ${runs} random histories`, () => {
    it('does what the model does', () => compareHistories(open, { histories: callByCall, runs }), testTimeout);
  });
}

/** Time for all histories of a test, and then for looking for a shorter one in which the stores differ. */
const allWithin: Millis = 240_000;
/** Longer, so that the report says why it ends. */
export const testTimeout: Millis = 300_000;

export interface Histories {
  readonly histories: fc.Arbitrary<History>;
  readonly runs: number;
  readonly within?: Millis;
  /** Any history in which the store differs will do; by default a short one is looked for. */
  readonly firstIsEnough?: boolean;
}

/** Rejects with a history in which the store differs from the model, and when not all histories were compared in time. */
export async function compareHistories(open: Open, options: Histories): Promise<void> {
  const { histories, runs, within = allWithin, firstIsEnough = false } = options;
  await fc.assert(
    fc.asyncProperty(histories, async (history) => {
      const [model, other] = [new World(openModel(), true), new World(await open(), false)];
      try {
        await compare(model, other, history);
      } finally {
        await other.opened.close();
      }
    }),
    { numRuns: runs, endOnFailure: firstIsEnough, interruptAfterTimeLimit: within, markInterruptAsFailure: true, reporter: report },
  );
}

function openModel(): Opened {
  let time = Date.UTC(2026, 0, 1);
  const store = openMemory({ clock: { now: () => time } });
  const advance = async (by: number): Promise<void> => {
    time += by;
  };
  return { store, advance, close: () => store.close() };
}

async function compare(model: World, other: World, history: History): Promise<void> {
  await model.begin();
  await other.begin();
  for (const [index, command] of history.entries()) {
    const meant = await run(model, command);
    expect(await run(other, command), `command ${index}, ${command.kind}`).toEqual(meant);
  }
  const meant = await dump(model);
  expect(await dump(other), 'at the end').toEqual(meant);
}
