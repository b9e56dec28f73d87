import { describe, expect, it } from 'vitest';
import type { Job } from '../core/job.ts';
import { writeMail } from '../core/mail.ts';
import { newTask } from '../core/new-task.ts';
import { type Place, type Task, taskKeyOf, writeTask } from '../core/task.ts';
import { triggerJobOf } from '../core/trigger-target.ts';
import { asked } from '../stores/conformance/subject.ts';
import { openMemory } from '../stores/memory/index.ts';
import { silent } from '../system/silent.ts';
import { makeTaskKeepers } from './task-keepers.ts';

const ref = { domain: '', id: 'k' };
const plain = { state: null, due: 'never', dueOnEnd: false, if: null } as const;

/** A task whose attempt this node holds. */
async function holding() {
  const store = openMemory();
  const { definitions, jobs, nodes } = store;
  const left: string[] = [];
  let now = Date.now();
  await nodes.join({ incarnation: 'n.1', name: 'n', version: '1', address: '', serves: [], link: null, serverId: null }, 60_000);
  await jobs.push([asked({ worker: 'w', owner: 'task//k' })]);
  const wants = () => [{ worker: 'w', queues: 'any', slots: 1 }] as const;
  const claimed = await jobs.claim({ operation: '1', holder: 'n.1', wants, attemptTtl: null });
  const [job] = claimed.jobs;
  if (job === undefined) throw new Error('nothing was claimed');
  const keepers = makeTaskKeepers({
    ...{ store, log: silent, now: () => now, isDetached: () => false },
    isThisNode: (node) => node === 'n',
    leaveToOthers: (worker) => void left.push(worker),
  });
  const held = keepers.of(job);
  if (held === null) throw new Error('it is a task');
  await keepers.tick();
  const put = (task: Task): Promise<unknown> => definitions.put([{ ...taskKeyOf(ref), ...plain, group: 'w', body: writeTask(task) }]);
  const post = (name: string): Promise<unknown> =>
    definitions.put([{ kind: 'mail', domain: '', key: `k/${name}`, ...plain, group: 'k', body: writeMail({ name, data: null }) }]);
  const later = (millis: number): void => {
    now += millis;
  };
  return { store, keepers, held, job: job satisfies Job, put, post, left, later };
}

const placed = (place: Place): Task => ({ ...newTask({ job: triggerJobOf(asked({ worker: 'w' })) }, { ref, now: 0 }), place });

describe('what an attempt keeps with its task', () => {
  it('is there for the next one', async () => {
    const { held, keepers, job } = await holding();
    expect(await held.checkpoint()).toBeNull();
    await held.keep('7');
    expect(await keepers.of(job)?.checkpoint()).toBe('7');
  });

  it('is refused when the attempt is not held any more', async () => {
    const { held, store, job } = await holding();
    await store.nodes.leave('n.1');
    await expect(held.keep('7')).rejects.toMatchObject({ code: 'conflict' });
    await expect(held.handled({ id: 'k/a', name: 'a', data: null })).rejects.toMatchObject({ code: 'conflict' });
    expect((await store.jobs.get(job.id))?.state).toBe('queued');
  });

  it('is set aside when nobody can read it, and the attempt begins without', async () => {
    const { held, store } = await holding();
    await store.definitions.put([{ kind: 'checkpoint', domain: '', key: 'k', ...plain, group: '', body: '{' }]);
    expect(await held.checkpoint()).toBeNull();
    expect((await store.upkeep.unreadable(null, 9)).total).toBe(1);
  });

  it('may not be too large', async () => {
    const { held } = await holding();
    await expect(held.keep('x'.repeat(1024 * 1024 + 1))).rejects.toMatchObject({ code: 'too_large' });
  });
});

describe('what an attempt hears of its task', () => {
  it('are its messages, in the order in which they came, until they are handled', async () => {
    const { held, keepers, post } = await holding();
    let calls = 0;
    held.onMail(() => calls++);
    // Their keys are in another order.
    for (const name of ['c', 'a', 'b']) await post(name);
    await keepers.tick();
    expect(calls).toBeGreaterThan(0);
    const mail = await held.mail();
    expect(mail.map(({ name }) => name)).toEqual(['c', 'a', 'b']);
    for (const each of mail.slice(0, 2)) await held.handled(each);
    expect((await held.mail()).map(({ name }) => name)).toEqual(['b']);
  });

  it('passes over a message that nobody can read', async () => {
    const { held, post, store } = await holding();
    await store.definitions.put([{ kind: 'mail', domain: '', key: 'k/0', ...plain, group: 'k', body: '{' }]);
    await post('sound');
    expect((await held.mail()).map(({ name }) => name)).toEqual(['sound']);
  });

  it('is that it is to go on elsewhere', async () => {
    for (const [place, isLeft] of [
      [{ how: 'to', node: 'other' }, true],
      [{ how: 'to', node: 'n' }, false],
      [{ how: 'from', node: 'n' }, true],
      [{ how: 'from', node: 'other' }, false],
    ] as const) {
      const { held, keepers, put } = await holding();
      await put(placed({ ...place, at: Date.now() + 1 }));
      await keepers.tick();
      expect(held.handover.aborted, JSON.stringify(place)).toBe(isLeft);
    }
  });

  it('is not what was said of earlier attempts, but that another node was meant to take it just now', async () => {
    for (const [how, after, isLeft] of [
      ['from', 100, false],
      ['to', 100, true],
      ['to', 3_000, false],
    ] as const) {
      const { held, keepers, put, later, job } = await holding();
      later(after);
      await put(placed({ how, node: how === 'from' ? 'n' : 'other', at: (job.startedAt ?? 0) - 1 }));
      await keepers.tick();
      expect(held.handover.aborted, `${how} ${after}`).toBe(isLeft);
    }
  });

  it('is left to others for a moment when it goes back', async () => {
    const { held, left } = await holding();
    held.close(true);
    expect(left).toEqual(['w']);
  });
});
