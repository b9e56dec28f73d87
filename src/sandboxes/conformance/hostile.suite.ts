/** What every sandbox does with scripts that mean harm: they end, with the reason, and nobody else notices. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { until } from '../../../test/support/until.ts';
import type { ScriptEnd, ScriptLimit, ScriptLimits, ScriptManner } from '../../core/script-run.ts';
import type { Sandbox } from '../../ports/sandbox.ts';
import { endOf, makeStart, once, thread } from './start.suite.ts';

/** Small ones, so that they are reached soon. */
const small: Partial<ScriptLimits> = { memory: 16, cpu: 500 };
/** Who fills its memory is busy with that for long where the machine is. */
const patient: Partial<ScriptLimits> = { ...small, cpu: 20_000 };
/** For what V8 does not end by itself: the host is ended in its place. */
const whichever: readonly (ScriptLimit | null)[] = ['memory', 'cpu', 'host', null];

interface Case {
  readonly what: string;
  readonly source: string;
  /** One of them ends it; `null`: it throws. */
  readonly limits: readonly (ScriptLimit | null)[];
  readonly manner?: ScriptManner;
}

const endless: readonly Case[] = [
  { what: 'a loop', source: 'while (true) {}', limits: ['cpu'] },
  { what: 'a loop in what tidies up', source: 'try { while (true) {} } finally { while (true) {} }', limits: ['cpu'] },
  { what: 'a loop that counts', source: 'let i = 0; for (;;) i++', limits: ['cpu'] },
  { what: 'a loop after an await', source: 'async function main() { await null; while (true) {} }', limits: ['cpu'], manner: thread },
  { what: 'promises without end', source: 'async function main() { for (;;) await null }', limits: ['cpu'], manner: thread },
  {
    what: 'a loop in a function that was found by a getter',
    source: 'Object.defineProperty(globalThis, "main", { get() { for (;;) {} } })',
    limits: ['cpu'],
    manner: thread,
  },
  { what: 'a loop in a thenable', source: 'const main = () => ({ then() { for (;;) {} } })', limits: ['cpu'], manner: thread },
  { what: 'a loop while it is shown', source: 'console.log({ toJSON() { for (;;) {} } })', limits: ['cpu'] },
  {
    what: 'a loop while it is told',
    source: 'function main() { throw { get message() { for (;;) {} } } }',
    limits: ['cpu'],
    manner: thread,
  },
  { what: 'an expression that goes back for ever', source: '/^(a+)+$/.test("a".repeat(40) + "b")', limits: ['cpu'] },
  { what: 'numbers that grow', source: 'let n = 3n; for (;;) n *= n', limits: whichever },
  {
    what: 'sorting without end',
    source: 'const a = Array.from({ length: 1e5 }, (_, i) => i); for (;;) a.sort(() => Math.random() - 0.5)',
    limits: ['cpu'],
  },
];

const greedy: readonly Case[] = [
  { what: 'arrays', source: 'const a = []; while (true) a.push(new Array(1000).fill(7))', limits: ['memory'] },
  { what: 'arrays, in a function that is hot', source: hot('a.push(new Array(1000).fill(7))'), limits: ['memory'] },
  { what: 'a chain', source: 'let o = null; while (true) o = { o, p: [1, 2, 3] }', limits: ['memory'] },
  { what: 'texts', source: 'const a = []; for (let i = 0; ; i++) a.push("x" + i)', limits: ['memory'] },
  { what: 'a text that doubles', source: 'let s = "x"; while (true) s += s + Math.random()', limits: ['memory', null] },
  { what: 'functions', source: 'const a = []; for (;;) a.push(() => a)', limits: ['memory'] },
  { what: 'spreading', source: 'let a = [1]; while (true) a = [...a, ...a]', limits: ['memory', null] },
  { what: 'bytes', source: 'const a = []; while (true) a.push(new Uint8Array(1e6))', limits: ['memory', null] },
  {
    what: 'bytes that grow',
    source: 'const a = []; for (;;) { const b = new ArrayBuffer(0, { maxByteLength: 1e9 }); b.resize(1e7); a.push(b) }',
    limits: whichever,
  },
  { what: 'a map', source: 'const m = new Map(); let i = 0; while (true) m.set(i++, {})', limits: ['memory'] },
  { what: 'keys', source: 'const o = {}; for (let i = 0; i < 1e7; i++) o["k" + i] = i', limits: ['memory'] },
  { what: 'an array with holes, filled', source: 'new Array(1e9).fill(0)', limits: ['memory', 'host'] },
  { what: 'values that are read', source: 'let s = "[1]"; while (true) { s = "[" + s + "," + s + "]"; JSON.parse(s) }', limits: whichever },
  {
    what: 'promises',
    source: 'const a = []; async function main() { for (;;) a.push(Promise.resolve().then(() => a)) }',
    limits: ['memory', 'cpu'],
    manner: thread,
  },
  { what: 'an error with a long text', source: 'throw new Error("x".repeat(4e8))', limits: whichever },
  {
    what: 'calls that nobody waits for',
    source: 'async function main() { for (;;) askLater("never").catch(() => {}) }',
    limits: ['memory', 'cpu'],
    manner: thread,
  },
  { what: 'deep recursion', source: 'function f() { return f() + 1 } f()', limits: [null] },
  { what: 'deep recursion, caught', source: 'function f() { try { f() } finally { f() } } f()', limits: ['cpu', null] },
  {
    what: 'errors with long stacks',
    source: 'Error.stackTraceLimit = Infinity; function f() { f() } f()',
    limits: ['memory', 'cpu', null],
  },
];

/** It was compiled with all the skill of V8 before it goes on for ever. */
function hot(step: string): string {
  return `function f(n) { const a = []; for (let i = 0; i < n; i++) ${step}; return a.length } for (let i = 0; i < 20000; i++) f(10); f(Infinity)`;
}

const escapes: readonly string[] = [
  'this.constructor.constructor("return process")()',
  'console.log.constructor("return process")()',
  'ask.constructor("return process")()',
  'try { ask("fail") } catch (error) { error.constructor.constructor("return process")() }',
  '(() => { try { null.x } catch (error) { Error.prepareStackTrace = (_, frames) => frames; return error.stack[0].getThis().process } })().exit()',
  'globalThis.constructor.getPrototypeOf(ask).constructor("return require")()("fs")',
  'import("node:fs")',
  'require("fs")',
  'new WebAssembly.Memory({ initial: 1 })',
  'new SharedArrayBuffer(1)',
  'ask.caller.arguments',
  '((Object.prototype.then = (done) => done(process)), (async () => ({}))())',
];

export function describeHostile(open: () => Sandbox): void {
  const start = makeStart(open);

  /** A neighbour goes on: or it is lost, and is to run again elsewhere, but never to blame. */
  async function beside(source: string, manner: ScriptManner = once, limits = small): Promise<ScriptEnd> {
    const neighbour = start('let n = 0; function main() { console.log(n++) }', thread);
    await until('the neighbour runs', () => neighbour.lines.length > 1);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const end = await endOf(start(source, manner, limits));
    delay.disable();
    const before = neighbour.lines.length;
    const lost = neighbour.ended.then(({ kind }) => expect(kind).toBe('lost'));
    await Promise.race([lost, until('the neighbour goes on', () => neighbour.lines.length > before)]);
    neighbour.cut();
    await neighbour.ended;
    expect(delay.percentile(99) / 1e6).toBeLessThan(longestDelay);
    return end;
  }

  describe('a script that means harm', { timeout: 60_000 }, () => {
    it.each([...endless, ...greedy])('by $what, ends with the reason', async ({ source, limits, manner = once }) => {
      const end = await beside(source, manner, limits.includes('cpu') ? small : patient);
      expect(end.kind).toBe('crashed');
      if (end.kind === 'crashed') expect(limits, JSON.stringify(end)).toContain(end.limit);
    });

    it.each(escapes)('finds nothing outside by %s', async (source) => {
      const end = await beside(`const found = ${source.startsWith('try') ? `(() => { ${source} })()` : source}; found`);
      expect(end, JSON.stringify(end)).toMatchObject({ kind: 'crashed', limit: null });
    });

    it('by lines without end, is heard within bounds', async () => {
      const began = performance.now();
      const script = start('for (;;) console.log("x".repeat(1000), "y".repeat(1e6))', once, { ...small, lines: 20, lineLength: 100 });
      expect(await endOf(script)).toMatchObject({ kind: 'crashed' });
      const written = script.lines.filter((line) => !/lines were left out/.test(line));
      expect(written.every((line) => line === `info ${'x'.repeat(100)}`)).toBe(true);
      // In each second that it has begun, one of which may be no whole one.
      expect(written.length).toBeLessThanOrEqual(20 * (2 + (performance.now() - began) / 1_000));
      expect(script.lines.at(-1)).toMatch(/^warn \d+ lines were left out: a script may write 20 in a second\.$/);
    });

    it('by waiting, ends at its wall-clock limit', async () => {
      const end = await endOf(start('ask("never")', once, { ...small, wall: 200 }));
      expect(end).toMatchObject({ kind: 'crashed', limit: 'wall', fault: { message: 'the source took longer than 200 ms' } });
    });
  });
}

/** Milliseconds that the node's own work may wait; tests beside this one take more now and then. */
const longestDelay = 50;
