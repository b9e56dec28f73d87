/**
 * Random histories run on a store and, in lock step, on the memory store, which is the model: after every command both
 * must have shown the same, and at the end both must hold the same.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openMemory } from '../memory/index.ts';
import { type Command, history } from './model.commands.ts';
import { dump } from './model.dump.ts';
import { run } from './model.run.ts';
import { World } from './model.world.ts';
import type { Open, Opened } from './subject.ts';

/** @param runs how many histories */
export function storeModel(name: string, open: Open, runs = 60): void {
  describe(`${name}, in random histories`, () => {
    it('does what the model does', () => compareHistories(open, runs), 300_000);
  });
}

/**
 * Rejects with a history in which the store differs from the model: the shortest that is found, or the first one when
 * that is enough.
 */
export async function compareHistories(open: Open, runs: number, firstIsEnough = false): Promise<void> {
  await fc.assert(
    fc.asyncProperty(history, async (commands) => {
      const [model, other] = [new World(openModel()), new World(await open())];
      try {
        await compare(model, other, commands);
      } finally {
        await other.opened.close();
      }
    }),
    { numRuns: runs, endOnFailure: firstIsEnough, interruptAfterTimeLimit: 240_000, markInterruptAsFailure: false },
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

async function compare(model: World, other: World, commands: readonly Command[]): Promise<void> {
  await model.begin();
  await other.begin();
  for (const [index, command] of commands.entries()) {
    const meant = await run(model, command);
    expect(await run(other, command), `${command.kind}, command ${index}`).toEqual(meant);
  }
  const meant = await dump(model);
  expect(await dump(other), 'at the end').toEqual(meant);
}
