import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Emitted } from '../core/emitted.ts';
import { HatstandError } from '../core/errors.ts';
import type { Spool } from '../ports/spool.ts';
import type { Store } from '../ports/store/store.ts';
import { openMemory } from '../stores/memory/index.ts';
import { makeSpool } from '../stores/spool/index.ts';
import { systemClock } from '../system/clock.ts';
import { silent } from '../system/silent.ts';
import { type DurableEvents, durableLimits, makeDurableEvents } from './durable-events.ts';

let store: Store;
let folder: string;
/** What the store does instead of publishing. */
let instead: (() => Promise<never>) | null;
let errors: unknown[];
const made: { events: DurableEvents; spool: Spool | null }[] = [];

beforeEach(() => {
  [store, instead, errors] = [openMemory(), null, []];
  folder = mkdtempSync(join(tmpdir(), 'hatstand-durable-'));
});
afterEach(async () => {
  for (const { events } of made.splice(0)) await events.stop();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function make(spool: Spool | null): DurableEvents {
  const journal = {
    publish: (step: Parameters<Store['journal']['publish']>[0]) => (instead === null ? store.journal.publish(step) : instead()),
  };
  const log = { ...silent, error: (name: string, fields?: object) => void errors.push([name, fields]) };
  const events = makeDurableEvents({ store: { journal }, spool, clock: systemClock, log });
  made.push({ events, spool });
  return events;
}

const emitted = (number: number, more: Partial<Emitted> = {}): Emitted => ({
  ...{ job: '7', domain: '', task: null, attempt: 1, fence: '9', name: 'n', data: null, at: 0, number },
  ...more,
});
const away = (): Promise<never> => Promise.reject(new HatstandError('store_unavailable', 'away'));
const standing = (): Promise<never> => new Promise(() => undefined);

/** `[number, late]` of each that was told. */
async function told(): Promise<readonly unknown[]> {
  const { entries } = await store.journal.entries(0, 1_000);
  return entries.flatMap((entry) => entry.told.map(({ doc, key }) => [key?.split('/').at(-1), JSON.parse(doc ?? '').late]));
}

describe('events that are to be kept', () => {
  it('are published in their order, once', async () => {
    const events = make(null);
    await Promise.all([1, 2, 2, 3].map((number) => events.keep(emitted(number))));
    expect(await told()).toEqual([
      ['1', false],
      ['2', false],
      ['3', false],
    ]);
    expect((await store.journal.entries(0, 10)).entries).toHaveLength(1);
  });

  it.each([
    ['is away', away],
    ['stands still', standing],
  ])('go to the spool while the store %s, and are published when it is back, before all others', async (_, how) => {
    const events = make(makeSpool(folder));
    await events.keep(emitted(1));
    instead = how;
    await Promise.all([events.keep(emitted(2)), events.keep(emitted(3))]);
    instead = null;
    await events.keep(emitted(4));
    expect(await told()).toEqual([['1', false]]);
    await events.tick();
    await events.keep(emitted(5));
    expect(await told()).toEqual([
      ['1', false],
      ['2', true],
      ['3', true],
      ['4', true],
      ['5', false],
    ]);
  });

  it('that another process has left are published by whoever is there', async () => {
    instead = away;
    const dead = make(makeSpool(folder));
    await dead.keep(emitted(1));
    const next = make(makeSpool(folder));
    await expect(next.tick()).rejects.toMatchObject({ code: 'store_unavailable' });
    instead = null;
    await Promise.all([next.tick(), dead.tick()]);
    expect(await told()).toEqual([['1', true]]);
    expect(makeSpool(folder).oldest(1)).toEqual([]);
  });

  it('that cannot be read, or that the store never takes, are in nobody’s way', async () => {
    const spool = makeSpool(folder);
    const events = make(spool);
    instead = away;
    await events.keep(emitted(1));
    spool.add(['no event']);
    await events.keep(emitted(2));
    instead = null;
    await events.tick();
    expect(await told()).toEqual([
      ['1', true],
      ['2', true],
    ]);
    expect(errors).toContainEqual(['emit.refused', { error: expect.stringContaining('no event that was emitted'), event: 'no event' }]);
    instead = () => Promise.reject(new HatstandError('too_large', 'never'));
    await expect(events.keep(emitted(3))).rejects.toMatchObject({ code: 'too_large' });
    instead = null;
    await events.keep(emitted(4));
  });

  it('are not lost when the spool is removed while it is published', async () => {
    const events = make(makeSpool(folder));
    instead = away;
    await Promise.all([1, 2].map((number) => events.keep(emitted(number))));
    const gate = Promise.withResolvers<never>();
    instead = () => gate.promise;
    const publishing = events.tick();
    rmSync(folder, { recursive: true });
    await events.keep(emitted(3));
    instead = null;
    gate.reject(new HatstandError('store_unavailable', 'away'));
    await expect(publishing).rejects.toMatchObject({ code: 'store_unavailable' });
    await events.tick();
    expect(await told()).toEqual([
      ['1', true],
      ['2', true],
      ['3', true],
    ]);
  });

  it('go to the store that is back when their spool cannot be used any more, and wait for it otherwise', async () => {
    const events = make(makeSpool(join(folder, 'spool')));
    await events.tick();
    instead = away;
    await events.keep(emitted(1));
    rmSync(join(folder, 'spool'), { recursive: true });
    writeFileSync(join(folder, 'spool'), 'a file');
    const waiting = events.keep(emitted(2));
    await expect(events.tick()).resolves.toBe(undefined);
    instead = null;
    await events.tick();
    await waiting;
    await events.keep(emitted(3));
    expect((await told()).slice(-2)).toEqual([
      ['2', false],
      ['3', false],
    ]);
    expect(errors).toContainEqual(['spool.failed', { error: expect.stringContaining('cannot be used') }]);
  });

  it('wait for nobody who keeps the spool locked', async () => {
    const spool = makeSpool(folder);
    const events = make(spool);
    instead = away;
    await events.keep(emitted(1));
    const other = new DatabaseSync(spool.location);
    other.exec('BEGIN IMMEDIATE');
    instead = null;
    await events.tick();
    const begun = performance.now();
    for (let number = 2; number < 22; number++) await events.keep(emitted(number));
    expect(performance.now() - begun).toBeLessThan(500);
    other.exec('ROLLBACK');
    other.close();
    await events.tick();
    expect(await told()).toHaveLength(21);
    expect(spool.oldest(1)).toEqual([]);
  });

  it('are refused by a node that starts with a folder that can be none', async () => {
    writeFileSync(join(folder, 'spool'), 'a file');
    await expect(make(makeSpool(join(folder, 'spool'))).tick()).rejects.toMatchObject({ code: 'store_unusable' });
  });

  it('wait for the store where there is no spool, and not too many of them', async () => {
    const events = make(null);
    instead = away;
    const waiting = Array.from({ length: durableLimits.waiting }, (_, at) => events.keep(emitted(at + 1)));
    await expect(events.keep(emitted(0))).rejects.toMatchObject({ code: 'overloaded' });
    instead = null;
    await events.tick();
    await Promise.all(waiting);
    expect(await told()).toHaveLength(durableLimits.waiting);
  });

  it('that wait at a stop are told that nobody keeps them, as are those behind it', async () => {
    const events = make(null);
    instead = away;
    const waiting = events.keep(emitted(1));
    const stopped = events.stop();
    await expect(waiting).rejects.toMatchObject({ code: 'shutting_down' });
    await stopped;
    await expect(events.keep(emitted(2))).rejects.toMatchObject({ code: 'shutting_down' });
  });
});
