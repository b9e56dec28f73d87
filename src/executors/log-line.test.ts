import { describe, expect, it } from 'vitest';
import { lineOf } from './log-line.ts';

const line = (text: string, fields: string | null) => ({ level: 'info', text, fields });

describe('a line that a function writes', () => {
  it('has its text and its facts as JSON', () => {
    expect(lineOf('info', 'sent', { to: 'ada', pages: 3 })).toEqual(line('sent', '{"to":"ada","pages":3}'));
    for (const none of [undefined, null, {}]) expect(lineOf('info', 'sent', none)).toEqual(line('sent', null));
  });

  it('tells errors and large numbers among its facts', () => {
    const { fields } = lineOf('info', 'x', { error: new Error('no'), big: 12n });
    expect(JSON.parse(fields ?? '')).toEqual({ error: { message: 'no', stack: expect.stringContaining('log-line.test') }, big: '12' });
  });

  it('survives whatever it is given', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    const closed = Object.defineProperty({}, 'x', { enumerable: true, get: () => expect.unreachable.call(null, 'closed') });
    for (const odd of [circle, closed, { toJSON: () => expect.unreachable.call(null, 'no') }])
      expect(lineOf('info', 'x', odd)).toEqual(line(expect.stringMatching(/^x … without its fields, which are no JSON: /), null));
    expect(lineOf('info', Symbol('s'), undefined)).toEqual(line('Symbol(s)', null));
    expect(lineOf('info', { toString: () => expect.unreachable.call(null, 'mute') }, undefined).text).toContain('cannot be read');
  });
});
