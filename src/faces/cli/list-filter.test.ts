import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../core/filter.ts';
import { filterOf, idsAndFilter, readStates } from './list-filter.ts';

describe('readStates', () => {
  it.each([
    ['failed', ['failed']],
    ['failure', ['failed']],
    ['success,canceled', ['succeeded', 'canceled']],
    ['done,errored', ['succeeded', 'failed']],
    ['waiting', ['scheduled', 'queued']],
    ['canceling', ['stopping']],
  ])('takes %s', (words, states) => expect(readStates(words)).toEqual(states));

  it.each([
    ['failled', /"failled"; did you mean failed\? There are: scheduled, /],
    ['waitin', /"waitin"; did you mean scheduled,queued\?/],
    ['unfinished', /"unfinished"\. There are: /],
    ['', /""\. There are: /],
    ['failed,', /""\. There are: /],
  ])('refuses %j', (words, message) => expect(() => readStates(words)).toThrow(message));
});

describe('words behind list', () => {
  it('are ids, or terms of a filter, which join the other one', () => {
    expect(idsAndFilter(['12', '-', '34'])).toEqual({ ids: ['12', '-', '34'] });
    expect(idsAndFilter(['state:failed', 'queue:mail created:<2h'], '-name:x')).toEqual({
      ids: [],
      filter: '-name:x state:failed queue:mail created:<2h',
    });
    expect(idsAndFilter([], 'name:x')).toEqual({ ids: [], filter: 'name:x' });
  });

  it.each([
    ['failed', /^"failed" is neither the id of a job nor a filter\. Jobs in this state: -s failed\./],
    ['faild', /; did you mean -s failed\? A filter has fields and values, such as /],
    ['mail', /^"mail" is neither the id of a job nor a filter\. A filter has /],
  ])('refuse %s', (word, message) => expect(() => idsAndFilter([word])).toThrow(message));
});

describe('filterOf', () => {
  it('says what the server understands', () => {
    const narrowing = { filter: 'created:<2h', state: ['failed', 'canceled'], queue: 'mail', worker: 'http', name: 'send 1*' } as const;
    expect(filterOf(narrowing)).toBe('created:<2h state:failed,canceled queue:"mail" worker:"http" name:"send 1*"');
    expect(parseFilter(filterOf(narrowing), 0).at(-1)).toEqual({ field: 'name', not: false, any: [{ text: 'send 1', prefix: true }] });
    expect(filterOf({})).toBe('');
  });

  it.each([['^send'], ['send$'], ['se.*d'], ['a|b'], ['\\d']])('refuses the regular expression %s for a name', (name) => {
    expect(() => filterOf({ name })).toThrow(/no regular expression/);
  });

  it('refuses what a filter cannot hold', () => {
    expect(() => filterOf({ queue: '' })).toThrow(/--queue must be a text/);
    expect(() => filterOf({ name: 'a"b' })).toThrow(/without double quotes/);
  });
});
