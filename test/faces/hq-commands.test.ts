/** HQ's command line: what its documents show runs as it stands there, by the rules that HQ has. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collectLines } from '../support/lines.ts';
import { type Environment, type Ran, type Serving, serve, start } from './command.ts';
import { openShell, type Shell } from './shell.ts';

/** A web app: `/created` answers 201, `/hold` never, all else 200 and what came. */
let app: Server;
let web = '';
let server: Serving;
let shell: Shell;

beforeAll(async () => {
  app = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    if (request.url !== '/hold') response.writeHead(request.url === '/created' ? 201 : 200).end(body);
  });
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  web = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
  server = await serve(['--dispatchers', '4']);
  shell = openShell(mkdtempSync(join(tmpdir(), 'hatstand-hq-')), { HATSTAND_ADDRESS: server.address });
});

afterAll(async () => {
  server.process.kill('SIGKILL');
  app.closeAllConnections();
  app.close();
  rmSync(shell.folder, { recursive: true });
  await server.ended;
});

const hq = (line: string, input?: string): Promise<Ran> => shell.run(`hatstand hq ${line}`, input);

async function output(line: string, input?: string): Promise<string> {
  const ran = await hq(line, input);
  if (ran.code !== 0) throw new Error(`${line} ended with ${ran.code}: ${ran.err}`);
  return ran.out;
}

async function pushed(fields: object): Promise<string> {
  return (await output('push -', JSON.stringify(fields))).trim();
}

const wait = (id: string): Promise<Ran> => shell.run(`hatstand wait ${id}`);

describe('hatstand hq', () => {
  it("pushes files and stdin by HQ's rules, and takes what HQ takes", async () => {
    const payload = '{ "big": 12345678901234567890 }';
    writeFileSync(join(shell.folder, 'job.json'), `{"URL": "${web}/", "unknown": 1, "retries": 5,\n "payload": ${payload}}`);
    const ids = (await output('push job.json job.json')).trimEnd().split('\n');
    expect(ids).toHaveLength(2);
    await wait(ids.join(' '));
    const info = await output(`info ${ids[0]}`);
    expect(info).toContain('    "big": 12345678901234567890');
    expect(JSON.parse(info)).toMatchObject({ name: 'default', status: 'success', timeout: 0, headers: null, output: payload });
    const created = await pushed({ url: `${web}/created`, timeout: 5 });
    await wait(created);
    expect(JSON.parse(await output(`info ${created}`))).toMatchObject({ status: 'failure', statusCode: 201, timeout: 5 });
    const shown = await shell.run(`hatstand info ${created} --json`);
    expect(JSON.parse(shown.out)).toMatchObject({ rules: 'hq', attempts: 1, timeout: '5s' });
  });

  it('lists with every option, long and short', async () => {
    const id = await pushed({ url: `${web}/`, name: 'report-1', comment: 'the first' });
    await wait(id);
    const line = new RegExp(`^ID +NAME +CREATED +DURATION +STATUS\n${id}  report-1  (now|\\d+ seconds? ago) +[\\d.]+m?s +success\n$`);
    for (const options of [id, '-n ^report-', "--name 'report-\\d'", "-t 'the f'", '--term report-1', '-s success -n report']) {
      expect(await output(`list ${options}`)).toMatch(line);
    }
    for (const options of ['-d -n report', '--detail --reverse --limit 1 --name report', '-detail -name=report']) {
      expect(await output(`list ${options}`)).toMatch(
        new RegExp(`^ID +NAME +COMMENT +URL +CREATED +STARTED +FINISHED +DURATION +STATUS\n${id}  report-1  the first  ${web}/ `),
      );
    }
    expect(await output(`list --begin ${id} --status success --quiet`)).toBe(`${id}\n`);
    expect(await hq('list -l 1 -q')).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\n$/), err: '' });
    expect(await hq('list -s succes')).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^ERROR .*did you mean success\?/) });
  });

  it('stops, restarts, copies and deletes', async () => {
    const id = await pushed({ url: `${web}/hold` });
    expect(await hq(`delete ${id}`)).toEqual({
      code: 1,
      out: '',
      err: expect.stringMatching(`^ERROR The job ${id} is (waiting|running) now\n$`),
    });
    expect(await output(`stop ${id}`)).toBe(`${id}\n`);
    await wait(id);
    const copy = (await output(`restart -c ${id}`)).trim();
    expect(copy).not.toBe(id);
    expect(await output(`restart ${id}`)).toBe(`${id}\n`);
    expect(await output(`stop ${id} ${copy}`)).toBe(`${id}\n${copy}\n`);
    await wait(`${id} ${copy}`);
    expect(await output(`delete ${id} ${copy}`)).toBe(`${id}\n${copy}\n`);
    expect(await hq(`info ${id}`)).toEqual({ code: 1, out: '', err: `ERROR Job '${id}' is not found\n` });
  });

  it("shows HQ's figures, its version and its help, and ends as HQ does", async () => {
    expect(JSON.parse(await output('stats'))).toMatchObject({ dispatchers: 4, queues: 8192, numWaitingJobs: expect.any(Number) });
    for (const line of ['--version', '-v']) expect(await output(line)).toMatch(/^hq version \d+\.\d+\.\d+/);
    const help = await output('');
    for (const line of ['help', 'h', '--help', '-h']) expect(await output(line)).toBe(help);
    expect(help).toMatch(/^Usage: hatstand hq \[<options\.\.\.>\] <command>\n/);
    expect(help.match(/^ {2}(delete|info|list|push|restart|serve|stats|stop|help)\b/gm)).toHaveLength(9);
    expect(await hq('lsit')).toEqual({ code: 3, out: '', err: "ERROR unknown command 'lsit'\n(Did you mean list?)\n" });
    expect(await hq('help psuh')).toEqual({ code: 3, out: '', err: "ERROR unknown command 'psuh'\n(Did you mean push?)\n" });
    expect(await hq('push http://h/')).toEqual({
      code: 1,
      out: '',
      err: `ERROR http://h/ cannot be read: there is no such file. HQ's push takes JSON files, such as {"url": "http://h/"}, or - for stdin; a url is pushed by: hatstand push http://h/\n`,
    });
    expect(await hq('stats -a http://127.0.0.1:9')).toMatchObject({ code: 1, err: expect.stringMatching(/^ERROR Cannot reach/) });
    expect(await hq('push - ', `{"name":"no url"}`)).toEqual({ code: 1, out: '', err: "ERROR 'url' is required\n" });
  });

  it('is what a link to the program does that is named hq', async () => {
    expect((await shell.run('hq')).out).toMatch(/^Usage: hq \[<options/);
    expect((await shell.run('hq -v')).out).toMatch(/^hq version /);
    const id = (await shell.run('hq push -', `{"url":"${web}/","retries":3}`)).out.trim();
    expect(JSON.parse((await shell.run(`hq info ${id}`)).out)).toMatchObject({ id, name: 'default' });
    expect((await shell.run('hatstand list -r')).code).toBe(2);
  });
});

/** The file that HQ's README shows. */
const sample = `server_id = 0
addr = "0.0.0.0:19900"
data_dir = "/var/lib/hq"
log_level = "info"
log_file = "/var/log/hq/hq.log"
access_log_file = "/var/log/hq/access.log"
queues = 8192
dispatchers = 1
max_workers = 0
shutdown_timeout = 10
job_lifetime = 2419200
job_list_default_limit = 0
ui = true
ui_basename = "/ui"
`;

describe("HQ's README", () => {
  /** The line as it stands there; the environment says where the server listens and writes, which other programs do too. */
  async function served(args: readonly string[], use: (address: string) => Promise<void>): Promise<void> {
    const here: Environment = {
      HATSTAND_ADDR: '127.0.0.1:0',
      HATSTAND_DATA_DIR: mkdtempSync(join(shell.folder, 'data-')),
      HATSTAND_LOG_FILE: join(shell.folder, 'hq.log'),
      HATSTAND_ACCESS_LOG_FILE: join(shell.folder, 'access.log'),
    };
    const child = start(['hq', ...args, '--print-address'], here);
    const ended = new Promise((resolve) => child.once('close', resolve));
    try {
      await use(await collectLines([child.stdout, child.stderr], ended).line(/^http:/));
    } finally {
      child.kill('SIGTERM');
    }
    expect(await ended).toBe(0);
  }

  it.each([
    ['hq serve'],
    ['hq serve -c config.toml'],
    ['hq serve -config-file config.toml'],
    ['hq serve --config-file=config.toml --log-level debug'],
  ])('%s', async (line) => {
    const file = join(shell.folder, 'config.toml');
    writeFileSync(file, sample);
    await served(line.replace('config.toml', file).split(' ').slice(1), async (address) => {
      const job = `{"url": "${web}/", "payload": {"message": "Hello world!"}}`;
      const answer = await fetch(`${address}/job`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: job });
      const { id } = (await answer.json()) as { readonly id: string };
      expect((await shell.run(`hatstand wait ${id} -a ${address}`)).code).toBe(0);
      expect(JSON.parse((await shell.run(`hq info ${id} -a ${address}`)).out)).toMatchObject({
        status: 'success',
        output: '{"message": "Hello world!"}',
      });
      expect((await shell.run(`hq list --address ${address}`)).out).toMatch(new RegExp(`^ID .*\n${id}  default  `));
    });
  });
});
