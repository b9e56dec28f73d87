import { describe, expect, it } from 'vitest';
import { longestUnreadableId, readUnreadableId, unreadableAt, unreadableId, unreadablePlace, unreadableText } from './unreadable.ts';

describe('the name of a record that nobody can read', () => {
  it('is the id of a job, or says what it was', () => {
    expect(readUnreadableId('17')).toEqual({ kind: 'job', name: '17' });
    expect(readUnreadableId(unreadableId('definition', 'trigger//a:b'))).toEqual({ kind: 'definition', name: 'trigger//a:b' });
    for (const wrong of ['', 'x', ':', 'job:17', 'toString:x', 'Queue:q', '9'.repeat(30), `queue:${'q'.repeat(longestUnreadableId)}`])
      expect(readUnreadableId(wrong)).toBeNull();
  });

  it('stands in a sentence', () => {
    expect(unreadableText('17')).toBe('record of job 17');
    expect(unreadableText('queue:mail')).toBe('record of queue mail');
    expect(unreadableText('entry:4')).toBe('journal entry 4');
  });

  it('has a place: jobs by number, then the others', () => {
    const ids = ['9', '17', '1234567890123456789', 'entry:4', 'queue:mail'];
    expect(
      ids
        .map(unreadablePlace)
        .toSorted((a, b) => (a < b ? -1 : 1))
        .map(unreadableAt),
    ).toEqual(ids);
    expect(unreadableAt(unreadablePlace('0'))).toBe('0');
  });
});
