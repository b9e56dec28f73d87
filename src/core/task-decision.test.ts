import { describe, expect, it } from 'vitest';
import { aboutOf } from './about.ts';
import type { Definition } from './definition.ts';
import { ownerOf } from './definition.ts';
import type { EndState } from './job.ts';
import { newJob } from './new-job.ts';
import { changedTask, deletedTask, disabledTask, enabledTask, endedTask, type NewTask, newTask, startedTask } from './new-task.ts';
import { noFacts } from './owned.ts';
import { functionRetry } from './retry.ts';
import {
  noTaskState,
  seedStatusOf,
  type Task,
  type TaskState,
  taskIn,
  taskKeyOf,
  taskStatusOf,
  writeTask,
  writeTaskState,
} from './task.ts';
import { decideTask } from './task-decision.ts';
import { readTask, readTaskState } from './task-record.ts';
import { triggerJobOf } from './trigger-target.ts';

const now = 1_800_000_000_000;
const ref = { domain: '', id: 'tail' };
const options = { timeout: 10_000, retry: { ...functionRetry, attempts: 5 }, onLost: 'retry', rules: 'v1' } as const;
const job = triggerJobOf(newJob({ worker: 'tail', payload: '{"file":"a"}', options }));
const made = (asked: Partial<NewTask> = {}): Task => newTask({ job, ...asked }, { ref, now });
const begun = (more: Partial<TaskState> = {}): TaskState => ({ ...noTaskState, start: 1, since: now, ...more });

interface Facts {
  readonly live?: number;
  readonly end?: EndState | null;
  readonly error?: string;
  /** How long after its start its newest job ended. */
  readonly after?: number;
}

function definitionOf(task: Task, state: TaskState, { live = 0, end, error = '', after = 0 }: Facts = {}): Definition {
  const newest = end === undefined ? null : { id: '7', at: now + after, end, error };
  return {
    ...{ ...taskKeyOf(ref), version: 1, group: 'tail', body: writeTask(task), state: writeTaskState(state) },
    ...{ due: now, firedAt: null, dueOnEnd: true, changedAt: now, window: null, owned: { ...noFacts, newest, live, ended: null } },
  };
}

function decided(task: Task, state: TaskState, facts: Facts = {}) {
  const { state: text, ...decision } = decideTask(definitionOf(task, state, facts), now);
  return { ...decision, state: readTaskState({ state: text }) };
}

describe('a task that is due', () => {
  it('begins: its job is told how to run, belongs to it, and outlives any number of nodes', () => {
    const { jobs, state, note } = decided(made({ pause: 50, stalledAfter: 2_000 }), noTaskState);
    expect(note).toBe('started');
    expect(jobs).toMatchObject([{ worker: 'tail', payload: '{"file":"a"}', owner: 'task//tail', start: null }]);
    expect(jobs.map((each) => [each.options.timeout, each.options.retry.attempts, each.options.onLost])).toEqual([[null, 1, 'always']]);
    expect(jobs.map((each) => taskIn(aboutOf(each)))).toEqual([{ pause: 50, stalledAfter: 2_000, maxDetached: null }]);
    expect(state).toEqual(begun());
  });

  it('is left alone while its job lives', () => {
    expect(decided(made(), begun(), { live: 1, end: null })).toMatchObject({ jobs: [], overlap: 'allow', state: begun() });
  });

  it.each([
    ['succeeded', 'succeeded'],
    ['canceled', 'stopped'],
  ] as const)('has ended when its job %s', (end, how) => {
    const { state, jobs, next } = decided(made(), begun(), { end });
    expect({ jobs, next, ended: state.ended }).toEqual({ jobs: [], next: null, ended: { at: now, how } });
    expect(decided(made(), state, { end })).toMatchObject({ jobs: [], next: null, state });
  });

  it('stays ended when the record of its job is gone', () => {
    const ended = begun({ ended: { at: now, how: 'succeeded' } });
    expect(decided(made(), ended)).toMatchObject({ jobs: [], state: ended });
  });

  it('goes with its end when that is asked for, but not with a crash', () => {
    const task = made({ cleanEnd: true, restart: { on: 'never' } });
    expect(decided(task, begun(), { end: 'succeeded' }).next).toBe('removed');
    expect(decided(task, begun(), { end: 'failed' })).toMatchObject({ next: null, state: { ended: { how: 'crashed' } } });
  });

  it.each([
    ['disabled', disabledTask(made())],
    ['stopped for good', endedTask(made())],
    ['deleted', deletedTask(made())],
    ['begun anew', startedTask(made())],
  ])('is stopped once when it is %s, and looked at again', (_, task) => {
    const first = decided(task, begun(), { live: 1, end: null });
    expect(first).toMatchObject({ jobs: [], overlap: 'cancel', next: now + 1, state: { isStopping: true } });
    expect(decided(task, first.state, { live: 1, end: null })).toMatchObject({ jobs: [], overlap: 'allow' });
  });

  it('does what was wanted once its job has stopped', () => {
    const stopping = begun({ isStopping: true });
    expect(decided(disabledTask(made()), stopping, { end: 'canceled' })).toMatchObject({ jobs: [], next: null, state: begun() });
    expect(decided(endedTask(made()), stopping, { end: 'canceled' }).state.ended).toEqual({ at: now, how: 'stopped' });
    expect(decided(deletedTask(made()), stopping, { end: 'canceled' }).next).toBe('removed');
    expect(decided(startedTask(made()), stopping, { end: 'canceled' })).toMatchObject({
      jobs: [{ worker: 'tail' }],
      state: begun({ start: 2 }),
    });
  });

  it('begins anew when it is enabled again', () => {
    const task = enabledTask(disabledTask(made()));
    expect(decided(task, begun(), { end: 'canceled' })).toMatchObject({ jobs: [{ worker: 'tail' }], state: { start: 2, ended: null } });
    expect(enabledTask(task)).toEqual(task);
  });
});

describe('a crash', () => {
  const crash = { end: 'failed', error: 'boom' } as const;

  it('is followed by a start after the backoff, which grows', () => {
    const first = decided(made(), begun(), crash);
    expect(first.jobs).toMatchObject([{ start: { delay: expect.any(Number) } }]);
    expect(first.state).toMatchObject({ crashes: 1, newestCrashes: [{ at: now, job: '7', error: 'boom' }], ended: null });
    const second = decided(made(), first.state, { ...crash, after: 1_500 });
    expect([first, second].map(({ state: { since } }) => Math.round((since - now) / 1_000))).toEqual([1, 2]);
  });

  it('ends it when there were too many in a row, with the newest of them', () => {
    const task = made({ restart: { crashes: 12 } });
    let state = begun();
    let jobs = 0;
    for (let n = 0; n < 12; n++) {
      const next = decided(task, { ...state, since: now }, crash);
      state = next.state;
      jobs += next.jobs.length;
    }
    expect({ jobs, crashes: state.crashes, told: state.newestCrashes.length, ended: state.ended?.how }).toEqual({
      ...{ jobs: 11, crashes: 12, told: 10, ended: 'crashed' },
    });
  });

  it('is the first of a row when it comes late enough after its start', () => {
    const state = begun({ crashes: 9, newestCrashes: [{ at: now, job: '1', error: 'old' }] });
    expect(decided(made(), state, { ...crash, after: 60_000 }).state).toMatchObject({ crashes: 1, newestCrashes: [{ error: 'boom' }] });
    expect(decided(made(), state, { ...crash, after: 59_999 }).state).toMatchObject({ crashes: 10, ended: { how: 'crashed' } });
  });

  it('ends it at once when nothing else is wanted', () => {
    expect(decided(made({ restart: { on: 'never' } }), begun(), crash).state.ended?.how).toBe('crashed');
  });

  it('counts no more once it begins anew', () => {
    const crashed = begun({ crashes: 10, ended: { at: now, how: 'crashed' } });
    expect(decided(startedTask(made()), crashed, crash).state).toMatchObject({ crashes: 0, newestCrashes: [], ended: null });
  });
});

describe('how a task stands', () => {
  it.each([
    [made(), noTaskState, null, 'queued', 'STOPPED'],
    [made(), begun(), 'queued', 'queued', 'STOPPED'],
    [made(), begun({ crashes: 1 }), 'scheduled', 'restarting', 'STOPPED'],
    [made(), begun(), 'running', 'running', 'RUNNING'],
    [disabledTask(made()), begun(), 'stopping', 'stopping', 'RUNNING'],
    [disabledTask(made()), begun(), 'canceled', 'stopped', 'STOPPED'],
    [made(), begun({ ended: { at: now, how: 'succeeded' } }), 'succeeded', 'ended', 'END'],
    [made(), begun({ ended: { at: now, how: 'crashed' } }), 'failed', 'crashed', 'END'],
    [startedTask(made()), begun({ ended: { at: now, how: 'crashed' } }), 'failed', 'queued', 'STOPPED'],
  ] as const)('%#: is one word', (task, state, jobState, status, seed) => {
    const told = taskStatusOf(task, state, jobState === null ? null : { state: jobState });
    expect([told, seedStatusOf(told)]).toEqual([status, seed]);
  });
});

describe('what is asked of a task', () => {
  it('has defaults, and comes back from its text as it was', () => {
    const task = made();
    expect(task).toMatchObject({ desired: 'enabled', pause: null, cleanEnd: false, maxDetached: null, start: 1 });
    expect(readTask(writeTask(task))).toEqual(task);
    expect(ownerOf(taskKeyOf(ref))).toBe('task//tail');
  });

  it('has passes when it is always started again', () => {
    expect(made({ restart: { on: 'always', backoff: 300 } }).pause).toBe(300);
    expect(made({ restart: { on: 'always' }, pause: 5 }).pause).toBe(5);
  });

  it('goes on without the store for an hour, unless it says for how long', () => {
    expect([made({ stateOptional: true }), made({ maxDetached: 5 }), made()].map(({ maxDetached }) => maxDetached)).toEqual([
      3_600_000,
      5,
      null,
    ]);
    expect(changedTask(made({ stateOptional: true }), { stateOptional: false }).maxDetached).toBeNull();
  });

  it.each([
    [{ pause: -1 }, 'pause must be whole milliseconds'],
    [{ stalledAfter: 10 }, 'stalledAfter must be at least 1s'],
    [{ restart: { crashes: 0 } }, 'restart.crashes must be a whole number from 1'],
    [{ restart: { on: 'sometimes' as never } }, 'restart.on must be one of never, failure, always, not "sometimes"'],
    [{ restart: { backoff: 10, maxBackoff: 5 } }, 'restart.backoff, the first wait, must not be longer than restart.maxBackoff'],
    [{ stateOptional: false, maxDetached: 5 }, 'maxDetached is for tasks that are stateOptional'],
  ] satisfies readonly [Partial<NewTask>, string][])('%#: is refused when it makes no sense', (asked, message) => {
    expect(() => made(asked)).toThrow(message);
  });

  it('is read, or refused with what is wrong', () => {
    const { restart, ...rest } = made();
    expect(() => readTask(JSON.stringify({ ...rest, restart: { ...restart, on: 'x' } }))).toThrow('its restart.on is not one of its words');
    expect(() => readTask(JSON.stringify({ ...rest, restart, start: -1 }))).toThrow('its start is not a whole number');
    expect(() => readTask(null)).toThrow('its body is not an object');
    expect(readTaskState({ state: '{"start":"x"}' })).toEqual(noTaskState);
  });
});
