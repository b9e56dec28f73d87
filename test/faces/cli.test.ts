import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appears } from '../support/appears.ts';
import { type Ran, run, type Serving, serve, start } from './command.ts';

/** A web app: `/` answers what came, `/fail` 500, `/hold` never. */
let app: Server;
let web = '';
let server: Serving;
let folder = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hatstand-cli-'));
  app = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    if (request.url === '/hold') return;
    response.writeHead(request.url === '/fail' ? 500 : 200).end(body);
  });
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  web = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
  server = await serve(['--dispatchers', '8']);
});

afterAll(async () => {
  server.process.kill('SIGKILL');
  app.closeAllConnections();
  app.close();
  rmSync(folder, { recursive: true });
  await server.ended;
});

const hatstand = (args: readonly string[], input?: string): Promise<Ran> => run(args, { HATSTAND_ADDRESS: server.address }, input);

/** The command's output, when it went well. */
async function output(args: readonly string[], input?: string): Promise<string> {
  const ran = await hatstand(args, input);
  if (ran.code !== 0) throw new Error(`${args.join(' ')} ended with ${ran.code}: ${ran.err}`);
  return ran.out;
}

const push = async (path: string, ...options: string[]): Promise<string> => (await output(['push', web + path, ...options])).trim();

describe('push', () => {
  it('takes files and prints ids, and the web app gets the payload byte for byte', async () => {
    const payload = '{ "big": 12345678901234567890, "text": "ü\\u00fc" }';
    const files = ['one.json', 'two.json'].map((name) => join(folder, name));
    for (const file of files) writeFileSync(file, `{"url": "${web}/", "payload": ${payload}}`);
    const ids = (await output(['push', ...files])).trimEnd().split('\n');
    expect(ids).toHaveLength(2);
    await output(['wait', ...ids]);
    const info = await output(['info', ids[0] ?? '']);
    expect(info).toContain('"big": 12345678901234567890');
    expect(JSON.parse(info)).toMatchObject({ name: 'default', status: 'success', output: payload });
  });

  it('takes many jobs from stdin, in their order, and all of them follow the rules of HQ', async () => {
    const jobs = Array.from({ length: 2_500 }, (_, at) => `{"url":"${web}/","name":"many-${at}","payload":{"at": ${at}},"timeout":60}`);
    const ids = (await output(['push', '-'], jobs.join('\n'))).trimEnd().split('\n');
    expect(ids).toHaveLength(jobs.length);
    expect(new Set(ids).size).toBe(jobs.length);
    const answers = await Promise.all([0, 1_700, 2_499].map((at) => fetch(`${server.address}/v1/jobs/${ids[at]}`)));
    const shown = await Promise.all(answers.map(async (answer) => (await answer.json()) as object));
    expect(shown).toEqual(
      [0, 1_700, 2_499].map((at) => expect.objectContaining({ name: `many-${at}`, rules: 'hq', timeout: '1m', attempts: 1 })),
    );
    expect((await output(['wait', '-'], ids.slice(-20).join('\n'))).match(/succeeded/g)).toHaveLength(20);
  });

  it("leaves to HQ's own endpoint what only HQ takes", async () => {
    const job = `{"URL": "${web}/", "unknown": 1,\n "Payload": {"a":\n 1}}`;
    const ids = (await output(['push', '-'], `${job}\n{"url": "${web}/"} ${job}`)).trimEnd().split('\n');
    expect(ids).toHaveLength(3);
    await output(['wait', ...ids]);
    expect(JSON.parse(await output(['info', ids[2] ?? '']))).toMatchObject({ output: '{"a":\n 1}' });
  });

  it('leaves to /v1 what only /v1 takes', async () => {
    const payload = '{ "big": 12345678901234567890 }';
    const jobs = [
      `{"url": "${web}/", "queue": "mail", "priority": 5, "payload": ${payload}}`,
      `{"url": "${web}/",\n "timeout": "5s"}`,
      `{"url": "${web}/", "timeout": 5}`,
    ];
    const ids = (await output(['push', '-'], jobs.join('\n'))).trimEnd().split('\n');
    ids.push(await push('/', '--queue', 'mail', '--attempts', '5', '--delay', '1ms', '--timeout', '7', '-p', payload));
    await output(['wait', ...ids]);
    const answers = await Promise.all(ids.map((id) => fetch(`${server.address}/v1/jobs/${id}`)));
    expect(await Promise.all(answers.map((answer) => answer.json()))).toEqual([
      expect.objectContaining({ rules: 'v1', queue: 'mail', priority: 5, attempts: 20, output: payload }),
      expect.objectContaining({ rules: 'v1', queue: 'default', timeout: '5s' }),
      expect.objectContaining({ rules: 'hq', timeout: '5s', attempts: 1 }),
      expect.objectContaining({ rules: 'v1', queue: 'mail', attempts: 5, timeout: '7s', output: payload }),
    ]);
    const refused = await hatstand(['push', '-'], `{"url":"${web}/","queue":"mail","prio":1}\n`);
    expect(refused).toMatchObject({ code: 2, err: expect.stringMatching(/^error: stdin, line 1: A job has no field "prio"/) });
  });

  it('waits for the end, however short the time of an attempt', async () => {
    expect(await output(['push', `${web}/`, '--timeout', '1', '-w'])).toMatch(/^\d+ {2}succeeded/);
  });

  it('stops at the first bad job, says which, and prints the ids before it', async () => {
    const ran = await hatstand(['push', '-'], `{"url":"${web}/"}\n{"url":"${web}/"}\n{"url":}\n{"url":"${web}/"}`);
    expect(ran).toMatchObject({ code: 2, err: expect.stringMatching(/^error: stdin, line 3 is not valid JSON: /) });
    expect(ran.out.trimEnd().split('\n')).toHaveLength(2);
    const refused = await hatstand(['push', '-'], `{"url":"${web}/"}\n{"name":"no url"}`);
    expect(refused).toMatchObject({ code: 2, err: "error: stdin, line 2: 'url' is required\n" });
  });

  it.each([
    [['push', '-'], '[{"url":"http://x/"}]', /must be an object with a url\. Write many jobs one after the other/],
    [['push', '-'], ' ', /stdin holds no job/],
    [['push', '/no/such/file.json'], '', /cannot be read/],
    [['push', 'http://x/', '-p', 'plain'], '', /--payload must be JSON/],
    [['push', 'job.json', '-p', '1'], '', /--payload goes with a url/],
    [['push', 'job.json', '--idempotency-key', 'a'], '', /--idempotency-key goes with a url/],
    [['push', 'ftp://u:s3cret@x/'], '', /not "ftp:\/\/…@x\/"\.$/m],
    [['push', 'ftp://x/'], '', /must begin with http:\/\/ or https:\/\/, not "ftp:\/\/x\/"/],
    [['push', 'http://x/', '--attempts', '0'], '', /retry\.attempts must be a whole number from 1/],
  ])('refuses %j', async (args, input, message) => {
    expect(await hatstand(args, input)).toMatchObject({ code: 2, err: expect.stringMatching(message) });
  });

  it('tells with its exit code how the jobs ended', async () => {
    expect(await hatstand(['push', `${web}/`, '--wait'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+ {2}succeeded/) });
    const failed = await hatstand(['push', `${web}/fail`, '-n', 'bad', '--wait']);
    expect(failed).toMatchObject({ code: 7, out: expect.stringMatching(/ {2}failed {2}.*Internal Server Error/) });
  });

  it('waits no longer for the others once it has failed for one', async () => {
    const held = await push('/hold');
    expect(await hatstand(['wait', held, '1'])).toMatchObject({
      code: 5,
      err: 'error: There is no job 1. Ended jobs are kept only for job_lifetime after their end.\n',
    });
    await output(['stop', held]);
    // Less than one question takes.
  }, 25_000);
});

describe('list', () => {
  it("prints HQ's table, or ids, or JSON", async () => {
    const id = await push('/', '-n', 'listed', '--comment', 'a comment');
    await output(['wait', id]);
    const line = new RegExp(`^ID +NAME +CREATED +DURATION +STATUS\n${id}  listed  (now|\\d+ seconds? ago) +[\\d.]+m?s +success\n$`);
    expect(await output(['list', id])).toMatch(line);
    expect(await output(['list', '-n', '^listed$'])).toMatch(line);
    expect(await output(['list', '-d', '-reverse', '-limit', '1'])).toMatch(/^ID .* COMMENT +URL .* STARTED +FINISHED +DURATION +STATUS\n/);
    expect(await output(['list', '-t', 'a comm', '-q'])).toBe(`${id}\n`);
    expect(JSON.parse(await output(['list', '-n', '^listed$', '--json']))).toMatchObject({ count: 1, jobs: [{ id }] });
    expect(await output(['list', '-f', 'name:listed state:succeeded', '-q'])).toBe(`${id}\n`);
  });

  it('says how to see more', async () => {
    await Promise.all([push('/'), push('/')]);
    expect((await hatstand(['list', '-l', '1'])).err).toMatch(/^There are more: --begin \d+\n$/);
  });
});

describe('a job', () => {
  it('is stopped, restarted, copied and deleted', async () => {
    const id = await push('/hold');
    expect(await hatstand(['delete', id])).toMatchObject({ code: 6, out: '' });
    expect(await hatstand(['stop', '7', id])).toMatchObject({ code: 5, out: `${id}\n`, err: "error: Job '7' is not found\n" });
    expect(await hatstand(['wait', id])).toMatchObject({ code: 7, out: expect.stringContaining('canceled') });
    const copy = (await output(['restart', '-c', id])).trim();
    expect(copy).not.toBe(id);
    expect(await output(['restart', id])).toBe(`${id}\n`);
    expect(await hatstand(['wait', id, copy, '--timeout', '50ms'])).toMatchObject({ code: 124 });
    await output(['stop', id, copy]);
    await hatstand(['wait', id, copy]);
    expect(await output(['delete', id, copy, '--json'])).toBe(`{"id":"${id}"}\n{"id":"${copy}"}\n`);
    expect(await hatstand(['info', id])).toMatchObject({ code: 5, err: `error: Job '${id}' is not found\n` });
  });
});

describe('queues', () => {
  it('are paused, limited and shown', async () => {
    await push('/');
    await output(['queues', 'pause', 'default', 'cli']);
    await output(['queues', 'limit', 'cli', '--concurrency', '2', '--rate', '10/s']);
    expect(await output(['queues'])).toMatch(/^QUEUE .* STATE\ncli .* 2 at once, 10\/1s {2}paused\ndefault .* paused\n/);
    await output(['queues', 'limit', 'cli', '--concurrency', 'none', '--rate', 'none']);
    const wrong = await hatstand(['queues', 'resume', 'default', 'a/b', 'cli']);
    expect(wrong).toMatchObject({ code: 2, out: 'default\ncli\n', err: expect.stringContaining('a/b') });
    const left = JSON.parse(await output(['queues', 'list', '--json']));
    expect(left).toContainEqual(expect.objectContaining({ name: 'default', paused: false, concurrency: null, rate: null }));
    // A queue without jobs and settings is none.
    expect(left).not.toContainEqual(expect.objectContaining({ name: 'cli' }));
  });
});

describe('the command', () => {
  it('prints help and suggests what was meant', async () => {
    expect(await run([])).toMatchObject({ code: 0, out: expect.stringMatching(/^Usage: hatstand /), err: '' });
    expect((await run(['h', 'push'])).out).toMatch(/^Usage: hatstand push /);
    expect(await run(['lsit'])).toMatchObject({ code: 2, err: "error: unknown command 'lsit'\n(Did you mean list?)\n" });
    expect(await run(['nodes', 'drian', 'web-1'])).toMatchObject({
      code: 2,
      err: 'error: There is no command "hatstand nodes drian". There are: list, drain, resume, forget.\n',
    });
    expect(await run(['list', '--limit', 'x'])).toMatchObject({ code: 2, err: expect.stringContaining('It must be a whole number.') });
    expect((await run(['-version'])).out).toMatch(/^hatstand version \d+\.\d+\.\d+/);
  });

  it('says so when there is no server, to people and to programs', async () => {
    const address = 'http://127.0.0.1:9';
    expect(await run(['stats', '-address', address])).toMatchObject({ code: 3, err: expect.stringMatching(/^error: Cannot reach/) });
    const told = await run(['stats', '--json', '-a', address]);
    expect([told.code, JSON.parse(told.err)]).toEqual([3, { error: expect.objectContaining({ code: 'unreachable' }) }]);
  });

  it("shows the server's figures", async () => {
    expect(JSON.parse(await output(['stats']))).toMatchObject({ dispatchers: 8, queues: 8192 });
  });
});

describe('serve', () => {
  it('tells everything that is wrong with its configuration', async () => {
    const file = join(folder, 'wrong.toml');
    writeFileSync(file, 'adrr = ":1"\nqueues = "many"\n');
    const ran = await run(['serve', '-config-file', file, '-l', 'loud']);
    expect(ran.code).toBe(78);
    expect(ran.err).toMatch(/3 faults:\n.*did you mean addr\?\n.*queues must be a whole number.*\n.*--log-level must be one of/);
  });

  it('asks for the token, keeps its data in a folder and leaves when told', async () => {
    const data = join(folder, 'data');
    const log = join(folder, 'server.log');
    const child = start(['serve', '--addr', '127.0.0.1:0', '--data-dir', data, '--print-address', '--log-file', log, '--no-ui'], {
      HATSTAND_TOKEN: 'secret',
    });
    const [first] = await once(child.stdout, 'data');
    const address = String(first).trim();
    expect(address).toMatch(/^http:/);
    expect(await run(['stats', '-a', address], { HATSTAND_TOKEN: '' })).toMatchObject({ code: 4 });
    expect(await run(['stats', '-a', address, '--token', 'secret'])).toMatchObject({ code: 0 });
    expect(await run(['serve', '--addr', '127.0.0.1:0', '--data-dir', data])).toMatchObject({
      code: 75,
      err: expect.stringMatching(/^error: /),
    });
    expect(await run(['serve', '--addr', address.slice('http://'.length), '--ephemeral'])).toMatchObject({ code: 75 });
    renameSync(log, `${log}.1`);
    child.kill('SIGUSR1');
    await appears(log);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(readFileSync(`${log}.1`, 'utf8')).toContain('"msg":"server.listening"');
    expect(readFileSync(log, 'utf8')).toContain('"msg":"server.stopped"');
    expect(existsSync(data)).toBe(true);
  });

  it('goes on when nobody reads its log any more', async () => {
    const deaf = start(['serve', '--ephemeral', '--addr', '127.0.0.1:0', '--print-address']);
    const lines = createInterface({ input: deaf.stdout });
    let address = '';
    for await (const line of lines)
      if (line.startsWith('http://')) {
        address = line;
        break;
      }
    deaf.stdout.destroy();
    deaf.stderr.destroy();
    // Each is a line of the access log; that it cannot be written is told on stderr.
    for (let i = 0; i < 5; i++) expect((await fetch(`${address}/livez`)).status).toBe(200);
    deaf.kill('SIGTERM');
    expect(await once(deaf, 'exit')).toEqual([0, null]);
  });

  it('ends in order when its terminal is closed', async () => {
    const hung = await serve(['--shutdown-timeout', '60']);
    const held = once(app, 'request');
    await run(['push', `${web}/hold`, '-a', hung.address]);
    const [request] = await held;
    hung.process.kill('SIGHUP');
    await hung.line(/server\.stopping/);
    expect((await fetch(`${hung.address}/readyz`)).status).toBe(503);
    request.socket.destroy();
    expect(await hung.ended).toBe(0);
    expect(hung.lines.join()).toMatch(/"signal":"SIGHUP".*"msg":"server.stopping".*"msg":"server.stopped"/);
  });

  it('removes ephemeral data at the end, and ends at once when told twice', async () => {
    const quick = await serve();
    const { data } = JSON.parse(await quick.line(/"data":/)) as { readonly data: string };
    expect(existsSync(data)).toBe(true);
    quick.process.kill('SIGINT');
    expect(await quick.ended).toBe(0);
    expect(existsSync(data)).toBe(false);

    const busy = await serve(['--shutdown-timeout', '60']);
    const held = once(app, 'request');
    await run(['push', `${web}/hold`, '-a', busy.address]);
    await held;
    const first = performance.now();
    busy.process.kill('SIGTERM');
    const again = setInterval(() => busy.process.kill('SIGTERM'), 100);
    expect(await busy.ended).toBe(143);
    clearInterval(again);
    expect(performance.now() - first).toBeGreaterThan(500);
  });
});
