import { describe, expect, it } from 'vitest';
import { elsewhereLimits } from '../core/elsewhere.ts';
import type { NewJob } from '../core/job.ts';
import type { Store } from '../ports/store/store.ts';
import { altered } from '../stores/conformance/altered.ts';
import { asked, kept } from '../stores/conformance/subject.ts';
import { openMemory } from '../stores/memory/index.ts';
import { systemClock } from '../system/clock.ts';
import { silent } from '../system/silent.ts';
import { makePolls, type PollRequest, type Polls } from './polls.ts';
import { makeServedElsewhere, type ServedElsewhere } from './served-elsewhere.ts';

interface Stage {
  readonly store: Store;
  readonly polls: Polls;
  readonly served: ServedElsewhere;
  /** How often the store was asked for jobs of a worker. */
  readonly claims: string[];
  push(...jobs: readonly Partial<NewJob>[]): Promise<void>;
}

interface StageOptions {
  readonly hears?: boolean;
  readonly mayClaim?: () => boolean;
  readonly memory?: Store;
}

function stage({ hears = true, mayClaim = () => true, memory = openMemory() }: StageOptions = {}): Stage {
  const claims: string[] = [];
  const store = altered(memory, {
    jobs: {
      claim(request) {
        claims.push(
          request
            .wants()
            .map(({ worker }) => worker)
            .join(' '),
        );
        return memory.jobs.claim(request);
      },
    },
  });
  const served = makeServedElsewhere(systemClock, () => undefined);
  const polls = makePolls({ store, clock: systemClock, log: silent, served, mayClaim });
  if (hears) store.onHint((hint) => hint.kind === 'ready' && polls.wake(hint.workers));
  return {
    ...{ store, polls, served, claims },
    push: async (...jobs) => void (await store.jobs.push(jobs.map((job) => asked(job)))),
  };
}

let operations = 0;
const request = (worker: string | readonly string[], slots = 1, more: Partial<PollRequest> = {}): PollRequest => ({
  ...{ holder: 'h@elsewhere', operation: `${++operations}`, queues: 'any', attemptTtl: 30_000, slots },
  workers: typeof worker === 'string' ? [worker] : worker,
  ...more,
});
const minute = 60_000;
const never = new AbortController().signal;
const turns = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
};

describe('a poll', () => {
  it('is answered with what is ready, and else waits until something is', async () => {
    const { polls, push } = stage();
    await push({ worker: 'a', payload: '1' });
    expect(await polls.claim(request('a'), minute, never)).toMatchObject([{ payload: '1', state: 'running', holder: 'h@elsewhere' }]);
    const waiting = polls.claim(request('a'), minute, never);
    await turns();
    await push({ worker: 'a', payload: '2' });
    expect(await waiting).toMatchObject([{ payload: '2' }]);
  });

  it('is answered with nothing when its time is over', async () => {
    const { polls, claims } = stage();
    expect(await polls.claim(request('a'), 0, never)).toEqual([]);
    expect(await polls.claim(request('a'), 20, never)).toEqual([]);
    expect(claims).toEqual(['a', 'a']);
  });

  it('wakes for its own workers alone, as many as there are jobs', async () => {
    const { polls, push, claims } = stage();
    const others = Array.from({ length: 200 }, () => polls.claim(request('b'), minute, never));
    const mine = Array.from({ length: 200 }, () => polls.claim(request('a'), minute, never));
    await turns();
    claims.length = 0;
    await push(...Array.from({ length: 7 }, () => ({ worker: 'a' })));
    await turns();
    expect(new Set(claims)).toEqual(new Set(['a']));
    // Each that got one wakes two more, so that many jobs are claimed soon.
    expect(claims.length).toBeLessThanOrEqual(2 * 7 + 1);
    polls.stop();
    const settled = await Promise.allSettled([...mine, ...others]);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(7);
  });

  it('gets jobs of one of its workers, never more than it asked for', async () => {
    const { polls, push } = stage();
    await push(...Array.from({ length: 3 }, () => ({ worker: 'a' })), ...Array.from({ length: 3 }, () => ({ worker: 'b' })));
    const got = [];
    for (let jobs = await polls.claim(request(['a', 'b', 'c'], 2), 0, never); jobs.length > 0; ) {
      expect(new Set(jobs.map(({ worker }) => worker)).size).toBe(1);
      expect(jobs.length).toBeLessThanOrEqual(2);
      got.push(...jobs);
      jobs = await polls.claim(request(['a', 'b', 'c'], 2), 0, never);
    }
    expect(got).toHaveLength(6);
  });

  it('finds within a second what no hint told of, at the cost of one look', async () => {
    const { polls, push, claims } = stage({ hears: false });
    const waiting = [polls.claim(request('a'), minute, never), polls.claim(request('b'), minute, never)];
    await turns();
    claims.length = 0;
    await polls.tick();
    expect(claims).toEqual([]);
    await push({ worker: 'b' });
    await polls.tick();
    expect(await waiting[1]).toHaveLength(1);
    expect(claims).toEqual(['b']);
    polls.stop();
    await expect(waiting[0]).rejects.toMatchObject({ code: 'shutting_down' });
  });

  it('gets the same again when it is repeated, also without asking for more', async () => {
    const { polls, push } = stage();
    await push({ worker: 'a' }, { worker: 'a' });
    const once = request('a');
    const first = await polls.claim(once, 0, never);
    expect(await polls.claim(once, 0, never)).toEqual(first);
    expect(await polls.claim({ ...once, slots: 0 }, 0, never)).toEqual(first);
    expect(await polls.claim(request('a', 0), 0, never)).toEqual([]);
  });

  it('claims nothing once its client has left, and the next one gets the job', async () => {
    const { polls, push, claims } = stage();
    const leaving = new AbortController();
    const left = polls.claim(request('a'), minute, leaving.signal);
    const stays = polls.claim(request('a'), minute, never);
    await turns();
    claims.length = 0;
    leaving.abort();
    await push({ worker: 'a' });
    expect(await left).toEqual([]);
    expect(await stays).toHaveLength(1);
    expect(claims).toEqual(['a']);
  });

  it('hands back what was claimed while its client left, and gives it to a repetition', async () => {
    const memory = openMemory();
    const leaving = new AbortController();
    const store = altered(memory, {
      jobs: {
        async claim(asks) {
          const claim = await memory.jobs.claim(asks);
          leaving.abort();
          return claim;
        },
      },
    });
    const { polls, push } = stage({ memory: store });
    await push({ worker: 'a' });
    const once = request('a');
    expect(await polls.claim(once, minute, leaving.signal)).toEqual([]);
    const [job] = await polls.claim(once, minute, never);
    expect(job).toMatchObject({ attempt: 1, lost: 0 });
    expect((await memory.jobs.attempts(job?.id ?? '', { before: null, limit: 9, output: 9 })).attempts).toMatchObject([
      { end: 'returned' },
    ]);
  });

  it('answers with as many payloads as one answer holds, and hands back the others', async () => {
    const { polls, push, store } = stage();
    const payload = JSON.stringify('x'.repeat(elsewhereLimits.characters / 4));
    await push(...Array.from({ length: 6 }, () => ({ worker: 'a', payload })));
    expect(await polls.claim(request('a', 6), 0, never)).toHaveLength(3);
    await turns();
    expect(await store.jobs.count()).toMatchObject([{ counts: { queued: 3, running: 3 } }]);
  });

  it('waits while its node may begin nothing', async () => {
    let may = false;
    const { polls, push } = stage({ mayClaim: () => may });
    await push({ worker: 'a' });
    const waiting = polls.claim(request('a'), minute, never);
    await turns();
    may = true;
    polls.wake(null);
    expect(await waiting).toHaveLength(1);
  });

  it('is refused when as many wait as may', async () => {
    const { polls } = stage();
    const waiting = Array.from({ length: elsewhereLimits.polls }, () => polls.claim(request('a'), minute, never));
    await expect(polls.claim(request('a'), minute, never)).rejects.toMatchObject({ code: 'overloaded' });
    polls.stop();
    expect((await Promise.allSettled(waiting)).every(({ status }) => status === 'rejected')).toBe(true);
    await expect(polls.claim(request('a'), 0, never)).rejects.toMatchObject({ code: 'shutting_down' });
  });
});

describe('what is served elsewhere', () => {
  it('is what polls wait for, and for a while what they waited for', async () => {
    let time = 0;
    let changes = 0;
    const served = makeServedElsewhere({ monotonic: () => time }, () => {
      changes += 1;
    });
    const leave = served.poll({ workers: ['a'], queues: ['q'] });
    served.poll({ workers: ['a'], queues: ['q'] })();
    expect(changes).toBe(1);
    expect(served.now()).toEqual([{ worker: 'a', queues: ['q'] }]);
    expect([served.serves({ worker: 'a', queue: 'q' }), served.serves({ worker: 'a', queue: 'r' })]).toEqual([true, false]);
    time = minute;
    served.tick();
    expect(served.now()).toHaveLength(1);
    leave();
    time += 9_000;
    expect(served.now()).toHaveLength(1);
    time += 2_000;
    expect(served.serves({ worker: 'a', queue: 'q' })).toBe(false);
    served.tick();
    expect([served.now(), changes]).toEqual([[], 2]);
  });

  it('tells one that is served in any queue from one in a queue of that name', () => {
    const served = makeServedElsewhere(systemClock, () => undefined);
    served.poll({ workers: ['a'], queues: ['any'] });
    served.poll({ workers: ['a'], queues: 'any' });
    expect(served.serves({ worker: 'a', queue: 'mail' })).toBe(true);
    expect(served.now()).toHaveLength(2);
  });

  it('is also what attempts are of, as long as they are held', async () => {
    let time = 0;
    const served = makeServedElsewhere({ monotonic: () => time }, () => undefined);
    const memory = openMemory();
    const [pushed] = kept(await memory.jobs.push([asked({ worker: 'a' })]));
    const job = (await memory.jobs.get(pushed?.id ?? '')) ?? expect.fail();
    served.claimed([job], 'any', minute);
    time = minute;
    served.heard(job.id, minute);
    time = 2 * minute;
    expect(served.serves({ worker: 'a', queue: 'q' })).toBe(true);
    time = 3 * minute;
    expect(served.serves({ worker: 'a', queue: 'q' })).toBe(false);
  });
});
