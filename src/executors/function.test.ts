import { setImmediate as turn } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Job } from '../core/job.ts';
import { jobLimits, newJob } from '../core/new-job.ts';
import { functionRetry } from '../core/retry.ts';
import { createJob } from '../core/transitions.ts';
import type { Reporter, StopReason } from '../ports/executor.ts';
import { silent } from '../system/silent.ts';
import type { Context } from './context.ts';
import { makeFunctionExecutor } from './function.ts';
import { Final, Skip } from './function-fault.ts';

const job = (payload: string | null, timeout: number | null = null) =>
  createJob(newJob({ worker: 'w', payload, options: { timeout, retry: functionRetry, onLost: 'retry', rules: 'v1' } }), '1', 0, 0);
const run = (
  call: (payload: never, context: Context<Job>) => unknown,
  payload: string | null = null,
  timeout: number | null = null,
  signal = new AbortController().signal,
) =>
  makeFunctionExecutor(call as (payload: unknown, context: Context<Job>) => unknown, {
    worker: 'w',
    log: silent,
    viewOf: (view) => view,
    firstStart: async () => 0,
    push: () => Promise.reject(new Error('nothing is pushed here')),
  }).run(job(payload, timeout), signal, toNobody);

const toNobody: Reporter = {
  progress: () => undefined,
  line: () => undefined,
  emit: () => undefined,
  emitDurable: () => Promise.resolve(),
  push: () => Promise.resolve([]),
};

afterEach(() => void vi.useRealTimers());

/** Timers that keep this process. */
const keeping = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

describe('function executor', () => {
  it('gives the parsed payload and keeps what is returned as JSON', async () => {
    expect(await run(({ a }: { a: number }) => ({ b: a + 1 }), '{"a":1}')).toMatchObject({
      kind: 'succeeded',
      result: { output: '{"b":2}' },
    });
  });

  it('gives undefined when there is no payload, and null for null', async () => {
    expect(await run((payload: unknown) => [payload === undefined])).toMatchObject({ result: { output: '[true]' } });
    expect(await run((payload: unknown) => [payload], 'null')).toMatchObject({ result: { output: '[null]' } });
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

const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const refusing = (): never => {
  throw new Error('refused');
};
const throwing = (thrown: unknown) => () => {
  throw thrown;
};
const withGetter = (target: object, name: string): object => Object.defineProperty(target, name, { get: refusing, enumerable: true });

const heard: unknown[] = [];
process.on('unhandledRejection', (reason) => heard.push(reason));
/** What has been rejected by now and nobody has heard: it would end the process. */
async function unhandled(): Promise<readonly unknown[]> {
  await turn();
  await turn();
  return heard.splice(0);
}
const unshown = 'what was thrown cannot be read';

interface ThenArguments {
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}
const thenable = (then: (settle: ThenArguments) => unknown) => ({
  // biome-ignore lint/suspicious/noThenProperty: this is what is tested
  then: (resolve: (value: unknown) => void, reject: (reason: unknown) => void) => then({ resolve, reject }),
});

describe('a function that misbehaves', () => {
  afterEach(() => expect(vi.isFakeTimers()).toBe(false));

  it.each<readonly [string, unknown, string]>([
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['an empty text', '', 'the function threw an error without a message'],
    ['a symbol', Symbol('sign'), 'Symbol(sign)'],
    ['a function', refusing, 'refused'],
    ['an error without a message', new Error(), 'the function threw an error without a message'],
    ['an error whose message throws', withGetter(new Error('x'), 'message'), unshown],
    ['an error whose name, stack and cause throw', withGetter(withGetter(withGetter(new Error('x'), 'name'), 'stack'), 'cause'), 'x'],
    ['an object whose toString throws', { toString: refusing }, unshown],
    ['an object without a prototype', Object.create(null), unshown],
    ['a proxy that was revoked', revoked(), unshown],
  ])('fails its attempt when it throws or rejects with %s', async (_, thrown, error) => {
    for (const call of [throwing(thrown), () => Promise.reject(thrown), async () => throwing(thrown)()]) {
      const outcome = await run(call);
      expect(outcome).toMatchObject({ kind: 'failed', result: { error: expect.stringContaining(error) } });
    }
  });

  it.each<readonly [string, unknown, string]>([
    ['a function', refusing, '$ is a function'],
    ['a map', { at: [new Map()] }, '$.at[0] is a Map'],
    ['a number that is none', { n: Number.NaN }, '$.n is NaN'],
    ['a BigInt', 1n, '$ is a BigInt'],
    ['an object of getters that throw', withGetter({}, 'value'), '$.value cannot be read: refused'],
    ['a toJSON that throws', { toJSON: refusing }, '$ cannot be read: refused'],
    ['an iterator that nobody asks', (async function* () {})(), '$ is an object of'],
  ])('fails its attempt when it returns %s, which is no JSON', async (_, returned, told) => {
    for (const call of [() => returned, async () => returned]) {
      const outcome = await run(call);
      expect(outcome).toMatchObject({
        kind: 'failed',
        result: { error: expect.stringContaining(`the result of the function must be JSON, but ${told}`) },
      });
    }
  });

  it('fails its attempt when it returns a proxy that was revoked, or a then that throws', async () => {
    expect(await run(revoked)).toMatchObject({ kind: 'failed', result: { error: expect.stringContaining('revoked') } });
    expect(await run(() => withGetter({}, 'then'))).toMatchObject({ kind: 'failed', result: { error: 'refused' } });
  });

  it.each<readonly [string, (promises: readonly Promise<never>[]) => unknown]>([
    ['in a list', (promises) => promises],
    ['one level down', (results) => ({ results })],
    ['far down', (promises) => ({ a: [[{ b: { c: [1, { promises }] } }]] })],
    ['behind what is refused first', (promises) => ({ call: () => 1, later: [{ promises }] })],
    ['in a list that a toJSON gives', (promises) => ({ at: new Date(), sum: { toJSON: () => ({ promises }) } })],
    ['in place of what a toJSON gives', ([first, ...others]) => ({ toJSON: () => first, others })],
    ['in a map', (promises) => new Map(promises.map((each, at) => [at, [each]]))],
    ['in a set', (promises) => ({ all: new Set(promises) })],
    ['of another realm', (promises) => ({ list: [...promises, runInNewContext('Promise.reject(new Error("c"))')] })],
    ['that are thrown', (promises) => throwing(promises)()],
  ])('is not ended by promises %s that reject later', async (_, returning) => {
    const later = Promise.withResolvers<never>();
    const outcome = await run(() => returning([later.promise, Promise.reject(new Error('a'))]));
    expect(outcome).toMatchObject({ kind: 'failed' });
    later.reject(new Error('b'));
    expect(await unhandled()).toEqual([]);
  });

  it('is not ended by promises that a getter or a toJSON makes each time it is asked', async () => {
    const lists = () => [Promise.reject(new Error('a')), [Promise.reject(new Error('b'))]];
    const getter = Object.defineProperty({}, 'lists', { get: lists, enumerable: true });
    for (const returned of [getter, { deep: [getter] }, { toJSON: lists }, { deep: { toJSON: lists } }]) {
      expect(await run(() => returned)).toMatchObject({ kind: 'failed', result: { error: expect.stringContaining('[0] is a Promise.') } });
    }
    expect(await unhandled()).toEqual([]);
  });

  it('is not ended by promises in a result that comes too late', async () => {
    const late = Promise.withResolvers<unknown>();
    expect(await run(() => late.promise, null, 5)).toMatchObject({ kind: 'failed', result: { cause: 'timeout' } });
    late.resolve({ results: [Promise.reject(new Error('a'))] });
    expect(await unhandled()).toEqual([]);
  });

  it.each<readonly [string, (settle: ThenArguments) => unknown, object]>([
    ['resolves twice', ({ resolve }) => [resolve(1), resolve(2)], { kind: 'succeeded', result: { output: '1' } }],
    ['resolves and rejects', ({ resolve, reject }) => [resolve(1), reject(new Error('x'))], { kind: 'succeeded', result: { output: '1' } }],
    ['rejects and resolves', ({ resolve, reject }) => [reject(new Error('x')), resolve(1)], { kind: 'failed', result: { error: 'x' } }],
    ['throws after it has resolved', ({ resolve }) => throwing(resolve(1))(), { kind: 'succeeded', result: { output: '1' } }],
    ['throws', throwing(new Error('x')), { kind: 'failed', result: { error: 'x' } }],
    [
      'resolves with another one',
      ({ resolve }) => resolve(thenable((inner) => inner.resolve(2))),
      { kind: 'succeeded', result: { output: '2' } },
    ],
    [
      'resolves with a promise that rejects',
      ({ resolve }) => resolve(Promise.reject(new Error('x'))),
      { kind: 'failed', result: { error: 'x' } },
    ],
    [
      'resolves with what has a then that throws',
      ({ resolve }) => resolve(withGetter({}, 'then')),
      { kind: 'failed', result: { error: 'refused' } },
    ],
  ])('ends its attempt once with a thenable that %s', async (_, then, outcome) => {
    expect(await run(() => thenable(then))).toMatchObject(outcome);
  });

  it('ends its attempt with thenables of each other that have no end', async () => {
    const endless = thenable(({ resolve }) => resolve(endless));
    expect(await run(() => endless)).toMatchObject({ kind: 'failed', result: { error: expect.stringContaining('more than 1000') } });
  });

  it('asks a then once, whatever it is the second time', async () => {
    let asked = 0;
    const changing = Object.defineProperty({}, 'then', {
      get() {
        asked += 1;
        return asked === 1 ? (resolve: (value: unknown) => void) => resolve(5) : refusing;
      },
    });
    expect(await run(() => changing)).toMatchObject({ kind: 'succeeded', result: { output: '5' } });
    expect(asked).toBe(1);
  });

  it('is timed out when its thenable never settles, or settles later, and leaves no timer behind', async () => {
    vi.useFakeTimers();
    const late: ThenArguments[] = [];
    const outcome = run(() => thenable((settle) => late.push(settle)), null, 5);
    await vi.advanceTimersByTimeAsync(5);
    expect(await outcome).toMatchObject({ kind: 'failed', result: { error: expect.stringContaining('timeout of 5 ms') } });
    for (const { resolve, reject } of late) [resolve(1), reject(new Error('late'))];
    expect(await run(() => Promise.reject(new Error('soon')), null, 60_000)).toMatchObject({ kind: 'failed' });
    expect(await run(() => thenable(throwing(new Error('soon'))), null, 60_000)).toMatchObject({ kind: 'failed' });
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('keeps the reason that its stop has when what it throws cannot be read', async () => {
    const abort = new AbortController();
    const outcome = run(
      (_: never, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(revoked()))),
      null,
      null,
      abort.signal,
    );
    abort.abort('shutdown' satisfies StopReason);
    expect(await outcome).toEqual({ kind: 'returned' });
  });
});

describe('the timer of withTimeout', () => {
  it('keeps the process while the attempt runs, and no longer', async () => {
    const contexts: Context<Job>[] = [];
    const before = keeping();
    const outcome = await run((_: unknown, context) => {
      contexts.push(context);
      context.withTimeout('1h');
      return keeping();
    });
    expect(outcome).toMatchObject({ result: { output: String(before + 1) } });
    expect(keeping()).toBe(before);
    // As in a commit.
    const late = contexts[0]?.withTimeout('1h');
    expect(keeping()).toBe(before);
    expect(late?.signal.aborted).toBe(false);
  });
});
