import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Hatstand, openMemory, PushCutShort } from '../index.ts';
import { silent } from '../system/silent.ts';

let hatstand: Hatstand;
beforeEach(() => {
  hatstand = new Hatstand({ store: openMemory(), log: silent });
});
afterEach(() => hatstand.stop(0).catch(() => undefined));

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
    if (first === undefined || first.kind === 'conflict') return expect.fail('it was kept');
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
});
