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

describe('many nodes', () => {
  it('are all changed, and each one that is unknown is told', async () => {
    const ran = await run(['nodes', 'resume', 'nope', name, 'neither', ...at()]);
    expect(ran).toMatchObject({ code: 5, out: expect.stringMatching(/^\S+\n$/) });
    expect(ran.err).toMatch(/^error: There is no .*"nope"\. `hatstand nodes` lists them\.\nerror: There is no .*"neither"\. .*\n$/);
    const json = await run(['nodes', 'forget', 'nope', '--json', ...at()]);
    expect([json.code, JSON.parse(json.err)]).toEqual([5, { error: expect.objectContaining({ code: 'not_found' }) }]);
  });
});
