import { describe, expect, it } from 'vitest';
import { until } from '../../test/support/until.ts';
import { keyOfOwner } from '../core/definition.ts';
import { noResult } from '../core/job.ts';
import type { Executor } from '../ports/executor.ts';
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
});
