/** `nodes` and `queues`: where options may stand, and what is done of many. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ran, run, type Serving, serve } from './command.ts';

let server: Serving;
let name = '';

beforeAll(async () => {
  server = await serve(['--dispatchers', '0', '--node-name', 'one']);
  name = 'one';
});
afterAll(async () => {
  server.process.kill('SIGKILL');
  await server.ended;
});

const at = (): readonly string[] => ['-a', server.address];

describe('options of a group', () => {
  const elsewhere = { HATSTAND_ADDRESS: 'http://127.0.0.1:9' };
  const ask = (...args: string[]): Promise<Ran> => run(args, elsewhere);

  it('stand before the command that is meant, or after it, which is stronger', async () => {
    expect(await ask('queues', ...at(), 'pause', 'x')).toEqual({
      code: 0,
      out: 'x\n',
      err: 'No job has named the queue x yet: it is paused for when one does.\n',
    });
    expect(await ask('queues', '--json', 'resume', 'x', ...at())).toEqual({ code: 0, out: '{"queue":"x"}\n', err: '' });
    expect(await ask('queues', '-a', 'http://127.0.0.1:9', 'pause', 'x', ...at())).toMatchObject({ code: 0 });
    expect(await ask('nodes', '-address', server.address, 'drain', name)).toMatchObject({ code: 0, err: '' });
    expect(await ask('nodes', ...at())).toMatchObject({ code: 0, out: expect.stringContaining(name) });
    expect(await ask('nodes', ...at(), 'list')).toMatchObject({ code: 0, out: expect.stringContaining(name) });
  });

  it('are in its help', async () => {
    for (const group of ['nodes', 'queues']) expect((await ask(group, '--help')).out).toMatch(/-a, --address <url>/);
  });
});

describe('many queues', () => {
  it('are listed page by page, as many as are asked for', async () => {
    const names = Array.from({ length: 501 }, (_, n) => `q-${String(n).padStart(3, '0')}`);
    const jobs = names.map((queue) => `{"worker":"w","queue":"${queue}"}`).join('\n');
    const pushed = await run(['push', '-', ...at()], {}, jobs);
    expect(pushed.code).toBe(0);
    const listed = async (...args: string[]) => {
      const { out, err } = await run(['queues', '--json', ...args, ...at()]);
      return [(JSON.parse(out) as { name: string }[]).map(({ name }) => name).filter((name) => name.startsWith('q-')).length, err];
    };
    expect(await listed('-l', 'all')).toEqual([501, '']);
    expect(await listed('-l', '3')).toEqual([3, 'There are more: -l all, or a larger number than 3.\n']);
    expect((await listed())[1]).toBe('There are more: -l all, or a larger number than 500.\n');
    expect((await run(['queues', '-l', '0', ...at()])).err).toMatch(/whole number from 1 to 1000000000, or all\.$/m);
    const stats = JSON.parse((await run(['stats', '--json', ...at()])).out) as { queues: object[] };
    expect(stats.queues.length).toBeGreaterThan(500);
  });
});

describe('many nodes', () => {
  it('are all changed, and each one that is unknown is told', async () => {
    const ran = await run(['nodes', 'resume', 'nope', name, 'neither', ...at()]);
    expect(ran).toMatchObject({ code: 5, out: expect.stringMatching(/^\S+\n$/) });
    expect(ran.err).toMatch(/^error: There is no .*"nope"\. `hatstand nodes` lists them\.\nerror: There is no .*"neither"\. .*\n$/);
    const json = await run(['nodes', 'forget', 'nope', '--json', ...at()]);
    expect([json.code, JSON.parse(json.err)]).toEqual([5, { error: expect.objectContaining({ code: 'not_found' }) }]);
  });
});
