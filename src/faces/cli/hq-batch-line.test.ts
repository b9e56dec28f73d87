import { describe, expect, it } from 'vitest';
import { hqBatchLine } from './hq-batch-line.ts';

const lineOf = (text: string): string | null => hqBatchLine(text, JSON.parse(text));

describe('hqBatchLine', () => {
  it('keeps the payload as it was written', () => {
    const payload = '{ "b": 1.0, "a": 12345678901234567890, "b": "\\u00fc" }';
    expect(lineOf(`{"payload": ${payload} ,"url":"http://x/","timeout":5}`)).toBe(
      `{"rules":"hq","url":"http://x/","name":"default","comment":"","timeout":"5s","payload":${payload}}`,
    );
  });

  it("fills in HQ's defaults", () => {
    expect(lineOf('{"url":"http://x/","name":"","headers":null,"payload":null,"timeout":-1}')).toBe(
      '{"rules":"hq","url":"http://x/","name":"default","comment":""}',
    );
  });

  it.each([
    '[]',
    '1',
    'null',
    '{}',
    '{"url":""}',
    '{"url":1}',
    '{"Url":"http://x/"}',
    '{"url":"http://x/","more":1}',
    '{"url":"http://x/","name":null}',
    '{"url":"http://x/","timeout":1.5}',
    '{"url":"http://x/","headers":{"a":1}}',
    '{"url":"http://x/","payload":[1,\n2]}',
  ])('leaves %j to HQ', (text) => {
    expect(lineOf(text)).toBeNull();
  });
});
