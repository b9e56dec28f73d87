import { describe, expect, it } from 'vitest';
import { fileName, keyNames } from '../config/keys.ts';
import { didYouMean, nearest } from './nearest.ts';

describe('nearest', () => {
  it.each([
    ['store_pasword', 'store_password'],
    ['store_pass', 'store_password'],
    ['store_usernam', 'store_username'],
    ['store_tls_caa', 'store_tls_ca'],
    ['stroe', 'store'],
    ['Store', 'store'],
    ['address', 'addr'],
    ['log_files_of_mine', 'log_file'],
    ['store_of_everything', 'store'],
    ['zzzzzz', null],
  ])('takes %s for %s', (word, meant) => {
    expect(nearest(word, keyNames.map(fileName))).toBe(meant);
  });

  it('takes a word that begins alike, and none that shares a few letters', () => {
    expect(nearest('retries', ['url', 'retry', 'rules'])).toBe('retry');
    expect(nearest('timeout_s', ['url', 'timeout', 'at'])).toBe('timeout');
    expect(nearest('atmosphere', ['attempts', 'url'])).toBeNull();
    expect(didYouMean('retries', ['retry'])).toBe('; did you mean retry?');
    expect(didYouMean('x', ['retry'])).toBe('');
  });

  it('takes the longest of the beginnings', () => {
    expect(nearest('store_tls_certificate_file', ['store', 'store_tls_cert', 'store_tls'])).toBe('store_tls_cert');
  });
});
