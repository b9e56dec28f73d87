import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Hatstand, openMemory } from '../index.ts';
import { refusal, untyped } from './refusal.suite.ts';

let hatstand: Hatstand;
beforeEach(() => {
  hatstand = new Hatstand({ store: openMemory(), log: null });
});
afterEach(() => hatstand.stop());

describe('a closed queue', () => {
  const closed = { code: 'queue_closed', details: { queue: 'mail' } };
  const refused = (call: () => Promise<unknown>): Promise<unknown> =>
    call().then(
      () => null,
      (error: unknown) => error,
    );

  it('takes no jobs until it is opened', async () => {
    const job = await hatstand.push('w', 1, { queue: 'mail' });
    await hatstand.cancel(job);
    expect(await hatstand.close('mail')).toMatchObject({ closed: true });
    expect(await refused(() => hatstand.push('w', 1, { queue: 'mail' }))).toMatchObject(closed);
    expect(await refused(() => hatstand.restart(job))).toMatchObject(closed);
    expect(await refused(() => hatstand.pushMany('w', [1, 2], { queue: 'mail' }))).toMatchObject({
      code: 'queue_closed',
      details: { field: 'payloads[0]', kept: 0, refused: 2 },
      kept: [{ kind: 'refused', error: closed }, { kind: 'refused' }],
    });
    expect(await hatstand.open('mail')).toMatchObject({ closed: false });
    expect(await hatstand.restart(job)).toMatchObject({ kind: 'changed' });
    expect(await hatstand.pushMany('w', [1, 2], { queue: 'mail' })).toHaveLength(2);
  });
});

describe('limits by key', () => {
  it('are set, listed and removed, and refuse pushes beyond them', async () => {
    const refused = (call: () => Promise<unknown>): Promise<unknown> =>
      call().then(
        () => null,
        (error: unknown) => error,
      );
    expect(await hatstand.setLimit('tenant:*', { rate: { max: 1, per: '1h' } })).toMatchObject({ name: 'tenant:*', left: null });
    const job = await hatstand.push('w', 1, { limit: 'tenant:a' });
    expect(job.limit).toBe('tenant:a');
    expect(await refused(() => hatstand.push('w', 1, { limit: 'tenant:a' }))).toMatchObject({
      code: 'limit_reached',
      details: { limit: 'tenant:a', retryAfter: 3_600 },
    });
    expect(await refusal(() => hatstand.push('w', 1, { limit: 'a b' }))).toMatchObject({ field: 'limit' });
    expect(await refusal(() => hatstand.setLimit('a*', { rate: { max: 1, per: '1h' } }))).toMatchObject({ field: 'limit' });
    for (const name of [5, null, undefined, {}, ['tenant:a'], 'a b', '']) {
      for (const call of [() => hatstand.setLimit(untyped(name), {}), () => hatstand.removeLimit(untyped(name))])
        expect(await refusal(call), String(name)).toMatchObject({ code: 'invalid_request', field: 'limit' });
    }
    expect(await hatstand.listLimits()).toMatchObject([
      { name: 'tenant:*', concurrency: null, rate: { max: 1, per: 3_600_000 }, left: null },
    ]);
    expect([await hatstand.removeLimit('tenant:*'), await hatstand.removeLimit('tenant:*')]).toEqual([true, false]);
    await hatstand.push('w', 1, { limit: 'tenant:a' });
  });

  it('that are paused until a time take jobs all the same', async () => {
    const pausedUntil = new Date('2099-01-31T12:00:00Z');
    expect(await hatstand.setLimit('tenant:a', { pausedUntil })).toMatchObject({ pausedUntil: pausedUntil.getTime() });
    expect(await hatstand.push('w', 1, { limit: 'tenant:a' })).toMatchObject({ state: 'queued' });
  });
});
