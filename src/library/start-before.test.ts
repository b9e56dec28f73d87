import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defineWorker, Hatstand, openMemory } from '../index.ts';
import { refusal, untyped } from './refusal.suite.ts';

let hatstand: Hatstand;
beforeEach(() => {
  hatstand = new Hatstand({ store: openMemory(), log: null });
});
afterEach(() => hatstand.stop());

describe('startBefore of the library', () => {
  it('is a duration, milliseconds, a Date or a text of a time', async () => {
    const at = new Date('2099-01-31T12:00:00Z');
    const [duration, millis, date, text] = await Promise.all(
      ['10m', 600_000, at, at.toISOString()].map((startBefore) => hatstand.push('w', 1, { startBefore })),
    );
    for (const job of [duration, millis]) expect((job?.startBefore ?? 0) - (job?.createdAt ?? 0)).toBe(600_000);
    for (const job of [date, text]) expect(job?.startBefore).toBe(at.getTime());
    expect((await hatstand.push('w')).startBefore).toBeNull();
  });

  it('ends what has not begun in time, which the node does by itself, also when nobody serves the worker', async () => {
    await hatstand.start();
    const job = await hatstand.push('nobody', 1, { startBefore: '20ms' });
    expect(await hatstand.wait(job)).toMatchObject({ state: 'canceled', reason: 'expired', startedAt: null });
  });

  it('may be what a worker says of its jobs', async () => {
    const fresh = defineWorker({ name: 'fresh', startBefore: '1h', run: () => 1 });
    const job = await hatstand.push(fresh);
    expect((job.startBefore ?? 0) - job.createdAt).toBe(3_600_000);
    expect((await hatstand.push(fresh, undefined, { startBefore: null, attempts: 1 })).startBefore).toBeNull();
    expect((await hatstand.push(fresh, undefined, { timeout: '1s' })).startBefore).not.toBeNull();
  });

  it.each([
    { startBefore: 600_000, delay: '10m' },
    { startBefore: 0 },
    { startBefore: '2099-01-31', at: new Date('2099-01-31T00:00:00Z') },
  ])('refuses one by which nothing could start: %j', async (options) => {
    const { code, field, message } = await refusal(() => hatstand.push('w', 1, options));
    expect({ code, field, message }).toEqual({
      code: 'invalid_request',
      field: 'startBefore',
      message: expect.stringMatching(/could never start\.$/),
    });
  });

  it.each(['soon', -1, true, { delay: 5 }])('refuses %j', async (startBefore) => {
    expect(await refusal(() => hatstand.push('w', 1, untyped({ startBefore })))).toMatchObject({
      code: 'invalid_request',
      field: 'startBefore',
    });
  });
});
