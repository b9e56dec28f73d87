import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Hatstand, HatstandError, openMemory, PushCutShort } from '../index.ts';

let store: ReturnType<typeof openMemory>;
let hatstand: Hatstand;
beforeEach(() => {
  store = openMemory();
  hatstand = new Hatstand({ store, log: null });
});
afterEach(() => hatstand.stop(0).catch(() => undefined));

const silent = new Promise<never>(() => undefined);
const untyped = (value: unknown): never => value as never;

describe('a push of many that is cut short', () => {
  it('tells of what is kept as jobs with values', async () => {
    const payloads = Array.from({ length: 1_500 }, (_, n) => ({ n }));
    const cut = await hatstand
      .pushMany('w', [...payloads, { n: untyped(1n) }], { idempotencyKey: (_, at) => `k${at}` })
      .catch((error: unknown) => error);
    if (!(cut instanceof PushCutShort)) return expect.fail('it was kept');
    expect(cut).toMatchObject({ code: 'invalid_request', details: { kept: 1_000, field: 'payloads[1500]' } });
    expect(cut.message).toContain('payloads[1500] of pushMany must be JSON');
    const [first] = cut.kept;
    if (first === undefined || !('job' in first)) return expect.fail('it was kept');
    expect(first).toMatchObject({ kind: 'pushed', job: { payload: { n: 0 }, result: undefined, attempts: 1 } });
    expect(await hatstand.get(first.job)).toEqual(first.job);
  });

  it('by a stop says what fits the library', async () => {
    async function* stopping(): AsyncGenerator<number> {
      for (let n = 0; n < 1_000; n++) yield n;
      yield 1_000;
      void hatstand.stop(0);
      yield 1_001;
    }
    const cut = await hatstand.pushMany('w', stopping()).catch((error: unknown) => error);
    if (!(cut instanceof PushCutShort)) return expect.fail('it was kept');
    expect(cut.code).toBe('shutting_down');
    expect(cut.message).toMatch(/^This Hatstand was stopped .* make a new one\. The first \d+ jobs are kept, all others are not/);
  });

  it.each<readonly [string, () => unknown]>([
    ['a stop', () => hatstand.stop(0)],
    ['a store that is closed', () => store.close()],
  ])('by %s does not wait for a source that is silent', async (_, failing) => {
    const ended = Promise.withResolvers<void>();
    let asks = 0;
    const source: AsyncIterator<number> = {
      async next() {
        asks += 1;
        if (asks === 1_001) await failing();
        return asks <= 1_001 ? { done: false, value: asks } : silent;
      },
      return() {
        ended.resolve();
        return silent;
      },
    };
    const refused = hatstand.pushMany('w', { [Symbol.asyncIterator]: () => source }).catch((error: unknown) => error);
    expect(await refused).toBeInstanceOf(HatstandError);
    await ended.promise;
  });

  it('by a stop while its source is silent says what is kept', async () => {
    const asked = Promise.withResolvers<void>();
    async function* falling(): AsyncGenerator<number> {
      for (let n = 0; n < 1_001; n++) yield n;
      asked.resolve();
      await silent;
    }
    const pushed = hatstand.pushMany('w', falling()).catch((error: unknown) => error);
    await asked.promise;
    await hatstand.stop(0);
    expect(await pushed).toMatchObject({ code: 'shutting_down', details: { kept: 1_000 } });
  });

  it('tells a source to end whose payload is refused, and does not wait for it', async () => {
    let isEnded = false;
    async function* source(): AsyncGenerator<unknown> {
      try {
        yield 1n;
      } finally {
        isEnded = true;
        await silent;
      }
    }
    await expect(hatstand.pushMany('w', source())).rejects.toMatchObject({ details: { field: 'payloads[0]' } });
    expect(isEnded).toBe(true);
  });
});

describe('idempotency keys that belong to other jobs', () => {
  async function refused(payloads: Iterable<number>): Promise<PushCutShort> {
    const error: unknown = await hatstand.pushMany('w', payloads, { idempotencyKey: (payload) => `k${payload}` }).catch((e: unknown) => e);
    return error instanceof PushCutShort ? error : expect.fail('it was kept');
  }

  it('stop none of the others, and their places are told', async () => {
    const [taken, replayed] = await Promise.all([
      hatstand.push('w', { x: 1 }, { idempotencyKey: 'k3' }),
      hatstand.push('w', 4, { idempotencyKey: 'k4' }),
    ]);
    const error = await refused([1, 2, 3, 4]);
    expect(error).toMatchObject({ code: 'key_reused', details: { field: 'payloads[2]', job: taken.id, kept: 3, conflicts: 1 } });
    expect(error.message).toBe(
      `payloads[2] of pushMany has the idempotency key of job ${taken.id}, which is deleted or was pushed with another payload or options. Use a new key for a new job. 3 of the 4 jobs are kept.`,
    );
    expect(error.kept.map(({ kind }) => kind)).toEqual(['pushed', 'pushed', 'conflict', 'replayed']);
    expect(error.kept[2]).toEqual({ kind: 'conflict', id: taken.id });
    expect(error.kept[3]).toMatchObject({ job: { id: replayed.id, payload: 4 } });
    expect((await hatstand.list()).jobs).toHaveLength(4);
  });

  it('are told of all slices', async () => {
    for (const n of [1_500, 2_400]) await hatstand.push('w', 'other', { idempotencyKey: `k${n}` });
    const error = await refused(Array.from({ length: 2_500 }, (_, n) => n));
    expect(error).toMatchObject({ code: 'key_reused', details: { field: 'payloads[1500]', kept: 2_498, conflicts: 2 } });
    expect(error.message).toContain('; 1 more of other jobs, too. Use a new key');
    expect(error.kept).toHaveLength(2_500);
  });

  it('may be those of the same call', async () => {
    const same = hatstand.pushMany('w', [1, 2], { idempotencyKey: () => 'same' });
    await expect(same).rejects.toMatchObject({ details: { field: 'payloads[1]', kept: 1, conflicts: 1 } });
    const none = hatstand.pushMany('w', [3], { idempotencyKey: () => 'same' });
    await expect(none).rejects.toMatchObject({ details: { kept: 0 }, message: expect.stringMatching(/No job is kept\.$/) });
  });
});
