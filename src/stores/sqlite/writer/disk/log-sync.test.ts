import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeLogSync } from './log-sync.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hatstand-log-'));
  file = join(folder, 'log');
  writeFileSync(file, 'frames');
});
afterEach(() => rmSync(folder, { recursive: true }));

const idle = (): boolean => false;
const busy = (): boolean => true;

describe('a commit', () => {
  it('is on the disk at once when there is nothing else to do', () => {
    const log = makeLogSync(file);
    expect(log.sync(true, idle)).toBeUndefined();
    expect(log.sync(false, busy)).toBeUndefined();
    log.close();
  });

  it('waits beside other work, and so does what only looked at it', async () => {
    const log = makeLogSync(file);
    const first = log.sync(true, busy);
    expect(first).toBeInstanceOf(Promise);
    expect(log.sync(false, idle)).toBe(first);
    await first;
    expect(log.sync(false, idle)).toBeUndefined();
    log.close();
  });

  it('that came while a sync was under way waits for the next one', async () => {
    const log = makeLogSync(file);
    const ended: string[] = [];
    const first = log.sync(true, busy)?.then(() => ended.push('first'));
    const second = log.sync(true, idle);
    expect(log.sync(true, idle)).toBe(second);
    expect(log.sync(false, idle)).toBe(second);
    await Promise.all([first, second?.then(() => ended.push('second'))]);
    expect(ended).toEqual(['first', 'second']);
    log.close();
  });

  it('fails when the log is not there', async () => {
    const log = makeLogSync(join(folder, 'missing'));
    expect(() => log.sync(true, idle)).toThrow(/ENOENT/);
    log.close();
  });
});
