import { describe, expect, it } from 'vitest';
import { until } from '../../test/support/until.ts';
import { keyOfOwner } from '../core/definition.ts';
import { type Job, noResult } from '../core/job.ts';
import type { Executor } from '../ports/executor.ts';
import { altered } from '../stores/conformance/altered.ts';
import { openMemory } from '../stores/memory/index.ts';
import { silent } from '../system/silent.ts';
import { makeBadTriggers } from './bad-triggers.ts';
import { ask, ended, node } from './engine.suite.ts';
import { follower } from './events.suite.ts';

const ref = { domain: '', id: 'bad' };
const findsBad: Executor = {
  run: async () => ({
    kind: 'failed',
    result: { ...noResult, error: 'there is no such folder' },
    final: true,
    badTrigger: 'there is no such folder',
  }),
  close: () => Promise.resolve(),
};

async function launched(executor = findsBad) {
  const store = openMemory();
  const engine = node(store, executor);
  await engine.start();
  await engine.triggers.add(ref, { type: '@every', arguments: '1h', job: ask({ retry: { attempts: 3, backoff: 0, maxBackoff: 0 } }) });
  const job = (await engine.triggers.launch(ref, null, null)) ?? expect.fail('nothing was launched');
  return { store, engine, job };
}

describe('a trigger that a worker finds bad', () => {
  it('is stopped before its job ends, which is not tried again, and keeps the reason', async () => {
    const { engine, job } = await launched();
    expect(await ended(engine, job)).toMatchObject({ state: 'failed', attempt: 1, result: { error: 'there is no such folder' } });
    const record = await engine.triggers.get(ref);
    expect(record?.trigger).toMatchObject({ bad: 'there is no such folder' });
    await engine.stop(0);
  });

  it('is told as an event, and in its history, and goes on once it is resumed', async () => {
    const store = openMemory();
    const engine = node(store, findsBad);
    await engine.start();
    const { next, stop } = await follower(engine, ['hatstand.triggers']);
    await engine.triggers.add(ref, { type: '@every', arguments: '1h', job: ask() });
    await engine.triggers.launch(ref, null, null);
    for (let told: unknown; told !== 'there is no such folder'; ) {
      const heard = await next();
      told = heard.kind === 'event' ? (JSON.parse(heard.event.doc ?? '{}') as { bad?: unknown }).bad : undefined;
    }
    stop();
    const key = keyOfOwner('trigger//bad') ?? expect.fail('it is a key');
    await until('the decision', async () => {
      const { decisions } = await engine.triggers.history(key, null, 10);
      return decisions.some((each) => each.kind === 'decided' && each.why.includes('it was found bad: there is no such folder'));
    });
    const resumed = (await engine.triggers.resume(ref)) ?? expect.fail('it is there');
    expect(resumed.trigger).toMatchObject({ bad: null, pausedUntil: expect.any(Number) });
  });

  it('goes on when the attempt is not held any more, when it is gone, and when no trigger pushed the job', async () => {
    const { store, engine, job } = await launched({ run: () => new Promise(() => undefined), close: () => Promise.resolve() });
    const findBad = makeBadTriggers({ store, log: silent });
    await findBad({ ...job, fence: '1' }, 'says a zombie');
    await findBad({ ...job, owner: '' }, 'says a job of nobody');
    await findBad({ ...job, owner: 'trigger//gone' }, 'says a job of what is gone');
    expect((await engine.triggers.get(ref))?.trigger.bad).toBeNull();
  });

  it('goes on when it was changed after the job was pushed: it may be mended', async () => {
    let time = Date.now();
    const store = openMemory({ clock: { now: () => time } });
    const engine = node(store, { run: () => new Promise(() => undefined), close: () => Promise.resolve() });
    await engine.start();
    await engine.triggers.add(ref, { type: '@every', arguments: '1h', job: ask() });
    const launch = async () => (await engine.triggers.launch(ref, null, null)) ?? expect.fail('nothing was launched');
    const running = async (job: Job) => {
      await until('it runs', async () => (await store.jobs.get(job.id))?.state === 'running');
      return (await store.jobs.get(job.id)) ?? expect.fail('it is there');
    };
    const before = await running(await launch());
    time += 1;
    await engine.triggers.change(ref, { job: { ...ask(), payload: '{"mended":true}' } });
    const findBad = makeBadTriggers({ store, log: silent });
    await findBad(before, 'an old fault');
    expect((await engine.triggers.get(ref))?.trigger.bad).toBeNull();
    await findBad(await running(await launch()), 'a new fault');
    expect((await engine.triggers.get(ref))?.trigger.bad).toBe('a new fault');
    await engine.stop(0);
  });

  it('says so when others change it so often that it cannot be stopped', async () => {
    const { store, job } = await launched({ run: () => new Promise(() => undefined), close: () => Promise.resolve() });
    const others = altered(store, { definitions: { put: () => Promise.resolve({ kind: 'stale', at: 0, version: 9 }) } });
    const told: unknown[] = [];
    const findBad = makeBadTriggers({ store: others, log: { ...silent, error: (event) => void told.push(event) } });
    await findBad(job, 'there is no such folder');
    expect(told).toEqual(['trigger.not_stopped']);
  });
});
