/** What a terminal is shown: nothing that a job, a web app or a server says steers it, or stands there without being seen. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerWith } from '../support/other-server.ts';
import { type Serving, serve } from './command.ts';
import { openShell, type Shell } from './shell.ts';

/** Clears the screen, sets the title, in seven bits and in eight; turns the line round; is not seen. */
const hostile = 'x\u001b[2J\u001b]0;y\u0007\u009b2J\u202eexe\u2066\u200f\u200b';
const shown = 'x\\u001b[2J\\u001b]0;y\\u0007\\u009b2J\\u202eexe\\u2066\\u200f\\u200b';
const [esc, csi, override, zero] = ['\u001b', '\u009b', '\u202e', '\u200b'];
const steering = (text: string): readonly string[] =>
  [esc, csi, '\u0007', override, '\u2066', '\u200f', zero].filter((each) => text.includes(each));

let app: Server;
let server: Serving;
let shell: Shell;
let id = '';
beforeAll(async () => {
  app = createServer((_request, response) => response.writeHead(500, { 'content-type': 'text/plain' }).end(`${hostile}\n\tsecond`)).listen(
    0,
    '127.0.0.1',
  );
  await once(app, 'listening');
  server = await serve(['-l', 'off']);
  shell = openShell(mkdtempSync(join(tmpdir(), 'hatstand-terminal-')), { HATSTAND_ADDRESS: server.address });
  const url = `http://127.0.0.1:${(app.address() as AddressInfo).port}/`;
  const job = { url, name: hostile, comment: hostile, payload: { [hostile]: hostile }, headers: { 'X-A': 'a' }, retry: { attempts: 1 } };
  id = (await shell.run('hatstand push -', JSON.stringify(job))).out.trim();
  await shell.run(`hatstand wait ${id}`);
});
afterAll(async () => {
  server.process.kill('SIGKILL');
  app.closeAllConnections();
  app.close();
  rmSync(shell.folder, { recursive: true });
  await server.ended;
});

/** On a terminal. Colours are ours. */
const onTerminal = async (line: string): Promise<string> => {
  const { out } = await shell.run(`script -qec ${JSON.stringify(line)} /dev/null < /dev/null`);
  return out.replaceAll(new RegExp(`${esc}\\[\\d{1,2}m`, 'g'), '');
};

describe('what comes from a job', () => {
  it.each([
    'list',
    'list -d',
    'hq list -d',
    'info ID',
    'wait ID',
    'info ID --json',
    'list --json',
    'hq info ID',
    'export',
    'stats',
    'queues',
  ])('steers no terminal, and is there to be seen: %s', async (command) => {
    const line = `hatstand ${command.replace('ID', id)}`;
    const seen = await onTerminal(line);
    expect(steering(seen)).toEqual([]);
    if (!/stats|queues|wait/.test(command)) expect(seen).toContain('\\u202eexe');
  });

  it('is told to a file or a pipe as safely where it is for people, and as it is where it is for programs', async () => {
    for (const command of [`list -d`, `info ${id}`, `hq list -d`, `wait ${id}`]) {
      expect(steering((await shell.run(`hatstand ${command}`)).out)).toEqual([]);
    }
    expect((await shell.run(`hatstand info ${id}`)).out).toContain(`output    ${shown}\n          \tsecond`);
    const { out } = await shell.run(`hatstand info ${id} --json`);
    expect(JSON.parse(out)).toMatchObject({ name: hostile, comment: hostile, output: `${hostile}\n\tsecond` });
  });

  it('steers none either when a server that is none of ours says it, or the name of a file', async () => {
    const problem = JSON.stringify({ code: 'invalid_request', detail: hostile });
    const address = await answerWith((_request, response) =>
      response.writeHead(400, { 'content-type': 'application/problem+json', 'x-hatstand-version': hostile.slice(0, 1) }).end(problem),
    );
    const stranger = await shell.run(`hatstand stats -a ${address}`);
    expect([stranger.code, steering(stranger.err)]).toEqual([2, []]);
    writeFileSync(join(shell.folder, `${override}.json`), '{"url": 5}');
    const { err, code } = await shell.run(`hatstand push ${override}.json ${override}none.json`);
    expect([code, steering(err)]).toEqual([2, []]);
    expect(err).toContain('\\u202e');
  });
});

describe('what somebody should see to', () => {
  it('is told at the start and by the doctor: secrets that others can read or guess', async () => {
    const file = join(shell.folder, 'hatstand.toml');
    writeFileSync(file, 'token = "short"\n', { mode: 0o644 });
    await shell.run(`chmod 755 . && chmod 644 hatstand.toml`);
    const other = await serve(['-c', file]);
    try {
      const told = [
        `${file} holds token and has the rights 644: others may read it. Take them away: chmod g-w,o-rwx ${file}`,
        'The token has 5 characters and can be guessed',
      ];
      await other.line(/can be guessed/);
      const risks = other.lines.filter((line) => line.includes('config.at_risk')).join('\n');
      for (const each of told) expect(risks).toContain(each);
      const { out } = await shell.run(`hatstand doctor -a ${other.address}`.replace('hatstand', 'HATSTAND_TOKEN=short hatstand'));
      for (const each of told) expect(out).toContain(`warning   ${each}`);
    } finally {
      other.process.kill('SIGKILL');
      await other.ended;
    }
  });
});
