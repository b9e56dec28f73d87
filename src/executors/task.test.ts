import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { until } from '../../test/support/until.ts';
import { HatstandError } from '../core/errors.ts';
import { newJob } from '../core/new-job.ts';
import { newTask, type TaskChange } from '../core/new-task.ts';
import { functionRetry } from '../core/retry.ts';
import { jobOfTask } from '../core/task.ts';
import { createJob } from '../core/transitions.ts';
import { triggerJobOf } from '../core/trigger-target.ts';
import type { Mail, Reporter, TaskKeeper } from '../ports/executor.ts';
import { silent } from '../system/silent.ts';
import { makeTaskExecutor } from './task.ts';
import type { TaskContext } from './task-context.ts';

const away = new HatstandError('store_unavailable', 'the store is away');

/** What an attempt keeps and hears of, in memory. */
class Kept implements TaskKeeper {
  readonly #handover = new AbortController();
  readonly checkpoints: string[] = [];
  readonly acknowledged: string[] = [];
  waiting: Mail[] = [];
  isAway: boolean = false;
  #onMail: () => void = () => undefined;

  get handover(): AbortSignal {
    return this.#handover.signal;
  }
  handOver(): void {
    this.#handover.abort();
  }
  isDetached(): boolean {
    return this.isAway;
  }
  checkpoint(): Promise<string | null> {
    return Promise.resolve(this.checkpoints.at(-1) ?? null);
  }
  async keep(checkpoint: string): Promise<void> {
    await Promise.resolve();
    if (this.isAway) throw away;
    this.checkpoints.push(checkpoint);
  }
  mail(): Promise<readonly Mail[]> {
    return this.isAway ? Promise.reject(away) : Promise.resolve([...this.waiting]);
  }
  onMail(call: () => void): void {
    this.#onMail = call;
  }
  handled({ id }: Mail): Promise<void> {
    this.acknowledged.push(id);
    this.waiting = this.waiting.filter((each) => each.id !== id);
    return Promise.resolve();
  }
  post(...names: readonly string[]): void {
    this.waiting.push(...names.map((name) => ({ id: name, name, data: JSON.stringify(name) })));
    this.#onMail();
  }
}

const told: string[] = [];
const reporter: Reporter = {
  progress: (value) => void told.push(value),
  line: () => undefined,
  emit: () => undefined,
  emitDurable: () => Promise.resolve(),
  push: () => Promise.resolve([]),
};
const options = { timeout: null, retry: functionRetry, onLost: 'retry', rules: 'v1' } as const;

/** Begins an attempt of a task. */
function begin(run: (context: TaskContext<unknown>) => unknown, change: TaskChange = {}, kept: Kept = new Kept()) {
  const task = newTask(
    { job: triggerJobOf(newJob({ worker: 'w', payload: '{"a":1}', options })), ...change },
    { ref: { domain: '', id: 'k' }, now: 0 },
  );
  const job = createJob(jobOfTask({ kind: 'task', domain: '', key: 'k' }, task, 0), '1', 0, 0);
  const parts = { log: silent, worker: 'w', viewOf: () => null, push: () => Promise.resolve(null), firstStart: () => Promise.resolve(0) };
  const stop = new AbortController();
  const outcome = makeTaskExecutor({ read: (message) => message, run }, parts).run(job, stop.signal, reporter, kept);
  return { outcome, stop, kept };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

describe('the function of a task', () => {
  it('is told its message, and what it returns ends the task', async () => {
    const { outcome } = begin(({ message, pass, resumeFrom }) => ({ message, pass, resumeFrom }));
    expect(await outcome).toMatchObject({ kind: 'succeeded', result: { output: '{"message":{"a":1},"pass":0}' } });
  });

  it('crashes by what it throws', async () => {
    const { outcome } = begin(() => {
      throw new Error('boom');
    });
    expect(await outcome).toMatchObject({ kind: 'failed', result: { error: 'boom' } });
  });

  it('is called again after each pause, until it says that the task ends', async () => {
    const { outcome } = begin(({ pass, end }) => (pass === 3 ? end({ pass }) : undefined), { pause: 1 });
    expect(await outcome).toMatchObject({ kind: 'succeeded', result: { output: '{"pass":3}' } });
  });

  it('may say its end from outside of itself: its signal is aborted, and what it throws then does not count', async () => {
    const { outcome } = begin(async ({ signal, end }) => {
      setImmediate(end, 'over');
      await aborted(signal);
      throw new Error(String(signal.reason));
    });
    expect(await outcome).toMatchObject({ kind: 'succeeded', result: { output: '"over"' } });
  });

  it('that is to go on elsewhere may return by itself, and goes back, whatever it returns', async () => {
    const { outcome, kept } = begin(async ({ signal }) => {
      await aborted(signal);
      return signal.reason;
    });
    kept.handOver();
    expect(await outcome).toEqual({ kind: 'returned' });
  });

  it.each(['shutdown', 'lost'] as const)('is not waited for once it is told %s', async (reason) => {
    const { outcome, stop, kept } = begin(() => new Promise(() => undefined));
    kept.handOver();
    stop.abort(reason);
    expect(await outcome).toEqual({ kind: 'returned' });
  });

  it('that is canceled before it has begun does not begin', async () => {
    const { outcome, stop } = begin(() => 'began');
    stop.abort('canceled');
    expect(await outcome).toMatchObject({ kind: 'failed', result: { cause: 'canceled' } });
  });

  it('that is canceled is waited for', async () => {
    const begun = Promise.withResolvers<void>();
    const { outcome, stop } = begin(async ({ signal }) => {
      begun.resolve();
      await aborted(signal);
      return signal.reason;
    });
    await begun.promise;
    stop.abort('canceled');
    expect(await outcome).toMatchObject({ kind: 'succeeded', result: { output: '"canceled"' } });
  });

  it('ends its pause when it is stopped', async () => {
    const { outcome, kept } = begin(() => kept.handOver(), { pause: 60_000 });
    expect(await outcome).toEqual({ kind: 'returned' });
  });

  it('goes on elsewhere when it tells nothing for too long; what it tells puts that off', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const begun = Promise.withResolvers<TaskContext<unknown>>();
    let isOver = false;
    const { outcome } = begin(
      (context) => {
        begun.resolve(context);
        return new Promise(() => undefined);
      },
      { stalledAfter: 1_000 },
    );
    const over = outcome.finally(() => {
      isOver = true;
    });
    const { update } = await begun.promise;
    for (let n = 0; n < 3; n++) {
      await vi.advanceTimersByTimeAsync(999);
      update({ n });
    }
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await over).toEqual({ kind: 'returned' });
    expect(told.slice(-3)).toEqual(['{"n":0}', '{"n":1}', '{"n":2}']);
  });

  it('waits with its next pass while the store is away', async () => {
    const kept = new Kept();
    const passes: number[] = [];
    let asked = 0;
    kept.isDetached = () => {
      asked += 1;
      return kept.isAway;
    };
    const { outcome } = begin(
      ({ pass, paused, end }) => {
        passes.push(pass);
        if (pass === 0) kept.isAway = true;
        else end(paused);
      },
      { pause: 1 },
      kept,
    );
    await until('it to look for the store again and again', () => asked > 3);
    expect(passes).toEqual([0]);
    kept.isAway = false;
    expect(await outcome).toMatchObject({ result: { output: 'false' } });
    expect(passes).toEqual([0, 1]);
  });
});

/** Keeps three checkpoints, and tells which it has come to. */
async function keepThree({ checkpoint }: { checkpoint(value: unknown): Promise<void> }, reached: number[]): Promise<void> {
  for (const n of [1, 2, 3]) {
    await checkpoint(n);
    reached.push(n);
  }
}

describe('checkpoints', () => {
  it('are kept one after the other, of many that come at once the first and the last', async () => {
    const { outcome, kept } = begin(async ({ checkpoint }) => {
      await Promise.all([1, 2, 3, 4, 5].map(checkpoint));
    });
    await outcome;
    expect(kept.checkpoints).toEqual(['1', '5']);
  });

  it('are what the next attempt goes on from', async () => {
    const { outcome, kept } = begin(({ checkpoint }) => checkpoint({ line: 7 }));
    await outcome;
    expect(await begin(({ resumeFrom }) => resumeFrom, {}, kept).outcome).toMatchObject({ result: { output: '{"line":7}' } });
  });

  it('are asked for until the store answers', async () => {
    const kept = new Kept();
    kept.checkpoints.push('7');
    let asked = 0;
    kept.checkpoint = () => {
      asked += 1;
      return asked < 3 ? Promise.reject(away) : Promise.resolve('7');
    };
    expect(await begin(({ resumeFrom }) => resumeFrom, {}, kept).outcome).toMatchObject({ result: { output: '7' } });
  });

  it('wait for a store that is away, unless the task may do without it; the newest is kept then', async () => {
    for (const stateOptional of [false, true]) {
      const kept = new Kept();
      kept.isAway = true;
      const reached: number[] = [];
      const { outcome } = begin(
        async (context) => {
          await keepThree(context, reached);
          await until('it is kept', () => kept.checkpoints.includes('3'));
        },
        { stateOptional },
        kept,
      );
      if (stateOptional) await until('it goes on', () => reached.length === 3);
      kept.isAway = false;
      await outcome;
      expect(kept.checkpoints).toEqual(stateOptional ? ['3'] : ['1', '2', '3']);
    }
  });

  it('of a task that may do without the store do not wait for one that answers nothing', async () => {
    const kept = new Kept();
    const answers = Promise.withResolvers<void>();
    kept.keep = () => answers.promise;
    const reached: number[] = [];
    const { outcome } = begin((context) => keepThree(context, reached), { stateOptional: true }, kept);
    kept.isAway = true;
    await outcome;
    expect(reached).toEqual([1, 2, 3]);
    answers.resolve();
  });

  it('that are no JSON are refused', async () => {
    expect(await begin(({ checkpoint }) => checkpoint(1n)).outcome).toMatchObject({ kind: 'failed' });
  });
});

describe('control messages', () => {
  it('are told one after the other, those that waited first, and acknowledged when they are handled', async () => {
    const kept = new Kept();
    kept.post('early');
    const heard: string[] = [];
    const { outcome } = begin(
      async ({ onControl, end, signal }) => {
        onControl(async ({ name, data }) => {
          await Promise.resolve();
          heard.push(`${name} ${String(data)}`);
          if (name === 'bad') throw new Error('not today');
          if (name === 'last') end();
        });
        await aborted(signal);
      },
      {},
      kept,
    );
    await until('the first is handled', () => kept.acknowledged.length === 1);
    kept.post('bad', 'last');
    await outcome;
    await until('the last is handled', () => kept.acknowledged.length === 3);
    expect([heard, kept.acknowledged]).toEqual([
      ['early early', 'bad bad', 'last last'],
      ['early', 'bad', 'last'],
    ]);
  });

  it('are handled to their end before the attempt ends, so that nobody else is told them, too', async () => {
    const kept = new Kept();
    kept.post('slow');
    const gate = Promise.withResolvers<void>();
    const { outcome } = begin(
      async ({ onControl, signal }) => {
        onControl(() => gate.promise);
        await aborted(signal);
      },
      {},
      kept,
    );
    await new Promise((resolve) => setImmediate(resolve));
    kept.handOver();
    let isOver = false;
    void outcome.then(() => (isOver = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isOver).toBe(false);
    gate.resolve();
    expect(await outcome).toEqual({ kind: 'returned' });
    expect(kept.acknowledged).toEqual(['slow']);
  });

  it.each([undefined, null, 'x', {}])('are told to functions alone, not to %j', async (handler) => {
    const kept = new Kept();
    kept.post('a');
    const { outcome } = begin(({ onControl }) => onControl(handler as never), {}, kept);
    expect(await outcome).toMatchObject({ kind: 'failed', result: { error: expect.stringContaining('onControl takes a function') } });
    expect(kept.acknowledged).toEqual([]);
  });

  it('wait for a handler', async () => {
    const kept = new Kept();
    kept.post('a');
    await begin(() => undefined, {}, kept).outcome;
    expect(kept.acknowledged).toEqual([]);
  });
});
