/** A file is named after its noun; a bucket is named after nothing. */
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesUnder } from './sources.ts';

const buckets = ['util', 'utils', 'helper', 'helpers', 'type', 'types', 'common', 'shared', 'misc', 'constants', 'interfaces'];

describe('names', () => {
  it('has no buckets', () => {
    const words = (path: string): readonly string[] => path.split('/').map((part) => basename(part).split('.')[0] ?? '');
    const found = ['src', 'test'].flatMap(filesUnder).filter((path) => words(path).some((word) => buckets.includes(word)));
    expect(found).toEqual([]);
  });
});
