import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../open.suite.ts';
import { makeBallast } from './ballast.ts';

const bytes = 100_000;

describe('a ballast', () => {
  it('takes up its room, gives it up, and is missing until it is back', () => {
    const file = join(temporaryFolder(), 'ballast');
    const ballast = makeBallast(file, bytes);
    ballast.restore();
    expect([statSync(file).size, ballast.isMissing()]).toEqual([bytes, false]);
    expect([ballast.drop(), existsSync(file), ballast.drop()]).toEqual([true, false, false]);
    ballast.restore();
    expect([statSync(file).size, ballast.isMissing()]).toEqual([bytes, false]);
  });

  it.each([
    ['a folder with something in it', (file: string) => mkdirSync(join(file, 'mine'), { recursive: true })],
    ['a named pipe', (file: string) => void execFileSync('mkfifo', [file])],
    ['a link', (file: string) => symlinkSync(`${file}.mine`, file)],
  ])('in whose place somebody puts %s is done without, and that is left alone', (_what, put) => {
    const file = join(temporaryFolder(), 'ballast');
    writeFileSync(`${file}.mine`, 'mine');
    const ballast = makeBallast(file, bytes);
    ballast.restore();
    expect(ballast.drop()).toBe(true);
    put(file);
    const { ino } = lstatSync(file);
    ballast.restore();
    // Pushes are taken again: it would not come back by itself.
    expect([ballast.isMissing(), ballast.drop(), lstatSync(file).ino]).toEqual([false, false, ino]);
    expect(readFileSync(`${file}.mine`, 'utf8')).toBe('mine');
  });

  it('of a folder that is gone throws nothing', () => {
    const folder = temporaryFolder();
    const ballast = makeBallast(join(folder, 'ballast'), bytes);
    rmSync(folder, { recursive: true });
    ballast.restore();
    expect(ballast.drop()).toBe(false);
  });
});
