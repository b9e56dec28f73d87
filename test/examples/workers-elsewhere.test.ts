/** The worker elsewhere in both languages, as somebody would start it, beside a real server. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, makeClient } from '../../src/faces/client/client.ts';
import { type ServerProcess, startServer } from '../scenarios/server-process.ts';
import { collectLines, type Lines } from '../support/lines.ts';

const folder = fileURLToPath(new URL('../../examples/workers-elsewhere/', import.meta.url));
const programs: readonly (readonly [string, string])[] = [
  [process.execPath, 'worker.mjs'],
  ['python3', 'worker.py'],
];

let data = '';
let server: ServerProcess;
let client: Client;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'hatstand-elsewhere-'));
  server = await startServer(data);
  client = makeClient({ address: server.address });
});
afterAll(async () => {
  await server.kill('SIGKILL');
  await rm(data, { recursive: true });
});

describe.each(programs)('%s %s', (command, file) => {
  let worker: ChildProcess;
  let output: Lines;
  let ended: Promise<unknown[]>;
  beforeAll(async () => {
    const env = { ...process.env, HATSTAND_ADDRESS: server.address };
    const child = spawn(command, [folder + file], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    worker = child;
    ended = once(child, 'exit');
    output = collectLines([child.stdout, child.stderr], ended);
    await output.line(/asks .* for jobs/);
  });
  afterAll(() => void worker.kill('SIGKILL'));

  it('runs jobs, and tells of them', async () => {
    const { id } = await client.jobs.push({ worker: 'count-words', payload: { text: 'all the king’s horses' } });
    const job = await client.jobs.wait(id, 20_000);
    expect(job).toMatchObject({ state: 'succeeded', attempt: 1, holder: expect.stringMatching(/@elsewhere$/) });
    expect(JSON.parse(job.output)).toEqual({ words: 4, longest: 'king’s' });
    expect(await client.jobs.lines(id)).toMatchObject({ lines: [{ text: 'counted', fields: { words: 4 } }] });
  });

  it('fails what cannot be done', async () => {
    const { id } = await client.jobs.push({ worker: 'count-words', payload: { nothing: true } });
    expect(await client.jobs.wait(id, 20_000)).toMatchObject({ state: 'failed', cause: 'thrown', error: expect.stringMatching(/./) });
  });

  it('ends what is canceled', async () => {
    const { id } = await client.jobs.push({ worker: 'nap', payload: { steps: 600 }, timeout: null });
    await expect.poll(async () => (await client.jobs.get(id)).progress, { timeout: 20_000 }).toMatchObject({ of: 600 });
    await client.jobs.cancel(id);
    expect(await client.jobs.wait(id, 20_000)).toMatchObject({ state: 'canceled' });
  });

  it('ends at SIGTERM after what is under way', async () => {
    const { id } = await client.jobs.push({ worker: 'nap', payload: { steps: 30 }, timeout: null });
    await expect.poll(async () => (await client.jobs.get(id)).progress, { timeout: 20_000 }).toMatchObject({ of: 30 });
    worker.kill('SIGTERM');
    expect(await ended, output.lines.join('\n')).toEqual([0, null]);
    expect(await client.jobs.get(id)).toMatchObject({ state: 'succeeded', output: expect.stringMatching(/^\{"slept":\s?30\}$/) });
  });
});
