/** What every sandbox does with scripts that mean no harm. */
import { describe, expect, it } from 'vitest';
import { until } from '../../../test/support/until.ts';
import type { ScriptEnd, ScriptManner } from '../../core/script-run.ts';
import type { Sandbox } from '../../ports/sandbox.ts';
import { describeHostile } from './hostile.suite.ts';
import { endOf, type Given, makeStart, once, thread } from './start.suite.ts';

export function describeSandbox(open: () => Sandbox): void {
  describeScripts(open);
  describeCalls(open);
  describeHostile(open);
}

function describeScripts(open: () => Sandbox): void {
  const start = makeStart(open);
  const end = (...given: Given): Promise<ScriptEnd> => endOf(start(...given));

  describe('a script', () => {
    it('runs its source once', async () => {
      const script = start(
        'console.log("hello", 1, { a: [true, null] }); console.error(new Error("no").message); console.debug(undefined)',
      );
      expect(await endOf(script)).toEqual({ kind: 'finished' });
      expect(script.lines).toEqual(['info hello 1 {"a":[true,null]}', 'error no', 'debug undefined']);
    });

    it('that promises something at its end is waited for', async () => {
      const script = start('(async () => { await askLater("echo"); console.log("done") })()');
      expect(await endOf(script)).toEqual({ kind: 'finished' });
      expect(script.lines).toEqual(['info done']);
      expect(await end('Promise.reject(new TypeError("not so"))')).toMatchObject({
        kind: 'crashed',
        fault: { message: 'TypeError: not so' },
      });
    });

    it('as a thread calls init(), main() again and again, and cleanup() when it is stopped', async () => {
      const script = start(
        `let n = 0; function init() { console.log('init', n) } const main = async () => { n += 1; console.log('main', n) };
        function cleanup() { console.log('cleanup', n) }`,
        thread,
      );
      await until('three passes', () => script.lines.length >= 4);
      script.stop();
      expect(await endOf(script)).toEqual({ kind: 'finished' });
      expect(script.lines.slice(0, 4)).toEqual(['info init 0', 'info main 1', 'info main 2', 'info main 3']);
      expect(script.lines.at(-1)).toBe(`info cleanup ${script.lines.length - 2}`);
    });

    it('needs none of these functions, and is stopped in its pause', async () => {
      const script = start('console.log("there")', { kind: 'thread', pause: 600_000 });
      await until('it runs', () => script.lines.length > 0);
      script.stop();
      expect(await endOf(script)).toEqual({ kind: 'finished' });
    });

    it('has a scope of its own', async () => {
      expect(await end('globalThis.shared = 1; var other = 2; Array.prototype.shared = 1')).toEqual({ kind: 'finished' });
      expect(await end('if ([typeof shared, typeof other, typeof [].shared].some((each) => each !== "undefined")) throw 1')).toEqual({
        kind: 'finished',
      });
    });

    it.each<readonly [string, string, ScriptManner, object]>([
      ['syntax', 'let a = 1;\n  let b = ;', once, { step: 'source', message: "SyntaxError: Unexpected token ';'", line: 2, column: 11 }],
      [
        'its source',
        'function f() {\n  nope();\n}\nf();',
        once,
        { step: 'source', message: 'ReferenceError: nope is not defined', line: 2 },
      ],
      ['init()', 'function init() {\n\n   null.x }', thread, { step: 'init', line: 3, column: 9 }],
      [
        'main() after an await',
        'async function main() {\n await null;\n throw new RangeError("far") }',
        thread,
        { message: 'RangeError: far', line: 3 },
      ],
      [
        'what is no error',
        'function main() { throw { a: 1 } }',
        thread,
        { step: 'main', message: '{"a":1}', line: null, column: null, stack: '' },
      ],
    ])('that is wrong in %s crashes, with the place', async (_, source, manner, fault) => {
      const ended = await end(source, manner);
      expect(ended).toMatchObject({ kind: 'crashed', limit: null, fault });
      expect(JSON.stringify(ended)).not.toMatch(/file:|node:|isolated-vm|hatstand/);
    });

    it('runs when a function of the language is another one', async () => {
      const source = `for (const name of ['stringify', 'parse']) JSON[name] = () => { throw new Error(name) };
        String.prototype.slice = Array.prototype.map = Reflect.apply = () => 'other'; Object.prototype.e = undefined;
        console.log(ask('echo', 'as', 'before'))`;
      const script = start(source);
      expect(await endOf(script)).toEqual({ kind: 'finished' });
      expect(script.asked).toEqual([{ name: 'echo', args: ['as', 'before'] }]);
    });

    it('can be cut at once, whatever it does', async () => {
      for (const source of ['while (true) {}', 'ask("never")', 'ask("sleep", 1e9)', 'askLater("never")', 'new Promise(() => {})']) {
        const script = start(`console.log('there'); ${source}`, once, { cpu: 600_000 });
        await until('it runs', () => script.lines.length > 0);
        script.cut();
        expect(await endOf(script), source).toEqual({ kind: 'cut' });
      }
    });
  });
}

function describeCalls(open: () => Sandbox): void {
  const start = makeStart(open);

  describe('a call of a script', () => {
    it('waits for its answer, or is promised it; what is refused can be caught', async () => {
      const script = start(`console.log(ask('echo', 1, { two: [3] }));
        try { ask('fail') } catch (error) { console.log(error instanceof Error, error.message) }
        (async () => { console.log(await askLater('echo', 'late')); await askLater('fail').catch((error) => console.log(error.message)) })()`);
      expect(await endOf(script)).toEqual({ kind: 'finished' });
      expect(script.lines).toEqual(['info [1,{"two":[3]}]', 'info true it is not to be had', 'info ["late"]', 'info it is not to be had']);
    });

    it('of what nobody catches crashes the script', async () => {
      expect(await endOf(start('ask("fail")'))).toMatchObject({
        kind: 'crashed',
        limit: null,
        fault: { message: 'it is not to be had', line: 1 },
      });
    });

    it('is refused above its length, and its answer', async () => {
      const script = start(
        `for (const what of [() => ask('echo', 'x'.repeat(200)), () => ask('much')]) try { what() } catch (error) { console.log(error.message) }`,
        once,
        { callLength: 100 },
      );
      await endOf(script);
      expect(script.lines).toEqual([
        'info the arguments of echo may have 100 characters, not 204',
        'info the answer to much has 202 characters; 100 may come',
      ]);
      expect(script.asked.map(({ name }) => name)).toEqual(['much']);
    });

    it('blocks nobody else', async () => {
      const waiting = start('ask("never")');
      await until('it asks', () => waiting.asked.length > 0);
      expect(await endOf(start('ask("echo")'))).toEqual({ kind: 'finished' });
      waiting.cut();
      await waiting.ended;
    });

    it('hears when its script has ended', async () => {
      const script = start('ask("never")');
      await until('it asks', () => script.asked.length > 0);
      expect(script.signals[0]?.aborted).toBe(false);
      script.cut();
      await script.ended;
      expect(script.signals[0]?.aborted).toBe(true);
    });

    it('sees the facts of the moment', async () => {
      const script = start(
        'console.log(ask("facts").n); while (ask("facts").n === 1) ask("sleep", 5); console.log(ask("facts").n)',
        once,
        {},
        '{"n":1}',
      );
      await until('it runs', () => script.lines.length > 0);
      script.tell('{"n":2}');
      expect(await endOf(script)).toEqual({ kind: 'finished' });
      expect(script.lines).toEqual(['info 1', 'info 2']);
    });
  });
}
