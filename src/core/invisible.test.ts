import { describe, expect, it } from 'vitest';
import { visible, visibleJson } from './invisible.ts';

describe('characters that nobody sees', () => {
  it.each([
    ['\u001b[2J\u0007\u007f\u009b', '\\u001b[2J\\u0007\\u007f\\u009b'],
    ['a\r\n\tb', 'a\\u000d\\u000a\\u0009b'],
    ['\u202aa\u202e\u2066b\u2069\u200e\u200f\u061c', '\\u202aa\\u202e\\u2066b\\u2069\\u200e\\u200f\\u061c'],
    ['pay\u200bpal\u00ad\ufeff\u2060', 'pay\\u200bpal\\u00ad\\ufeff\\u2060'],
    ['\u{e0041}\u2028\ud800', '\\udb40\\udc41\\u2028\\ud800'],
  ])('are shown by their numbers: %j', (text, shown) => expect(visible(text)).toBe(shown));

  it.each(['سلام', 'שלום', 'می\u200cخواهم', '👩\u200d👩\u200d👧 ❤️', 'naïve ﬁ 日本', 'C:\\u202e'])('are not those of %j', (text) => {
    expect(visible(text)).toBe(text);
  });

  it('are escaped in JSON, which means the same then', () => {
    const text = '\u001b\u009b\u007f\u202e\u200b\u{e0041} سلام 👩\u200d👧';
    const shown = visibleJson(JSON.stringify({ text }));
    expect(shown).toBe('{"text":"\\u001b\\u009b\\u007f\\u202e\\u200b\\udb40\\udc41 سلام 👩\u200d👧"}');
    expect(JSON.parse(shown)).toEqual({ text });
    expect(visibleJson('{\n\t"a": 1\r\n}')).toBe('{\n\t"a": 1\r\n}');
  });
});
