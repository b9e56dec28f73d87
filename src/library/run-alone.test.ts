import { describe, expect, expectTypeOf, it } from 'vitest';
import type { StandardSchema } from '../core/standard-schema.ts';
import { Abort, defineWorker, Final, runAlone } from '../index.ts';
import { refusal, untyped } from './refusal.suite.ts';

const schemaOf = <Input, Output>(read: (value: Input) => Output): StandardSchema<Input, Output> => ({
  '~standard': {
    version: 1,
    vendor: 'test',
    validate(value) {
      try {
        return { value: read(value as Input) };
      } catch (error) {
        return { issues: [{ message: String(error) }] };
      }
    },
  },
});

describe('a worker that is run alone', () => {
  it('reads its message, wraps its context, calls its hooks in order, and keeps what its output makes of the result', async () => {
    const calls: unknown[] = [];
    const worker = defineWorker({
      name: 'w',
      input: schemaOf((text: string) => new Date(text)),
      output: schemaOf((year: number) => ({ year })),
      beforeHook: ({ message }) => void calls.push(['before', message]),
      start(context) {
        calls.push('start');
        return context.withCookie(context.message.getTime());
      },
      errorHook(error) {
        calls.push(['errorHook', error]);
        return true;
      },
      run({ message, cookie, progress, triggerId, attempt, job }) {
        progress(0.5);
        calls.push(['run', cookie === message.getTime(), triggerId, attempt, job.domain]);
        return message.getUTCFullYear();
      },
      commit: (_, error) => void calls.push(['commit', error]),
    });
    const job = await runAlone(worker, {
      ...{ message: '2026-01-31', triggerId: 'nightly', domain: 'acme' },
      onProgress: (value) => calls.push(['progress', value]),
    });
    expectTypeOf(job.payload).toEqualTypeOf<string>();
    expectTypeOf(job.result).toEqualTypeOf<{ year: number } | undefined>();
    expect(job).toMatchObject({ state: 'succeeded', result: { year: 2026 }, payload: '2026-01-31', attempts: 1 });
    expect(calls).toEqual([
      ['before', '2026-01-31'],
      'start',
      ['errorHook', undefined],
      ['progress', 0.5],
      ['run', true, 'nightly', 1, 'acme'],
      ['commit', null],
    ]);
  });

  it('says whether it would be tried again', async () => {
    const commits: unknown[] = [];
    const worker = defineWorker({
      name: 'w',
      attempts: 3,
      run({ message }: { message: 'fails' | 'final' | 'aborts' }) {
        if (message === 'aborts') throw new Abort();
        throw message === 'final' ? new Final('for good') : new Error('busy');
      },
      commit: (_, error) => void commits.push(error),
    });
    expect(await runAlone(worker, { message: 'fails' })).toMatchObject({ state: 'scheduled', error: 'busy', endedAt: null });
    expect(commits).toEqual([]);
    expect(await runAlone(worker, { message: 'fails', attempt: 3 })).toMatchObject({ state: 'failed', error: 'busy', cause: 'thrown' });
    expect(await runAlone(worker, { message: 'final' })).toMatchObject({ state: 'failed', error: 'for good' });
    expect(await runAlone(worker, { message: 'aborts' })).toMatchObject({ state: 'succeeded', reason: 'aborted' });
    expect(commits).toMatchObject([{ message: 'busy' }, { message: 'for good' }, {}]);
  });

  it('is refused, skipped and failed by what looks at it, as by a Hatstand', async () => {
    const input = schemaOf((value: number) => {
      if (value < 0) throw new RangeError('below zero');
      return value;
    });
    const output = schemaOf((value: number) => {
      if (value > 9) throw new RangeError('above nine');
      return value;
    });
    const worker = defineWorker({ name: 'w', input, output, beforeHook: ({ message }) => message !== 7, run: ({ message }) => message });
    expect(await runAlone(worker, { message: -1 })).toMatchObject({
      state: 'failed',
      cause: 'message',
      error: expect.stringContaining('below'),
    });
    expect(await runAlone(worker, { message: 7 })).toMatchObject({ state: 'canceled', reason: 'skipped' });
    expect(await runAlone(worker, { message: 10 })).toMatchObject({ state: 'failed', error: expect.stringContaining('above nine') });
    const picky = defineWorker({ name: 'w', errorHook: () => false, run: () => 1 });
    expect(await runAlone(picky)).toMatchObject({ state: 'succeeded', reason: 'refused', result: undefined });
  });

  it('ends when it is told to, or when its time is over', async () => {
    const ends = defineWorker({
      name: 'w',
      timeout: '5ms',
      run: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error(String(signal.reason))));
        }),
    });
    expect(await runAlone(ends)).toMatchObject({ state: 'failed', cause: 'timeout' });
    const stop = new AbortController();
    const waits = defineWorker({
      name: 'w',
      run({ signal }) {
        stop.abort();
        throw new Error(`told: ${signal.reason}`);
      },
    });
    expect(await runAlone(waits, { signal: stop.signal })).toMatchObject({ state: 'canceled', reason: 'stopped' });
    expect(await runAlone(waits, { signal: AbortSignal.abort('shutdown') })).toMatchObject({ state: 'queued', attempt: 0 });
  });

  it('takes a worker that was declared alone, and wants to know what its pushes answer', async () => {
    expect(await refusal(() => runAlone(untyped('w')))).toMatchObject({
      message: expect.stringContaining('runAlone takes'),
      field: 'worker',
    });
    const pushes = defineWorker({ name: 'w', run: async ({ push }) => (await push('child', 5)).id });
    expect(await runAlone(pushes)).toMatchObject({ state: 'failed', error: expect.stringContaining('runAlone takes an onPush') });
    expect(await runAlone(pushes, { onPush: (to, message) => ({ id: `${to} ${message}` }) })).toMatchObject({ result: 'child 5' });
  });
});
