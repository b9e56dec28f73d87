import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSpool } from './index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hatstand-spool-'));
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true });
});

const texts = (spool: ReturnType<typeof makeSpool>, limit = 10): readonly string[] => spool.oldest(limit).map(({ text }) => text);

describe('a spool', () => {
  it('keeps texts in their order for whoever opens it next, until they are removed', () => {
    const path = join(folder, 'made', '..', 'spool');
    const first = makeSpool(path);
    first.add(['a', 'b\u0000c']);
    first.add(['d']);
    first.close();
    const next = makeSpool(path);
    expect(texts(next)).toEqual(['a', 'b\u0000c', 'd']);
    expect(texts(next, 1)).toEqual(['a']);
    next.remove(next.oldest(2).at(-1)?.place ?? 0);
    expect(texts(next)).toEqual(['d']);
    next.close();
    if (process.platform !== 'win32')
      expect([statSync(join(folder, 'spool')).mode & 0o777, statSync(next.location).mode & 0o777]).toEqual([0o700, 0o600]);
  });

  it('is shared: what another one adds is not removed with what was seen before', () => {
    const [one, other] = [makeSpool(folder), makeSpool(folder)];
    one.add(['a']);
    const seen = other.oldest(10);
    one.add(['b']);
    other.remove(seen.at(-1)?.place ?? 0);
    expect([texts(one), texts(other)]).toEqual([['b'], ['b']]);
    one.remove(one.oldest(1)[0]?.place ?? 0);
    other.add(['c']);
    expect(one.oldest(1)[0]?.place).toBeGreaterThan(seen[0]?.place ?? Number.NaN);
    for (const spool of [one, other]) spool.close();
  });

  it('is made by processes that begin together', { timeout: 60_000 }, async () => {
    const path = join(folder, 'not', 'there');
    const code = `import { makeSpool } from ${JSON.stringify(new URL('index.ts', import.meta.url).href)}; makeSpool(${JSON.stringify(path)}).add([String(process.pid)]);`;
    const begin = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', code]);
    await Promise.all(Array.from({ length: 6 }, begin));
    const spool = makeSpool(path);
    expect(new Set(texts(spool)).size).toBe(6);
    spool.close();
  });

  it('has a limit: all of what is added is kept or none of it, and there is room again when some was removed', () => {
    const spool = makeSpool(folder, 256 * 1024);
    const large = 'x'.repeat(50_000);
    let kept = 0;
    const fill = (): never => {
      for (;;) {
        spool.add([large, large]);
        kept += 2;
      }
    };
    expect(fill).toThrow(expect.objectContaining({ code: 'store_full', message: expect.stringContaining('spool.db is full') }));
    expect([kept, spool.oldest(100).length]).toEqual([4, 4]);
    spool.remove(spool.oldest(100).at(-1)?.place ?? 0);
    spool.add([large, large]);
    expect(spool.oldest(100)).toHaveLength(2);
    spool.close();
    expect(statSync(spool.location).size).toBeLessThanOrEqual(256 * 1024);
  });

  it.each([
    ['removed', (path: string) => rmSync(path, { recursive: true })],
    [
      'replaced',
      (path: string) => {
        renameSync(path, `${path}.before`);
        renameSync(`${path}.other`, path);
      },
    ],
  ])('whose file somebody has %s meanwhile keeps what comes then for the next one', (_, change) => {
    const path = join(folder, 'spool');
    const spool = makeSpool(path);
    spool.add(['a']);
    const other = makeSpool(`${path}.other`);
    other.add(['other']);
    other.close();
    change(path);
    spool.add(['b']);
    const next = makeSpool(path);
    expect(texts(next).slice(-2)).toEqual(['a', 'b']);
    next.close();
    spool.close();
  });

  it('keeps what was in a file that is removed until there can be another one', () => {
    const path = join(folder, 'spool');
    const spool = makeSpool(path);
    spool.add(['a']);
    rmSync(path, { recursive: true });
    writeFileSync(path, '');
    expect(() => spool.add(['b'])).toThrow(expect.objectContaining({ code: 'store_unusable' }));
    rmSync(path);
    spool.add(['c']);
    expect(texts(spool)).toEqual(['a', 'c']);
    spool.close();
  });

  it('removes nothing of a file in which it has not looked', () => {
    const path = join(folder, 'spool');
    const spool = makeSpool(path);
    spool.add(['a']);
    const [seen] = spool.oldest(1);
    rmSync(path, { recursive: true });
    spool.add(['b']);
    spool.remove(seen?.place ?? 0);
    expect(texts(spool)).toEqual(['a', 'b']);
    spool.close();
  });

  it('says what to do when it cannot be opened, and can be asked again', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const spool = makeSpool(join(file, 'spool'));
    const refused = { code: 'store_unusable', message: expect.stringContaining('Give a folder that this process may write to.') };
    expect(() => spool.oldest(1)).toThrow(expect.objectContaining(refused));
    rmSync(file);
    writeFileSync(join(folder, 'spool.db'), 'this is no database, and long enough to be taken for one'.repeat(20));
    expect(() => makeSpool(folder).oldest(1)).toThrow(expect.objectContaining({ code: 'store_unusable' }));
    expect(() => spool.close()).not.toThrow();
  });
});
