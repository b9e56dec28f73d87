/** What nodes do by themselves with tasks. */
import { expect } from 'vitest';
import { dueAt } from '../../../core/definition.ts';
import { decideTask } from '../../../core/task-decision.ts';
import type { Store } from '../../../ports/store/store.ts';

/** Fires tasks that are due, until none is. What is due is so from the next whole millisecond on. */
export async function fireTasks({ definitions: store }: Store): Promise<void> {
  const due = () => store.due(['task'], 10, 0);
  await expect.poll(async () => (await due()).definitions.length).toBeGreaterThan(0);
  for (let found = await due(); found.definitions.length > 0; found = await due()) {
    const { now, definitions } = found;
    await store.fire(
      definitions.map((each) => {
        const { kind, domain, key, version } = each;
        return { kind, domain, key, version, tick: dueAt(each) ?? now, knownPutOff: null, ...decideTask(each, now) };
      }),
    );
  }
}
