import { describe, expect, it } from 'vitest';
import { isOpenToOthers, modeText, opennessOf, whoMay } from './rights.ts';

const among =
  (modes: Readonly<Record<string, number>>) =>
  (path: string): number =>
    modes[path] ?? 0o755;

describe('the rights of a file', () => {
  it.each([
    [0o644, {}, 'its group and others may read it'],
    [0o666, {}, 'its group and others may read and change it'],
    [0o640, {}, 'its group may read it'],
    [0o620, {}, 'its group may change it'],
    [0o604, {}, 'others may read it'],
    [0o644, { '/a': 0o750 }, 'its group may read it'],
    [0o711, {}, 'its group and others may reach it'],
  ])('of %o, in folders of %o, are told', (mode, folders, said) => {
    const openness = opennessOf('/a/b/file', among({ '/a/b/file': mode, ...folders }));
    expect(whoMay(openness)).toBe(said);
  });

  it('count as far as the folders around it let somebody through', () => {
    for (const [folder, mode] of [
      ['/', 0o700],
      ['/a', 0o700],
      ['/a/b', 0o744],
    ] as const) {
      expect(opennessOf('/a/b/file', among({ '/a/b/file': 0o666, [folder]: mode }))).toBe(0);
    }
    expect(opennessOf('/a/b/file', among({ '/a/b/file': 0o600 }))).toBe(0);
    expect(opennessOf('/a/b/file', among({ '/a/b/file': 0 }))).toBe(0);
  });

  it('are open to others when these may read or change it', () => {
    expect([0o004, 0o002, 0o040, 0o001].map(isOpenToOthers)).toEqual([true, true, false, false]);
    expect(modeText(0o100644)).toBe('644');
    expect(modeText(0o40007)).toBe('007');
  });
});
