/** A task that goes on while its Redis is away, and one that hears of all that it measured. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { collectLines } from '../support/lines.ts';
import { startRedis } from '../support/redis-server.ts';

const example = fileURLToPath(new URL('../../examples/redis-outage/redis-outage.ts', import.meta.url));

it('runs the example of a task that outlives Redis for a while', { timeout: 90_000 }, async () => {
  const redis = await startRedis({ flags: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  onTestFinished(() => redis.stop());
  const spool = mkdtempSync(join(tmpdir(), 'hatstand-example-'));
  onTestFinished(() => rmSync(spool, { recursive: true, force: true }));
  const begin = (role: string) => {
    const child = spawn(process.execPath, [example, role, redis.url, spool], { stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = once(child, 'exit');
    return { child, ended, output: collectLines([child.stdout, child.stderr], ended) };
  };
  const show = begin('show');
  await show.output.line(/^listens$/);
  const measure = begin('measure');
  await measure.output.line(/^measured 3$/);
  await redis.kill('SIGTERM');
  // The first may have been kept just before Redis was gone.
  const away = (): readonly string[] => measure.output.lines.filter((line) => line.endsWith(' without Redis'));
  await measure.output.seen(() => away().length > 1);
  await redis.restart();
  const n = Number(/\d+/.exec(away()[1] ?? '')?.[0]);
  await show.output.line(new RegExp(`^measured ${n} at \\S+Z, told late$`));
  await show.output.line(/^measured \d+ at \S+Z$/);
  measure.child.kill('SIGTERM');
  show.child.kill('SIGTERM');
  expect([await measure.ended, await show.ended]).toEqual([
    [0, null],
    [0, null],
  ]);
});
