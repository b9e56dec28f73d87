import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { UndoList } from '../undo.ts';
import { KeyTally } from './tally.ts';

describe('keys for which jobs wait', () => {
  it.each([
    ['tenant:a', ['tenant:a']],
    ['tenant:*', ['tenant:a', 'tenant:b']],
    ['tenant', []],
    ['other:*', []],
    ['*', ['tenant:a', 'tenant:b', 'k']],
  ])('have room, perhaps, when the limit %s may hold for them', (name, roomy) => {
    const tally = new KeyTally(new DatabaseSync(':memory:'), new UndoList());
    for (const key of ['tenant:a', 'tenant:b', 'k']) tally.waiting.add(key);
    tally.mayHaveRoom(name);
    expect([...tally.roomy]).toEqual(roomy);
  });
});
