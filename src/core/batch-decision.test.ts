import { describe, expect, it } from 'vitest';
import { aboutOf } from './about.ts';
import { type Batch, type BatchEnd, type Callback, noState, writeBatch, writeBatchState } from './batch.ts';
import { decideBatch, longestMaking, longestOpen } from './batch-decision.ts';
import { readBatch, readBatchState } from './batch-record.ts';
import type { Definition } from './definition.ts';
import { newJob } from './new-job.ts';
import { type EndCounts, noEnds, noFacts } from './owned.ts';
import { functionRetry } from './retry.ts';
import { triggerJobOf } from './trigger-target.ts';

const now = Date.UTC(2026, 5, 1);
const hour = 3_600_000;
const keep = 24 * hour;
const options = { timeout: null, retry: functionRetry, onLost: 'retry', rules: 'v1' } as const;
const callback = (name: string, payload: string | null = null): Callback =>
  triggerJobOf(newJob({ worker: 'report', name, payload, options }));
const batch: Batch = { phase: 'sealed', token: 't', digest: 'd', total: 3, on: { ended: callback('all') }, createdAt: now - hour };

interface Jobs {
  readonly live?: number;
  readonly ended?: Partial<EndCounts>;
}

const definition = (changes: Partial<Batch>, { live = 0, ended = {} }: Jobs, state = noState): Definition => ({
  ...{ kind: 'batch', domain: 'acme', key: 'b', version: 1, group: '', body: writeBatch({ ...batch, ...changes }) },
  ...{ state: writeBatchState(state), due: now, firedAt: null, dueOnEnd: true, changedAt: now - hour / 2, window: null },
  owned: { ...noFacts, live, ended: { ...noEnds, ...ended } },
});
const decide = (changes: Partial<Batch>, jobs: Jobs, state = noState) => decideBatch(definition(changes, jobs, state), now, keep);
const all = { ended: { succeeded: 2, failed: 1 } };

describe('a batch', () => {
  it('pushes nothing while a job of it lives, and is looked at again all the same', () => {
    const decision = decide({}, { live: 1, ended: { succeeded: 2 } });
    expect(decision).toMatchObject({ jobs: [], next: now + hour, note: '1 of its jobs live' });
    expect(readBatchState(decision)).toEqual(noState);
  });

  it('pushes one job when all have ended, which is told of that, and nobody`s', () => {
    const { jobs, next, state, note } = decide({}, all);
    const told = { id: 'b', on: 'ended', total: 3, succeeded: 2, failed: 1, canceled: 0 };
    expect(jobs).toHaveLength(1);
    const [job] = jobs;
    if (job === undefined) throw new Error('a job was expected');
    expect(job).toMatchObject({ worker: 'report', name: 'all', domain: 'acme', owner: 'callback/acme/b', payload: JSON.stringify(told) });
    expect(aboutOf(job).batch).toEqual({ ...told, madeAt: expect.any(Number) });
    expect({ next, note }).toEqual({
      next: now + keep,
      note: 'ended: 3 jobs, of which 2 succeeded, 1 failed and 0 were canceled; pushed for ended',
    });
    expect(readBatchState({ state })).toMatchObject({ endedAt: now, counts: { total: 3, succeeded: 2, failed: 1, canceled: 0 } });
  });

  it('keeps the message of a callback that has one', () => {
    const [job] = decide({ on: { ended: callback('all', '{"to": 1.0}') } }, all).jobs;
    expect(job).toMatchObject({ payload: '{"to": 1.0}' });
  });

  it.each([
    [{ succeeded: 3 }, ['ended', 'succeeded']],
    [{ succeeded: 2, failed: 1 }, ['ended', 'failed']],
    [{ succeeded: 2, canceled: 1 }, ['ended']],
    [{ canceled: 3 }, ['ended']],
  ] satisfies [Partial<EndCounts>, BatchEnd[]][])('of %o pushes for %o', (ended, pushed) => {
    const on = { ended: callback('ended'), succeeded: callback('succeeded'), failed: callback('failed') };
    expect(decide({ on }, { ended }).jobs.map(({ name }) => name)).toEqual(pushed);
  });

  it('without jobs has succeeded', () => {
    expect(decide({ total: 0, on: { succeeded: callback('succeeded') } }, {}).jobs).toHaveLength(1);
  });

  it('that has ended pushes nothing more, whatever its jobs do, and goes with them', () => {
    const ended = { ...noState, endedAt: now - hour };
    expect(decide({}, { live: 1, ...all }, ended)).toMatchObject({ jobs: [], next: now - hour + keep });
    expect(decide({}, all, { ...noState, endedAt: now - keep })).toMatchObject({ jobs: [], next: 'removed' });
    expect(decideBatch(definition({}, all, ended), now, null)).toMatchObject({ jobs: [], next: null });
  });

  it('waits for jobs that are not there, but not for ever', () => {
    const waits = decide({ total: 4 }, all);
    expect(waits).toMatchObject({ jobs: [], next: now + hour });
    const state = readBatchState(waits);
    expect(state.missingSince).toBe(now);
    const later = { ...definition({ total: 4 }, all, state), due: now + hour };
    const decision = decideBatch(later, now + hour, keep);
    expect(decision.jobs).toHaveLength(1);
    expect(readBatchState(decision).counts).toEqual({ total: 4, succeeded: 2, failed: 1, canceled: 0 });
  });

  it.each([
    ['making', longestMaking],
    ['open', longestOpen],
  ] as const)('that is %s waits until it is sealed, and is given up in the end', (phase, longest) => {
    const until = now - hour / 2 + longest;
    expect(decide({ phase }, all)).toMatchObject({ jobs: [], next: until });
    const decision = decideBatch({ ...definition({ phase }, { live: 1, ...all }), due: until }, until, keep);
    expect(decision).toMatchObject({ jobs: [], next: until + keep, note: expect.stringContaining('given up') });
    expect(readBatchState(decision)).toMatchObject({ endedAt: until, isGivenUp: true, counts: { total: 4 } });
  });

  it('is due next later than it was, also when that is past already', () => {
    expect(decideBatch({ ...definition({}, { live: 1 }), due: now + 2 * hour }, now, keep).next).toBe(now + 2 * hour + 1);
  });
});

describe('readBatch', () => {
  it('reads what was written', () => {
    expect(readBatch(writeBatch(batch))).toEqual(batch);
  });

  it.each([
    [null, 'body'],
    ['{', 'JSON'],
    ['[]', 'body'],
    [JSON.stringify({ ...batch, phase: 'x' }), 'phase'],
    [JSON.stringify({ ...batch, total: -1 }), 'total'],
    [JSON.stringify({ ...batch, token: 1 }), 'token'],
    [JSON.stringify({ ...batch, on: { never: callback('a') } }), 'on'],
    [JSON.stringify({ ...batch, on: { ended: { ...callback('a'), worker: '.' } } }), 'worker'],
    [JSON.stringify({ ...batch, on: { ended: null } }), 'callback'],
  ])('refuses %s', (body, field) => {
    expect(() => readBatch(body)).toThrow(field);
  });

  it('takes a damaged state for none', () => {
    for (const state of ['', '{', '1', '{}', '{"endedAt":-1}']) expect(readBatchState({ state })).toEqual(noState);
  });
});
