import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

/** Has a peak, goes on with some work, and tells its memory each second: before, at the peak, and from then on. */
const program = `
  import { boundOldHeap, giveBackHeap } from ${JSON.stringify(new URL('serve-heap.ts', import.meta.url).href)};
  boundOldHeap();
  giveBackHeap();
  const tell = () => console.log(process.memoryUsage.rss());
  const make = (count) => Array.from({ length: count }, (_, n) => ({ n, text: 'x' + n, list: [n] }));
  let kept = make(20_000);
  setInterval(() => {
    kept.push(...make(300));
    if (kept.length > 40_000) kept = kept.slice(20_000);
  }, 10);
  setTimeout(() => {
    tell();
    let peak = make(700_000);
    tell();
    peak = null;
    setInterval(tell, 1_000);
  }, 1_500);
`;

/** Lets its young generation grow, again and again, and tells how many timers look after that; then, once it has grown, whether one can begin anew. */
const growing = `
  let [begun, live] = [0, 0];
  const { setInterval: begin, clearInterval: end } = globalThis;
  globalThis.setInterval = (...given) => (begun++, live++, begin(...given));
  globalThis.clearInterval = (timer) => (live--, end(timer));
  const { holdYoungHeap } = await import(${JSON.stringify(new URL('serve-heap.ts', import.meta.url).href)});
  const letGrow = holdYoungHeap();
  for (let n = 0; n < 5; n++) letGrow();
  console.log(begun, live);
  const kept = [];
  const timer = begin(() => {
    kept.push(Array.from({ length: 20_000 }, (_, n) => ({ n, text: 'x' + n })));
    if (kept.length > 20) kept.splice(0, 10);
    if (live > 0) return;
    letGrow();
    console.log(begun, live);
    end(timer);
  }, 1);
`;

it('lets its young generation grow under one timer', { timeout: 60_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', growing]);
  expect(stdout).toBe('1 1\n2 1\n');
});

describe('a server that is never idle', () => {
  it('gives back what a peak took', { timeout: 120_000 }, async () => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const told: number[] = [];
      for await (const line of createInterface({ input: child.stdout })) {
        told.push(Number(line));
        const [before = 0, peak = 0, ...later] = told;
        if (peak === 0) continue;
        expect(peak).toBeGreaterThan(before + 64 * 1024 * 1024);
        if (later.some((bytes) => bytes < before + (peak - before) / 4)) return;
        expect(later.length).toBeLessThan(60);
      }
      expect.fail('it ended');
    } finally {
      child.kill('SIGKILL');
    }
  });
});
