import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessLine } from './access-log.ts';
import { openLog } from './log.ts';
import { localTime, textLine } from './log-text.ts';
import { makeStderrLog } from './stderr-log.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hatstand-log-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const access = {
  remoteIp: '127.0.0.1',
  host: 'a:1',
  method: 'POST',
  uri: '/job',
  status: 200,
  latency: 1.728_79,
  bytesIn: 37,
  bytesOut: 353,
};

describe('the log', () => {
  it('writes a line of JSON per call, with its fields', async () => {
    const file = join(folder, 'json.log');
    const log = openLog({ level: 'info', file, accessFile: null, terminal: true });
    log.logger.debug('not this');
    log.logger.info('job ended', { id: '1', error: new Error('boom') });
    await log.close();
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', msg: 'job ended', id: '1', error: { message: 'boom' } });
  });

  it('goes on in a new file after a rotation, losing nothing', async () => {
    const file = join(folder, 'rotated.log');
    const log = openLog({ level: 'info', file, accessFile: file, terminal: false });
    log.logger.info('before');
    renameSync(file, `${file}.1`);
    log.reopen();
    log.logger.info('after');
    log.access?.(access);
    await log.close();
    const kept = [`${file}.1`, file].map((path) => readFileSync(path, 'utf8'));
    expect(kept.join('')).toMatch(/before.+after.+"uri":"\/job"/s);
    expect(kept[1]).toContain('"uri":"/job"');
  });

  it('stays JSON, line by line, when the access log goes to the same place, and not else', async () => {
    const [file, other] = [join(folder, 'both.log'), join(folder, 'access.log')];
    const logs = [file, other].map((accessFile) => openLog({ level: 'warn', file, accessFile, terminal: false }));
    for (const log of logs) {
      log.logger.warn('said');
      log.access?.({ ...access, uri: '/job?a="b"\n' });
    }
    await Promise.all(logs.map((log) => log.close()));
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const request = { level: 'info', msg: 'http.request', method: 'POST', status: 200, uri: '/job?a="b"\n', latencyMs: 1.729, bytesIn: 37 };
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual(
      expect.arrayContaining([expect.objectContaining({ msg: 'said' }), expect.objectContaining(request)]),
    );
    expect(readFileSync(other, 'utf8')).toMatch(/ POST \/job\?a="b"%0A 200 /);
  });

  it('is refused when its file cannot be written', () => {
    const file = join(folder, 'missing', 'x.log');
    expect(() => openLog({ level: 'info', file, accessFile: null, terminal: false })).toThrow(
      /log_file must be a file that can be written/,
    );
  });

  it('has no access lines on a terminal unless it is debugged', async () => {
    const file = join(folder, 'terminal.log');
    const logs = (['info', 'debug'] as const).map((level) => openLog({ level, file, accessFile: null, terminal: true }));
    expect(logs.map((log) => log.access === null)).toEqual([true, false]);
    await Promise.all(logs.map((log) => log.close()));
  });

  it('loses lines, and no more, when nobody reads stdout or the disk is full', async () => {
    const program = `
      const { openLog } = await import(${JSON.stringify(new URL('./log.ts', import.meta.url).href)});
      const log = openLog({ level: 'info', file: null, accessFile: '/dev/full', terminal: false });
      process.stdin.on('data', async () => {
        for (let i = 0; i < 1000; i++) { log.logger.info('line'); log.access(${JSON.stringify(access)}); }
        await log.close();
        process.exit(7);
      });
      log.logger.info('ready');
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'pipe' });
    child.stdout.once('data', () => {
      child.stdout.destroy();
      child.stdin.write('go');
    });
    const complaint = text(child.stderr);
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(code).toBe(7);
    expect((await complaint).match(/stdout: EPIPE|full: ENOSPC/g)?.sort()).toEqual(['full: ENOSPC', 'stdout: EPIPE']);
  });
});

describe('the log of the library', () => {
  it('has warnings and errors alone, a stack below its line', () => {
    const lines: string[] = [];
    const log = makeStderrLog((line) => lines.push(line));
    log.debug('a');
    log.info('b');
    log.warn('job.retrying', { job: '1', error: 'no receipt', stack: 'Error: no receipt\n    at f' });
    log.error('job.failed', { job: '1', stack: 'Error: no\n    at f' });
    expect(lines).toEqual([
      expect.stringMatching(/ WARN job\.retrying job=1 error="no receipt"\n$/),
      expect.stringMatching(/ ERROR job\.failed job=1\n {4}Error: no\n {8}at f\n$/),
    ]);
  });

  it('is bounded, and tells how many lines it left out', () => {
    const lines: string[] = [];
    let now = 5_000;
    const log = makeStderrLog(
      (line) => lines.push(line),
      () => now,
    );
    for (let i = 0; i < 1_000; i++) log.error('job.failed');
    expect(lines).toHaveLength(50);
    now += 1_000;
    log.error('job.failed');
    expect(lines.slice(50)).toEqual([expect.stringMatching(/ WARN log\.dropped lines=950\n$/), expect.stringMatching(/job\.failed/)]);
  });
});

describe('a line for people', () => {
  it('has the local time, the level, the message and the fields', () => {
    const time = new Date('2026-11-21T23:33:02.500Z');
    const json = JSON.stringify({
      level: 'warn',
      time,
      pid: 1,
      msg: 'the server stops',
      signal: 'SIGTERM',
      why: 'two words',
      error: { message: 'm' },
    });
    expect(textLine(json)).toBe(`${localTime(time)} WARN the server stops signal=SIGTERM why="two words" error="m"\n`);
    expect(localTime(time)).toMatch(/^2026-11-2\dT\d\d:\d\d:02(Z|[+-]\d\d:\d\d)$/);
  });

  it('lets nothing through that steers a terminal, or that nobody sees', () => {
    const hostile = '\u001b[2J\u009b\u202e';
    const json = JSON.stringify({
      level: 'error',
      time: new Date(),
      msg: 'job.failed',
      job: hostile,
      error: { message: hostile },
      stack: `a\n${hostile}`,
    });
    const shown = '\\u001b[2J\\u009b\\u202e';
    expect(textLine(json)).toMatch(/ ERROR job\.failed /);
    expect(textLine(json).split(' job.failed')[1]).toBe(` job="${shown}" error="${shown}"\n    a\n    ${shown}\n`);
  });

  it("has HQ's fields in the access log, whatever a client sends", () => {
    const now = new Date('2026-11-21T23:35:18Z');
    expect(accessLine(access, now)).toBe(`${localTime(now)} 127.0.0.1 a:1 POST /job 200 1728790 1.72879ms 37 353\n`);
    expect(accessLine({ ...access, host: 'x y\nz' }, now)).toContain(' x%20y%0Az POST ');
    expect(accessLine({ ...access, host: '' }, now)).toContain(' - POST ');
  });
});
