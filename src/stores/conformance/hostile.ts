/** Expressions that were made to take long, and the jobs on which they do. */
import type { NewJob } from '../../core/job.ts';
import { asked } from './subject.ts';

/** Takes some hundredths of a second for one name. */
export const slowPattern = 'a[ab]{900}a[ab]{900}$';

/** All within the limits, and on `hostileJobs` between milliseconds and minutes for one job. */
export const hostilePatterns: readonly string[] = [
  slowPattern,
  '(a|b)*a(a|b){900}c?$',
  '((((a{0,10}b?){0,10}){0,10}))a[ab]{100}$',
  '((a[ab]{30}){1,30}|(b[ab]{31}){1,30})$',
  '(.{0,1000}.{0,1000}|x){0,1}[^ab]',
  '([ab].?){0,30}([a-b].?){0,30}([ab]{0,900})[a]{500}[b]$',
  '(\\pL{0,30}\\PN{0,30}){0,16}[^\\pL]',
  `${'.*a.*b'.repeat(300)}\\d`,
  `${'\\b[ab]*'.repeat(500)}\\d`,
  `${'(\\b|\\B)a?'.repeat(400)}\\d`,
  Array.from({ length: 8 }, (_, i) => `(a.{${999 - i}}b$)`).join('|'),
  Array.from({ length: 2 }, (_, i) => `(?:(?:[ab]{0,9}){0,9}){0,9}a.{${990 - i}}c?$`).join('|'),
  `(?i)(${Array.from({ length: 300 }, (_, i) => `[^${String.fromCharCode(97 + (i % 26))}]\\PL`).join('|')})$`,
  `${'a'.repeat(2_000)}b${'a'.repeat(2_000)}`,
];

/** Far beyond what an expression may compile to. */
export const hugePatterns: readonly string[] = [
  Array.from({ length: 15 }, (_, i) => `(a.{${990 - i}})`).join('|'),
  `(${Array.from({ length: 130 }, (_, i) => `${i}[a-z]${i}`).join('|')}){1000}`,
  `(${Array.from({ length: 400 }, (_, i) => `${i}[a-z]`).join('|')}){900}`,
];

/** Names of a thousand letters, and some comments of many more. */
export function hostileJobs(count: number, from = 0): readonly NewJob[] {
  let seed = from + 1;
  const letters = (length: number): string => {
    let text = '';
    while (text.length < length) {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      text += ((seed >>> 7) & 0xffff).toString(2).padStart(16, '0').replaceAll('0', 'a').replaceAll('1', 'b');
    }
    return text.slice(0, length);
  };
  return Array.from({ length: count }, (_, at) => asked({ name: letters(1_000), comment: at % 100 === 99 ? letters(60_000) : '' }));
}
