import { describe, expect, it } from 'vitest';
import { HatstandError } from '../../core/errors.ts';
import { makePersistence, type PersistenceOptions } from './persistence.ts';

const away = new HatstandError('unreachable', 'away');
const busy = new HatstandError('store_unavailable', 'busy');
const stranger = new HatstandError('unreachable', 'not Hatstand', { stranger: true });
const unknown = new HatstandError('not_found', 'no such job');

/** Asks what fails with each of these, one after the other, and then answers. */
async function ask(faults: readonly HatstandError[], options: Partial<PersistenceOptions> = {}) {
  const told: HatstandError[] = [];
  const left = [...faults];
  const persist = makePersistence({
    until: Number.POSITIVE_INFINITY,
    met: true,
    signal: new AbortController().signal,
    onFault: (fault) => told.push(fault),
    firstPause: 1,
    ...options,
  });
  const answer = await persist(async () => {
    const fault = left.shift();
    if (fault !== undefined) throw fault;
    return 'ended';
  });
  return { answer, told };
}

describe('persistence', () => {
  it('asks again until there is an answer, and tells the first fault only', async () => {
    expect(await ask([away, busy, away])).toEqual({ answer: 'ended', told: [away] });
    expect(await ask([busy, away], { met: false })).toEqual({ answer: 'ended', told: [busy] });
  });

  it('gives up at once on what does not change, and on a server that was never there', async () => {
    await expect(ask([away, unknown])).rejects.toBe(unknown);
    await expect(ask([away, stranger])).rejects.toBe(stranger);
    await expect(ask([away], { met: false })).rejects.toBe(away);
  });

  it('ends when its time is up or it is aborted', async () => {
    expect(await ask([away, away], { until: performance.now() })).toEqual({ answer: null, told: [away] });
    await expect(ask([away], { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
  });
});
