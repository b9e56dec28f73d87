/** What commands tell while their input stays open, when they are interrupted, and when nobody can read what they say. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { collectLines, type Lines } from '../support/lines.ts';
import { answerWith } from '../support/other-server.ts';
import { type Serving, serve, start } from './command.ts';
import { openShell, type Shell } from './shell.ts';

let server: Serving;
let shell: Shell;

beforeAll(async () => {
  server = await serve(['--dispatchers', '0']);
  shell = openShell(mkdtempSync(join(tmpdir(), 'hatstand-streams-')), { HATSTAND_ADDRESS: server.address });
});
afterAll(async () => {
  server.process.kill('SIGKILL');
  rmSync(shell.folder, { recursive: true });
  await server.ended;
});

interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly out: Lines;
  readonly err: Lines;
  readonly ended: Promise<number | string>;
  write(line: string): void;
}

function running(args: readonly string[], address = server.address): Running {
  const child = start(args, { HATSTAND_ADDRESS: address });
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stdin.on('error', () => undefined);
  return {
    child,
    out: collectLines([child.stdout], ended),
    err: collectLines([child.stderr], ended),
    ended,
    write: (line) => void child.stdin.write(`${line}\n`),
  };
}

const job = '{"worker":"nobody"}';
const isId = /^\d+$/;

describe('push -, while stdin stays open', () => {
  it('tells each id when it is kept and each bad line when it is read, and what is kept at Ctrl-C', async () => {
    const { child, out, err, ended, write } = running(['push', '-']);
    for (const count of [1, 2, 3]) {
      write(job);
      await out.seen(() => out.lines.filter((line) => isId.test(line)).length === count);
    }
    write('{"worker":"nobody","retries":3}');
    await err.line(/^error: stdin, line 4, column 20: A job has no field "retries"; did you mean retry\?/);
    write('{"worker":}');
    await err.line(/^error: stdin, line 5 is not valid JSON: expected a value/);
    write('{"worker":"nobody"');
    await err.line(/^stdin, line 6: this job goes on in the next line, which has not come yet\.$/);
    write(job);
    await err.line(/^error: stdin, line 6 is not valid JSON: expected "," or "}", and it ended/);
    await out.seen(() => out.lines.length === 4);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(err.lines.at(-1)).toBe('Interrupted. Kept of stdin: 4 jobs, the last one from line 7.');
    expect(new Set(out.lines).size).toBe(4);
  });

  it('tells at Ctrl-C what was under way, once it is answered', async () => {
    let answer: () => void = () => undefined;
    const sign = { 'x-hatstand-version': '1.0.0' };
    const asked = Promise.withResolvers<void>();
    const address = await answerWith((request, response) => {
      request.resume();
      asked.resolve();
      answer = () => response.writeHead(201, sign).end('{"id":"77"}');
    });
    const { child, out, err, ended, write } = running(['push', '-'], address);
    write(job);
    await asked.promise;
    child.kill('SIGTERM');
    answer();
    expect(await ended).toBe(143);
    expect(out.lines).toEqual(['77']);
    expect(err.lines).toEqual(['Interrupted. Kept of stdin: 1 job, the last one from line 1.']);
  });

  it('ends when the server is gone, and tells what is kept and what is not', async () => {
    const mortal = await serve(['--dispatchers', '0']);
    const { out, err, ended, write } = running(['push', '-'], mortal.address);
    write(job);
    await out.line(isId);
    mortal.process.kill('SIGKILL');
    await mortal.ended;
    write(job);
    expect(await ended).toBe(3);
    expect(err.lines).toEqual([
      'No live node serves the worker nobody: jobs wait until one does.',
      expect.stringMatching(/^error: Cannot reach .*: hatstand serve\. Kept of stdin: 1 job, the last one from line 1\.$/),
    ]);
  });

  it('with --wait, tells at Ctrl-C the ids of what goes on', async () => {
    const { child, out, err, ended, write } = running(['push', '-', '--wait']);
    write(job);
    write('{"worker":}');
    await err.line(/line 2 is not valid JSON/);
    child.stdin.end();
    await err.line(/^Kept of stdin: 1 job/);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(out.lines).toEqual([expect.stringMatching(isId)]);
    expect(err.lines.at(-1)).toBe('Interrupted. What has not ended goes on; its ids:');
  });

  it('ends when there is no server', async () => {
    const { err, ended, write } = running(['push', '-'], 'http://127.0.0.1:9');
    write(job);
    expect(await ended).toBe(3);
    expect(err.lines).toEqual([expect.stringMatching(/^error: Cannot reach .*: hatstand serve$/)]);
  });
});

describe('ids on stdin', () => {
  it('are used as they come', async () => {
    const ids = (await shell.run('hatstand push -', `${job}\n${job}\n`)).out.trimEnd().split('\n');
    const cancel = running(['cancel', '-']);
    const wait = running(['wait', '-']);
    for (const id of ids) {
      cancel.write(id);
      await cancel.out.line(new RegExp(`^${id}$`));
      wait.write(id);
      await wait.out.line(new RegExp(`^${id} {2}canceled`));
    }
    for (const each of [cancel, wait]) each.child.stdin.end();
    expect([await cancel.ended, await wait.ended]).toEqual([0, 7]);
  });

  it('that stay away do not keep wait beyond its time, nor beyond an error', async () => {
    const late = running(['wait', '-', '--timeout', '100ms']);
    expect(await late.ended).toBe(124);
    expect(late.err.lines).toEqual(['error: 0 of 0 jobs had not ended in time, and more ids may come']);
    const wrong = running(['wait', '-']);
    wrong.write('7');
    expect(await wrong.ended).toBe(5);
  });
});

describe('output that cannot be written', () => {
  it
    .runIf(process.platform === 'linux')
    .each([
      ['push --worker nobody'],
      ['push -'],
      ['list -l all'],
      ['list -q'],
      ['stats'],
      ['stats --json'],
      ['queues'],
      ['nodes'],
      ['export'],
      ['help'],
      ['--version'],
      ['hq list'],
      ['hq stats'],
    ])('is told, and is a failure: %s', async (line) => {
    expect(await shell.run(`hatstand ${line} > /dev/full`, `${job}\n`)).toEqual({
      code: 1,
      out: '',
      err: expect.stringMatching(/^error: The output cannot be written \(.*no space left.*\)\. What the command did stays done\.\n$/i),
    });
  });

  it('because its reader has what it wanted is quiet', async () => {
    await shell.run('hatstand push - > /dev/null', `${job}\n`.repeat(3_000));
    expect(await shell.run('hatstand list -l all | head -n 1')).toEqual({ code: 0, out: expect.stringMatching(/^ID /), err: '' });
    expect(await shell.run('hatstand export | head -n 1')).toEqual({ code: 0, out: expect.stringMatching(/^\{/), err: '' });
  });
});

describe('an export', () => {
  const jobs = [
    '{"url":"http://a/","queue":"q","headers":{"Authorization":"Bearer s3cret"}}',
    '{"url":"http://me:s3cret@a/?token=s3cret","queue":"q"}',
    '{"url":"http://a/","queue":"q","payload":"\\n{\\"kind\\":\\"job\\",\\"secrets\\":\\"hidden\\"","name":"\u202e\u009b"}',
  ];
  const modeOf = (name: string): number => statSync(join(shell.folder, name)).mode & 0o777;

  it('says that it is no backup when a trigger lacks its secrets, and so does the import that refuses it', async () => {
    await shell.run('hatstand triggers add @webhook --url http://127.0.0.1:9/ --id hook');
    const plain = await shell.run('hatstand export');
    const told = '1 trigger or batch lacks its secrets, and `hatstand import` will refuse it';
    expect(plain).toMatchObject({ code: 0, err: expect.stringContaining(told) });
    const refused = await shell.run('hatstand import -', plain.out);
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('What is secret in the trigger "hook" was hidden')]);
    await shell.run('hatstand triggers delete hook');
  });

  it('hides the secrets of jobs, and says that it is no backup, unless they are asked for', async () => {
    await shell.run('hatstand push -', `${jobs.join('\n')}\n`);
    const plain = await shell.run('hatstand export');
    expect(plain).toMatchObject({
      code: 0,
      err: 'This export is no backup: 2 jobs lack their secrets, and `hatstand import` will refuse them. Export --with-secrets for one.\n',
    });
    expect(plain.out).toContain('"Authorization":"***"');
    expect(plain.out).not.toContain('s3cret');
    const refused = await shell.run('hatstand import -', plain.out);
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('Refused lines: 2.')]);
    const whole = await shell.run('hatstand export --with-secrets');
    expect(whole).toMatchObject({
      code: 0,
      err: 'This export holds the secrets of jobs, from their headers and addresses: keep it as you keep them.\n',
    });
    expect(whole.out.match(/s3cret/g)).toHaveLength(3);
    expect((await shell.run('hatstand import -', whole.out)).code).toBe(0);
    expect((await shell.run('hatstand export --help')).out).toMatch(/a backup\s+needs\s+--with-secrets/);
  });

  it('to a file is for its owner alone, whatever the umask and whatever was there, and there whole or not at all', async () => {
    writeFileSync(join(shell.folder, 'old'), 'before', { mode: 0o644 });
    symlinkSync('old', join(shell.folder, 'link'));
    for (const [umask, name] of [
      ['0000', 'new'],
      ['0777', 'closed'],
      ['0022', 'link'],
    ] as const) {
      const ran = await shell.run(`umask ${umask}; hatstand export --with-secrets ${name}`);
      expect(ran).toEqual({ code: 0, out: '', err: expect.stringContaining(`${name} holds the secrets of jobs`) });
      expect(modeOf(name)).toBe(0o600);
    }
    expect(readFileSync(join(shell.folder, 'old'), 'utf8')).toMatch(/^\{"kind":"hatstand".*s3cret.*\{"kind":"end".*\n$/s);
    writeFileSync(join(shell.folder, 'kept'), 'before');
    const away = await shell.run('hatstand export -a http://127.0.0.1:1 kept');
    expect(away.code).toBe(3);
    expect(readFileSync(join(shell.folder, 'kept'), 'utf8')).toBe('before');
    expect(readdirSync(shell.folder).filter((name) => name.includes('.part'))).toEqual([]);
    expect((await shell.run('hatstand export none/file')).err).toMatch(/^error: none\/file cannot be written: ENOENT/);
    expect((await shell.run('hatstand export /dev/full')).err).toMatch(/cannot be written: ENOSPC/);
    expect(await shell.run('hatstand export /dev/null')).toMatchObject({ code: 0 });
  });

  it.runIf(process.platform === 'linux')('shows on a terminal what a terminal would not show, or would do', async () => {
    const seen = await shell.run('script -qec "hatstand export" /dev/null < /dev/null');
    expect(seen.out).toContain('"Authorization":"***"');
    expect(seen.out).toContain('"name":"\\u202e\\u009b"');
    expect((await shell.run('hatstand export')).out).toContain('"name":"\u202e\u009b"');
  });
});
