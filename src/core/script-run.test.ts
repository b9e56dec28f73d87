import { describe, expect, it } from 'vitest';
import { faultLimits, faultOf, limitFault, usualScriptLimits } from './script-run.ts';

describe('a fault', () => {
  it('has the place of the first call of its stack', () => {
    const stack = 'TypeError: no\n    at f (a.js:3:9)\n    at a.js:7:1';
    expect(faultOf('main', 'TypeError: no', stack)).toEqual({ step: 'main', message: 'TypeError: no', stack, line: 3, column: 9 });
    expect(faultOf('source', 'no', 'Error: no\n    at a.js:7:1')).toMatchObject({ line: 7, column: 1 });
  });

  it('has the place that V8 tells of wrong source', () => {
    expect(faultOf('source', "Unexpected token ';' [a.js:2:11]", '')).toMatchObject({
      message: "Unexpected token ';'",
      line: 2,
      column: 11,
    });
    expect(faultOf('source', 'one\ntwo [b [c].js:10:1]', '')).toMatchObject({
      message: 'one\ntwo [b [c].js:10:1]',
      line: null,
      column: null,
    });
  });

  it('that nobody can place has no place', () => {
    for (const stack of ['', 'Error: at 12:30', 'at a.js:1', 'at a.js:12345678901:1'])
      expect(faultOf('init', 'no', stack)).toMatchObject({ line: null, column: null });
  });

  it('is bounded', () => {
    const { message, stack } = faultOf('main', 'x'.repeat(1e6), 'y'.repeat(1e6));
    expect([message.length, stack.length]).toEqual([faultLimits.message, faultLimits.stack]);
  });

  it('tells of a limit which it was, and where', () => {
    const limits = { ...usualScriptLimits, wall: 5_000 };
    expect(limitFault('source', 'memory', limits).message).toBe('the source took more than 64 MiB of memory');
    expect(limitFault('init', 'cpu', limits).message).toBe('init() used more than 10000 ms of the processor');
    expect(limitFault('main', 'wall', limits).message).toBe('main() took longer than 5000 ms');
  });
});
