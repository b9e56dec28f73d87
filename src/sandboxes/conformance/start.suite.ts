/** Scripts that are started by tests, and what is heard of them. */
import { afterAll, beforeAll, expect } from 'vitest';
import { type ScriptEnd, type ScriptLimits, type ScriptManner, usualScriptLimits } from '../../core/script-run.ts';
import type { RunningScript, Sandbox } from '../../ports/sandbox.ts';

export interface Started extends RunningScript {
  readonly lines: string[];
  readonly asked: { readonly name: string; readonly args: unknown }[];
  /** Of each that was asked. */
  readonly signals: AbortSignal[];
}

export const once: ScriptManner = { kind: 'once' };
export const thread: ScriptManner = { kind: 'thread', pause: 10 };

const library = '(call, later) => { globalThis.ask = call; globalThis.askLater = later }';

export type Given = readonly [source: string, manner?: ScriptManner, limits?: Partial<ScriptLimits>, facts?: string];
type Start = (...given: Given) => Started;

/** One sandbox for the tests of a group. It answers each call with its arguments, but `fail`, `never` and `much`. */
export function makeStart(open: () => Sandbox): Start {
  let sandbox: Sandbox;
  beforeAll(() => {
    sandbox = open();
  });
  afterAll(() => sandbox.close());

  return (source, manner = once, limits = {}, facts = '{}') => {
    const heard: Pick<Started, 'lines' | 'asked' | 'signals'> = { lines: [], asked: [], signals: [] };
    const script = { name: 'a.js', source, library, manner, limits: { ...usualScriptLimits, cpu: 5_000, ...limits } };
    const running = sandbox.run(script, facts, {
      line: (level, text) => void heard.lines.push(`${level} ${text}`),
      async ask(name, args, signal) {
        heard.asked.push({ name, args: JSON.parse(args) as unknown });
        heard.signals.push(signal);
        if (name === 'fail') throw new Error('it is not to be had');
        if (name === 'never') await new Promise(() => undefined);
        return name === 'much' ? `"${'x'.repeat(200)}"` : args;
      },
    });
    return { ...running, ...heard };
  };
}

/** Fails when its script was lost: that is for no script to be blamed for. */
export async function endOf({ ended, lines }: Pick<Started, 'ended' | 'lines'>): Promise<ScriptEnd> {
  const end = await ended;
  if (end.kind === 'lost') expect.fail(`lost: ${end.reason}\n${lines.join('\n')}`);
  return end;
}
