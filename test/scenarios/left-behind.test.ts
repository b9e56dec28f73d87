/** What a timer of a function throws, of which nobody knows whose it is, ends the process, as Node has it; no job is lost by that. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const library = fileURLToPath(new URL('../../src/index.ts', import.meta.url));

/** Pushes a job of which the first attempt leaves a timer behind that throws, unless there is one; ends when the job has succeeded. */
const program = `
  import { Hatstand, openSqlite } from ${JSON.stringify(library)};
  const hatstand = new Hatstand({ store: await openSqlite({ path: process.argv[1] }) });
  const leaves = hatstand.worker('leaves', async (_, { job }) => {
    if (job.lost > 0) return job.lost;
    setTimeout(() => {
      throw new Error('left behind');
    });
    await new Promise(() => {});
  });
  await hatstand.start();
  const { jobs: [known] } = await hatstand.list();
  const job = await leaves.wait(known ?? await leaves.push(), '20s');
  console.log(job.state, job.result, job.attempt);
  await hatstand.stop();
`;

let folder = '';
let child: ChildProcess | null = null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hatstand-left-'));
});
afterEach(() => {
  // One that has not ended, as when the test took too long.
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

async function run(): Promise<{ readonly code: unknown; readonly stdout: string; readonly stderr: string }> {
  const running = spawn(process.execPath, ['--input-type=module', '--eval', program, folder], { stdio: ['ignore', 'pipe', 'pipe'] });
  child = running;
  const [[code], stdout, stderr] = await Promise.all([once(running, 'close'), text(running.stdout), text(running.stderr)]);
  return { code, stdout, stderr };
}

it('a timer that a function leaves behind, and that throws, ends the process, and the next one runs the job without a burnt attempt', async () => {
  const first = await run();
  expect(first).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('left behind') });
  expect(await run()).toEqual({
    code: 0,
    stdout: 'succeeded 1 1\n',
    stderr: expect.stringMatching(/^\S+ WARN node\.buried incarnations=\["[^"]+"\] attempts=1\n$/),
  });
});
