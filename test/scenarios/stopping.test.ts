/** A stop of the library settles whatever happened, and leaves the store closed, its folder free and nothing that keeps the process. */
import { execFile } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HatstandError } from '../../src/core/errors.ts';
import { Hatstand, openMemory } from '../../src/index.ts';
import type { Store } from '../../src/ports/store/store.ts';
import { openSqlite } from '../../src/stores/sqlite/index.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hatstand-stop-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (): Promise<Store> => openSqlite({ path: folder, ballastBytes: 0 });

/** Somebody else can have it. */
async function expectFree(): Promise<void> {
  await (await open()).close();
}

const index = JSON.stringify(new URL('../../src/index.ts', import.meta.url).href);

/** What a process prints that begins with an open store and ends by itself. */
async function ended(lines: string): Promise<string> {
  const program = `
    const { Hatstand, openSqlite } = await import(${index});
    const store = await openSqlite({ path: ${JSON.stringify(folder)}, ballastBytes: 0 });
    ${lines}`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { timeout: 30_000 });
  return stdout;
}

describe('a process', () => {
  it('is not kept by a store that was opened and has nothing to do', async () => {
    expect(await ended("console.log('opened');")).toBe('opened\n');
    expect(await ended("await store.jobs.count(); console.log('asked');")).toBe('asked\n');
    await expectFree();
  });

  it('that ends without a stop has kept what was acknowledged, and all that it waited for', async () => {
    const pushes = `
      const hatstand = new Hatstand({ store });
      const pushed = Promise.all(Array.from({ length: 3_000 }, (_, n) => hatstand.push('w', n)));
      pushed.then((jobs) => console.log(jobs.length));`;
    expect(await ended(pushes)).toBe('3000\n');
    const store = await open();
    expect(await store.jobs.count()).toMatchObject([{ counts: { queued: 3_000 } }]);
    await store.close();
  });

  it('is kept by a node that was started, until it is stopped', async () => {
    const program = `
      const hatstand = new Hatstand({ store });
      const work = hatstand.worker('w', () => console.log('ran'));
      work.on('succeeded', () => hatstand.stop());
      await hatstand.start();
      await work.push(null, { delay: '1500ms' });`;
    expect(await ended(program)).toBe('ran\n');
    await expectFree();
  });
});

describe('a stop', () => {
  it('hands back what a function that never returns was at, and lets the process end', async () => {
    const program = `
      const { Hatstand, openSqlite } = await import(${index});
      const store = await openSqlite({ path: ${JSON.stringify(folder)}, ballastBytes: 0 });
      const hatstand = new Hatstand({ store });
      const called = new Promise((resolve) => hatstand.worker('deaf', { timeout: null }, () => (resolve(), new Promise(() => {}))));
      await hatstand.start();
      await hatstand.push('deaf', null);
      await called;
      await hatstand.stop(0);
      console.log('stopped');`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
    expect(stdout).toBe('stopped\n');
    const store = await open();
    expect(await store.jobs.count()).toMatchObject([{ counts: { queued: 1, running: 0 } }]);
    await store.close();
  });

  it('closes the store although the node cannot leave it, and tells that', async () => {
    const store = await open();
    const leave = (): Promise<never> => Promise.reject(new HatstandError('unconfirmed', 'the disk failed'));
    const failing: Store = { ...store, nodes: { ...store.nodes, leave } };
    const hatstand = new Hatstand({ store: failing });
    await hatstand.start();
    await expect(hatstand.stop(0)).rejects.toMatchObject({ code: 'unconfirmed' });
    await expectFree();
  });

  it('settles when the store was closed before', async () => {
    const store = await open();
    const hatstand = new Hatstand({ store });
    await hatstand.start();
    await store.close();
    await expect(hatstand.stop(0)).rejects.toMatchObject({ code: 'store_unavailable' });
    await expectFree();
  });

  it('settles when the folder is gone', async () => {
    const hatstand = new Hatstand({ store: await open() });
    await hatstand.start();
    renameSync(folder, `${folder}.away`);
    await hatstand.stop(0).catch(() => undefined);
    renameSync(`${folder}.away`, folder);
    await expectFree();
  });

  it('is one stop however often it is asked for', async () => {
    const hatstand = new Hatstand({ store: await open() });
    await hatstand.start();
    await Promise.all([hatstand.stop(0), hatstand.stop(), hatstand.stop('1s')]);
    await hatstand.stop();
    await expectFree();
    await expect(new Hatstand({ store: openMemory() }).stop('soon')).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('ends a start that is under way, and none comes after it', async () => {
    const hatstand = new Hatstand({ store: await open() });
    const starting = hatstand.start();
    await Promise.all([hatstand.stop(0), starting]);
    await expect(hatstand.start()).rejects.toMatchObject({ code: 'shutting_down' });
    await expectFree();
  });

  it('comes before a start, too', async () => {
    const hatstand = new Hatstand({ store: await open() });
    await hatstand.stop();
    await expect(hatstand.start()).rejects.toMatchObject({ code: 'shutting_down' });
    await expectFree();
  });
});

describe('who waits for a job during a stop', () => {
  it.each(['memory', 'sqlite'])('is told at once that it is over, on %s, and whoever gave a signal as well', async (kind) => {
    const hatstand = new Hatstand({ store: kind === 'memory' ? openMemory() : await open() });
    await hatstand.start();
    const { id } = await hatstand.push('w', null, { delay: '1h' });
    const waiting = [hatstand.wait(id, '1h'), hatstand.wait(id, '1h', new AbortController().signal)];
    const refusals = Promise.all(waiting.map((wait) => wait.catch((error: unknown) => error)));
    await hatstand.stop(0);
    const from = performance.now();
    expect(await refusals).toMatchObject([{ code: 'shutting_down' }, { code: 'shutting_down' }]);
    expect(performance.now() - from).toBeLessThan(500);
  });

  it('gets the job that ends within the grace', async () => {
    const hatstand = new Hatstand({ store: await open() });
    const called = Promise.withResolvers<void>();
    const release = Promise.withResolvers<number>();
    const work = hatstand.worker('w', () => {
      called.resolve();
      return release.promise;
    });
    await hatstand.start();
    const waiting = work.wait(await work.push(null), '1h');
    await called.promise;
    const stopping = hatstand.stop();
    release.resolve(7);
    expect(await waiting).toMatchObject({ state: 'succeeded', result: 7 });
    await stopping;
  });
});

describe('after a stop', () => {
  it('every call is refused with a code', async () => {
    const hatstand = new Hatstand({ store: await open() });
    await hatstand.start();
    const { id } = await hatstand.push('w', null, { delay: '1h' });
    const waiting = hatstand.wait(id, '1h');
    waiting.catch(() => undefined);
    await hatstand.stop(0);
    const refused = { code: 'shutting_down' };
    await expect(waiting).rejects.toMatchObject(refused);
    const calls = [
      () => hatstand.push('w', null),
      () => hatstand.pushMany('w', [null]),
      () => hatstand.get(id),
      () => hatstand.list(),
      async () => hatstand.pages(),
      () => hatstand.history(id),
      () => hatstand.queues(),
      () => hatstand.pause('q'),
      () => hatstand.count(),
      () => hatstand.wait(id, 1),
      () => hatstand.cancel(id),
      () => hatstand.restart(id),
      async () => void hatstand.worker('late', {}, () => null),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject(refused);
  });
});
