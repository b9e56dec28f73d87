import { describe, expect, it } from 'vitest';
import { until } from '../../test/support/until.ts';
import type { StandardSchema } from '../core/standard-schema.ts';
import { Skip } from '../executors/function-fault.ts';
import { defineWorker } from './defined.ts';
import { hatstand, store } from './hatstand.suite.ts';

/** Takes texts alone. */
const text: StandardSchema<string> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => (typeof value === 'string' ? { value } : { issues: [{ message: 'expected a text' }] }),
  },
};
const mail = defineWorker({
  name: 'mail',
  input: text,
  run({ message, batch }) {
    if (message === 'skip') throw new Skip('not wanted');
    return `${message} of ${batch?.id}`;
  },
});

describe('batches', () => {
  it('push a job for their end, which is told how they ended, once', async () => {
    const told: unknown[] = [];
    hatstand.worker(mail);
    hatstand.worker('report', (message, { batch }) => void told.push([message, batch]));
    const { job } = hatstand.batches;
    const asked = {
      id: 'b',
      domain: 'acme',
      jobs: [job(mail, 'a'), job(mail, 'skip'), job('mail', 'b', { priority: 5 })],
      on: { ended: job('report'), succeeded: job('report', 'never') },
    };
    const added = await hatstand.batches.add(asked);
    expect(added).toMatchObject({
      id: 'b',
      domain: 'acme',
      status: 'sealed',
      total: 3,
      live: 3,
      on: ['ended', 'succeeded'],
      endedAt: null,
    });
    expect((await hatstand.batches.add(asked)).jobs).toEqual(added.jobs);
    await hatstand.start();
    await until('the callback', async () => told.length === 1);
    const counts = { id: 'b', on: 'ended', total: 3, succeeded: 2, failed: 0, canceled: 1 };
    expect(told).toEqual([[counts, counts]]);
    expect(await hatstand.get(added.jobs[0] ?? '')).toMatchObject({ result: 'a of b' });
    expect(await hatstand.batches.get({ id: 'b', domain: 'acme' })).toMatchObject({ status: 'ended', callbacks: [{ on: 'ended' }] });
  });

  it('stay open on request, take further jobs, are sealed, canceled, listed and deleted', async () => {
    const { job, ...batches } = hatstand.batches;
    const { id } = await batches.add({ open: true });
    expect(await batches.push(id, [job('w', 1)], { idempotencyKey: 'k' })).toMatchObject({ total: 1, status: 'open' });
    expect(await batches.push(id, [job('w', 1)], { idempotencyKey: 'k' })).toMatchObject({ total: 1 });
    expect(await batches.seal(id)).toMatchObject({ status: 'sealed' });
    expect(await batches.cancel(id)).toMatchObject({ live: 0, canceled: 1 });
    await batches.add({ id: 'z' });
    const page = await batches.list({ limit: 1 });
    expect(page.batches).toHaveLength(1);
    expect((await batches.list({ from: page.next ?? 'z' })).batches).toHaveLength(1);
    expect([await batches.delete(id), await batches.delete(id), await batches.get(id)]).toEqual([true, false, null]);
    expect([await batches.seal('x'), await batches.cancel('x'), await batches.push('x', [])]).toEqual([null, null, null]);
  });

  it('are the same again, whatever the hooks of their workers say then', async () => {
    let asked = 0;
    const hooked = defineWorker({
      name: 'hooked',
      // Skips the first one of the first call, changes all others, and skips none later.
      beforeHook: () => {
        asked += 1;
        return asked > 1 && { message: asked };
      },
      run: () => undefined,
    });
    const { job, ...batches } = hatstand.batches;
    const jobs = [job(hooked, 1), job(hooked, 2), job(hooked, 3)];
    await batches.add({ id: 'o', open: true });
    const pushed = await batches.push('o', jobs, { idempotencyKey: 'k' });
    expect(pushed).toMatchObject({ total: 2, jobs: { length: 2 } });
    const again = await batches.push('o', jobs, { idempotencyKey: 'k' });
    expect(again).toMatchObject({ total: 3, jobs: [expect.any(String), ...(pushed?.jobs ?? [])] });
    asked = 0;
    const added = await batches.add({ id: 'b', jobs });
    expect(added.total).toBe(2);
    expect(await batches.add({ id: 'b', jobs })).toMatchObject({ total: 2, status: 'sealed' });
    await expect(batches.add({ id: 'b', jobs: jobs.slice(1) })).rejects.toMatchObject({ code: 'conflict' });
  });

  it('push nothing for an end of which nothing is said', async () => {
    const { job, ...batches } = hatstand.batches;
    expect(await batches.add({ on: { ended: undefined, failed: job('w', 1), succeeded: undefined } })).toMatchObject({ on: ['failed'] });
  });

  it('of which something is wrong keep nothing', async () => {
    hatstand.worker(mail);
    const { job, ...batches } = hatstand.batches;
    const wrong: readonly (readonly [object, string])[] = [
      [{ jobs: [job(mail, 'a'), job('mail', 1)] }, 'message_invalid'],
      // It would be told how the batch ended, which is no text.
      [{ on: { ended: job('mail') } }, 'message_invalid'],
      [{ jobs: [{ worker: 'mail', message: 'a', options: undefined }] }, 'invalid_request'],
      [{ on: { done: job('w') } }, 'invalid_request'],
      [{ on: { ended: job('w', 1, { delay: 5 }) } }, 'invalid_request'],
      [{ jobs: [job('w', 1, { domain: 'd' } as object)] }, 'invalid_request'],
      [{ id: '..' }, 'invalid_request'],
    ];
    for (const [batch, code] of wrong) await expect(batches.add(batch), code).rejects.toMatchObject({ code });
    expect((await batches.list()).batches).toEqual([]);
    expect((await store.jobs.count()).length).toBe(0);
  });
});
