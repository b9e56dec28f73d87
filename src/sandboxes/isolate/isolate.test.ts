import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { collectLines } from '../../../test/support/lines.ts';
import { until } from '../../../test/support/until.ts';
import { usualScriptLimits } from '../../core/script-run.ts';
import type { Logger } from '../../ports/logger.ts';
import type { RunningScript } from '../../ports/sandbox.ts';
import { silent } from '../../system/silent.ts';
import { describeSandbox } from '../conformance/sandbox.suite.ts';
import { IsolateSandbox } from './index.ts';

describe('the sandbox of isolates, as every sandbox', () => {
  describeSandbox(() => new IsolateSandbox({ hosts: 1, hostMemory: 512, log: silent }));
});

const limits = { ...usualScriptLimits, memory: 16, cpu: 500 };
const ticks = 'function main() { ask("tick") }';
/** It outgrows what V8 can bound, in a call that nothing interrupts. */
const greedy = 'new Array(1e9).fill(0)';

interface Seen {
  readonly ticks: number;
}

function opened(hosts: number): {
  readonly pids: Set<unknown>;
  readonly log: string[];
  start(name: string, source: string): RunningScript & Seen;
} {
  const [pids, log]: [Set<unknown>, string[]] = [new Set(), []];
  const heard: Logger = {
    ...silent,
    debug: (name, fields) => void (name === 'script_host.started' && pids.add((fields as { pid: number }).pid)),
    warn: (name) => void log.push(name),
    error: (name) => void log.push(name),
  };
  const sandbox = new IsolateSandbox({ hosts, hostMemory: 512, log: heard });
  onTestFinished(() => sandbox.close());
  return {
    pids,
    log,
    start(name, source) {
      const seen = { ticks: 0 };
      const script = {
        name,
        source,
        library: '(call) => { globalThis.ask = call }',
        manner: { kind: 'thread', pause: 10 },
        limits,
      } as const;
      const ask = async (): Promise<string> => String(++seen.ticks);
      return Object.assign(seen, sandbox.run(script, '{}', { line: () => undefined, ask }));
    },
  };
}

describe('a script host', () => {
  it('has no environment, no rights and a low priority, and goes before its node when memory ends', async () => {
    const { pids, start } = opened(1);
    const script = start('a.js', ticks);
    await until('it ticks', () => script.ticks > 0);
    const [pid] = pids;
    const read = (file: string): string => readFileSync(`/proc/${pid}/${file}`, 'utf8');
    expect(read('status')).toMatch(/^Uid:\s+65534\s+65534\s+65534/m);
    expect(read('status')).toMatch(/^CapEff:\s+0+$/m);
    expect(read('stat').split(') ')[1]?.split(' ')[16]).toBe('10');
    expect(Number(read('oom_score_adj'))).toBe(800);
  });

  it('ends with its node, also when that is killed', async () => {
    const program = `
      import { IsolateSandbox } from ${JSON.stringify(new URL('index.ts', import.meta.url).href)};
      const log = { debug: (name, fields) => console.log(name, fields?.pid), info() {}, warn() {}, error() {} };
      const sandbox = new IsolateSandbox({ hosts: 1, hostMemory: 512, log });
      const script = { name: 'a.js', source: 'for (;;) ask("tick")', library: '(call) => { globalThis.ask = call }', manner: { kind: 'once' } };
      sandbox.run({ ...script, limits: ${JSON.stringify({ ...limits, cpu: 600_000 })} }, '{}', { line() {}, async ask() { return 'null' } });`;
    const node = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => node.once('exit', resolve));
    const pid = Number((await collectLines([node.stdout], ended).line(/started \d+/)).split(' ').at(-1));
    const lives = (): boolean => {
      try {
        return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
      } catch {
        return false;
      }
    };
    expect(lives()).toBe(true);
    node.kill('SIGKILL');
    await ended;
    await until('it is gone', () => !lives());
  });
});

describe('scripts of one host', () => {
  it('share it until one cannot be ended: that one alone is to blame, and has one of its own from then on', {
    timeout: 30_000,
  }, async () => {
    const { pids, log, start } = opened(1);
    const neighbour = start('a.js', ticks);
    await until('it ticks', () => neighbour.ticks > 0);
    expect(await start('b.js', greedy).ended).toMatchObject({ kind: 'crashed' });
    expect(await neighbour.ended).toMatchObject({ kind: 'lost' });
    expect([pids.size, log]).toEqual([1, ['script_host.lost']]);

    const again = start('a.js', ticks);
    await until('it ticks again', () => again.ticks > 0);
    expect(await start('b.js', greedy).ended).toMatchObject({ kind: 'crashed' });
    const before = again.ticks;
    await until('it goes on', () => again.ticks > before);
    expect(pids.size).toBe(3);
    again.cut();
    expect(await again.ended).toEqual({ kind: 'cut' });
  });

  it('are shared out over all hosts', async () => {
    const { pids, start } = opened(2);
    const scripts = ['a.js', 'b.js', 'c.js'].map((name) => start(name, ticks));
    await until('all tick', () => scripts.every((each) => each.ticks > 0));
    expect(pids.size).toBe(2);
  });

  it('are lost with it when somebody else kills it, and none is to blame', async () => {
    const { pids, start } = opened(1);
    const scripts = ['a.js', 'b.js'].map((name) => start(name, ticks));
    await until('all tick', () => scripts.every((each) => each.ticks > 0));
    const [pid] = pids;
    process.kill(Number(pid), 'SIGKILL');
    expect(await Promise.all(scripts.map(({ ended }) => ended))).toEqual(
      scripts.map(() => ({ kind: 'lost', reason: 'it ended with SIGKILL' })),
    );
  });
});
