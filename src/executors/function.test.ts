import { afterEach, describe, expect, it, vi } from 'vitest';
import { jobLimits, newJob } from '../core/new-job.ts';
import { functionRetry } from '../core/retry.ts';
import { createJob } from '../core/transitions.ts';
import { Final, makeFunctionExecutor, Skip, type WorkerFunction } from './function.ts';

const job = (payload: string | null, timeout: number | null = null) =>
  createJob(newJob({ worker: 'w', payload, options: { timeout, retry: functionRetry, onLost: 'retry', rules: 'v1' } }), '1', 0, 0);
const run = (
  call: WorkerFunction<never>,
  payload: string | null = null,
  timeout: number | null = null,
  signal = new AbortController().signal,
) => makeFunctionExecutor(call as WorkerFunction<unknown>).run(job(payload, timeout), signal);

afterEach(() => void vi.useRealTimers());

describe('function executor', () => {
  it('gives the parsed payload and keeps what is returned as JSON', async () => {
    expect(await run(({ a }: { a: number }) => ({ b: a + 1 }), '{"a":1}')).toMatchObject({
      kind: 'succeeded',
      result: { output: '{"b":2}' },
    });
  });

  it('keeps nothing for undefined', async () => {
    expect(await run(() => undefined)).toMatchObject({ kind: 'succeeded', result: { output: '' } });
  });

  it('turns what is thrown or rejected into a failure', async () => {
    expect(await run(() => expect.unreachable.call(null, 'x'))).toMatchObject({ kind: 'failed' });
    expect(await run(() => Promise.reject(new Error('no')))).toMatchObject({ kind: 'failed', result: { error: 'no' } });
    expect(await run(() => Promise.reject('text'))).toMatchObject({ kind: 'failed', result: { error: 'text' } });
    const odd = Object.assign(new Error(), { message: { code: 5 } });
    expect(await run(() => Promise.reject(odd))).toMatchObject({ kind: 'failed', result: { error: '[object Object]' } });
  });

  it('keeps the beginning of a long error', async () => {
    const outcome = await run(() => Promise.reject(new Error('x'.repeat(1_000_000))));
    expect(outcome).toMatchObject({ kind: 'failed', result: { error: 'x'.repeat(jobLimits.error) } });
  });

  it('tells where it was thrown, with the errors that caused it', async () => {
    const cause = new Error('the disk is full');
    const outcome = await run(() => Promise.reject(new Error('no receipt', { cause })));
    expect(outcome).toMatchObject({ kind: 'failed', result: { cause: 'thrown' } });
    const stack = outcome.kind === 'failed' ? outcome.result.stack : '';
    expect(stack).toMatch(/^Error: no receipt\n {4}at .*function\.test\.ts:\d+:\d+/);
    expect(stack).toMatch(/\nCaused by: Error: the disk is full\n {4}at /);
  });

  it('keeps the beginning of a long stack, and counts what is cut off', async () => {
    const long = Object.assign(new Error('x'), { stack: 'y'.repeat(10_000) });
    const outcome = await run(() => Promise.reject(long));
    expect(outcome).toMatchObject({ result: { stack: `${'y'.repeat(8 * 1024)}\n… and ${10_000 - 8 * 1024} more characters` } });
  });

  it('survives whatever is thrown', async () => {
    const closed = Object.defineProperty(new Error('x'), 'stack', { get: () => expect.unreachable.call(null, 'closed') });
    expect(await run(() => Promise.reject(closed))).toMatchObject({
      result: { error: 'x', stack: expect.stringContaining('cannot be read') },
    });
    const endless = new Error('again');
    endless.cause = endless;
    expect(await run(() => Promise.reject(endless))).toMatchObject({ result: { error: 'again' } });
    const mute = { toString: () => expect.unreachable.call(null, 'mute') };
    expect(await run(() => Promise.reject(mute))).toMatchObject({
      result: { error: expect.stringContaining('cannot be read'), stack: '' },
    });
  });

  it('knows a skip and a final failure', async () => {
    expect(await run(() => Promise.reject(new Skip('nothing to do')))).toMatchObject({
      kind: 'skipped',
      result: { error: 'nothing to do' },
    });
    expect(await run(() => Promise.reject(new Final('never')))).toMatchObject({ kind: 'failed', final: true });
  });

  it('fails an attempt that outlives its timeout, and signals the function', async () => {
    let signalled: unknown;
    const outcome = await run(
      (_: never, { signal }) => new Promise(() => signal.addEventListener('abort', () => (signalled = signal.reason))),
      null,
      5,
    );
    expect(outcome).toMatchObject({ kind: 'failed', result: { error: expect.stringContaining('timeout of 5 ms') } });
    expect(signalled).toBe('timeout');
  });

  it('returns the attempt when the node stops', async () => {
    const abort = new AbortController();
    const outcome = run(() => new Promise(() => undefined), null, null, abort.signal);
    abort.abort('shutdown');
    expect(await outcome).toEqual({ kind: 'returned' });
  });

  it('lets a canceled function end by itself', async () => {
    const abort = new AbortController();
    const outcome = run(
      (_: never, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')))),
      null,
      null,
      abort.signal,
    );
    abort.abort('canceled');
    expect(await outcome).toMatchObject({ kind: 'failed', result: { error: 'stopped' } });
  });

  it('does not wait longer than its timeout for a canceled function', async () => {
    const abort = new AbortController();
    const outcome = run(() => new Promise(() => undefined), null, 5, abort.signal);
    abort.abort('canceled');
    expect(await outcome).toMatchObject({ kind: 'failed', result: { error: expect.stringContaining('timeout of 5 ms') } });
  });

  it('takes a timeout of more days than a timer of the platform can have', async () => {
    vi.useFakeTimers();
    const day = 86_400_000;
    const { promise, resolve } = Promise.withResolvers<string>();
    const [ending, endless] = [run(() => promise, null, 30 * day), run(() => new Promise(() => undefined), null, 30 * day)];
    await vi.advanceTimersByTimeAsync(29 * day);
    resolve('done');
    expect(await ending).toMatchObject({ kind: 'succeeded', result: { output: '"done"' } });
    await vi.advanceTimersByTimeAsync(day);
    expect(await endless).toMatchObject({ kind: 'failed', result: { error: expect.stringContaining('timeout') } });
  });

  it('cuts an output that is too long, and says so', async () => {
    const outcome = await run(() => 'ä'.repeat(700_000));
    expect(outcome).toMatchObject({ kind: 'succeeded', result: { outputCut: true } });
    if (outcome.kind === 'succeeded') expect(Buffer.byteLength(outcome.result.output)).toBeLessThanOrEqual(1024 * 1024);
  });
});
