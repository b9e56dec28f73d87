/** The command line against what is no Hatstand, or one that is away for a while. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { answerWith } from '../support/other-server.ts';
import { run } from './command.ts';

describe('a web app that says 200 to everything', () => {
  it.each([
    ['push http://127.0.0.1:9/x'],
    ['push -'],
    ['list'],
    ['info 5'],
    ['stats'],
    ['wait 5'],
    ['stop 5'],
    ['delete 5'],
    ['queues'],
    ['queues pause x'],
    ['nodes'],
    ['doctor'],
    ['export'],
    ['import -'],
  ])('is told from Hatstand by: %s', async (line) => {
    const address = await answerWith((_, response) => response.end('{"ok":true}'));
    expect(await run([...line.split(' '), '-a', address], {}, '{"url":"http://127.0.0.1:9/"}\n')).toMatchObject({
      code: 3,
      out: '',
      err: expect.stringContaining(`What answers at ${address} is not Hatstand`),
    });
  });
});

describe("HQ's own server", () => {
  it('is asked by hatstand hq, and hatstand says so', async () => {
    const address = await answerWith((request, response) => {
      const answers: Readonly<Record<string, string>> = {
        '/': '{"version":"1.1.0","commitHash":"6127337"}',
        '/job/5': '{"id":"5","status":"success"}',
      };
      const body = answers[request.url ?? ''];
      response.writeHead(body === undefined ? 404 : 200).end(body ?? '{"status":404,"error":"Not Found"}');
    });
    expect(await run(['info', '5', '-a', address])).toMatchObject({
      code: 5,
      err: 'error: That server has no /v1. Is it an HQ of its own? `hatstand hq` asks such a server.\n',
    });
    expect(await run(['hq', 'info', '5', '-a', address])).toEqual({ code: 0, out: '{\n  "id": "5",\n  "status": "success"\n}\n', err: '' });
  });
});

const sign = { 'x-hatstand-version': '1.0.0' };

describe('import', () => {
  it('sends a long file in parts, and tells the lines of the file', async () => {
    const head = '{"kind":"hatstand","format":3,"version":"1.0.0","secrets":"hidden"}';
    const bodies: string[][] = [];
    const address = await answerWith(async (request, response) => {
      bodies.push((await text(request)).trimEnd().split('\n'));
      const faults = [{ line: bodies.at(-1)?.length, code: 'invalid_request', detail: 'its last' }];
      response.writeHead(200, sign).end(JSON.stringify({ restored: 0, existed: 0, queues: 0, failed: 1, faults }));
    });
    const lines = [head, ...Array.from({ length: 600 }, () => '{"kind":"job"}'), '{"kind":"end","jobs":600,"queues":0}'];
    const { err } = await run(['import', '-', '-a', address], {}, lines.join('\n'));
    expect(bodies).toEqual([lines.slice(0, 500), lines.slice(500)]);
    expect(err).toMatch(/^error: stdin, line 500: its last\nerror: stdin, line 602: its last\n/);
  });

  it('tells what was done of each file before what went wrong', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hatstand-import-'));
    const file = join(folder, 'e.nd');
    writeFileSync(file, '{"kind":"job"}\n{"kind":"end","jobs":1,"queues":0}\n');
    const address = await answerWith((request, response) => {
      request.resume();
      response.writeHead(200, sign).end('{"restored":1,"existed":0,"queues":0,"failed":0,"faults":[]}');
    });
    const missing = join(folder, 'none.nd');
    expect(await run(['import', file, missing, '-a', address])).toEqual({
      code: 2,
      out: `${file}: restored 1, already there 0, queues 0\n`,
      err: expect.stringContaining(`${missing} cannot be read`),
    });
    const json = await run(['import', file, missing, '--json', '-a', address]);
    expect([json.code, JSON.parse(json.out)]).toEqual([
      2,
      {
        restored: 1,
        existed: 0,
        queues: 0,
        definitions: 0,
        limits: 0,
        limitsKept: 0,
        definitionsKept: 0,
        failed: 0,
        queuesKept: 0,
        queuesKeptNames: [],
        incomplete: [],
      },
    ]);
    rmSync(folder, { recursive: true });
  });
});

describe('wait', () => {
  it('outlasts a server that cannot answer, breaks off or is away, and says so once', async () => {
    let asked = 0;
    const steps: readonly RequestListener[] = [
      (_, response) => response.writeHead(503, sign).end('{"code":"store_unavailable","detail":"The store is away."}'),
      (request) => request.socket.destroy(),
      (_, response) => response.writeHead(502).end('<html>'),
      (_, response) => response.writeHead(200, sign).end('{"id":"5","state":"succeeded","startedAt":null,"endedAt":null}'),
    ];
    const address = await answerWith((request, response) => steps[Math.min(asked++, steps.length - 1)]?.(request, response));
    expect(await run(['wait', '5', '-a', address])).toEqual({
      code: 0,
      out: expect.stringMatching(/^5 {2}succeeded/),
      err: 'The store is away. Asking again until it answers.\n',
    });
  });

  it('outlasts a server that is killed during the first long question', async () => {
    const ended = '{"id":"5","state":"succeeded","startedAt":null,"endedAt":null}';
    let killed = false;
    const address = await answerWith((request, response) => {
      if (killed || request.url?.endsWith('timeout=0s')) {
        response.writeHead(200, sign).end(killed ? ended : ended.replace('succeeded', 'running'));
        return;
      }
      killed = true;
      request.socket.destroy();
    });
    expect(await run(['wait', '5', '-a', address])).toMatchObject({
      code: 0,
      err: expect.stringContaining('Asking again until it answers.'),
    });
  });

  it('gives up at its time', async () => {
    const address = await answerWith((_, response) => response.writeHead(503, sign).end('{"code":"store_unavailable","detail":"Away."}'));
    expect(await run(['wait', '5', '-a', address, '--timeout', '50ms'])).toMatchObject({ code: 124 });
  });

  it('gives up at once on what will not change', async () => {
    const answers = [
      [503, '{"code":"store_unavailable","detail":"Away."}'],
      [404, '{"code":"not_found","detail":"There is no job 5."}'],
    ] as const;
    let asked = 0;
    const address = await answerWith((_, response) => {
      const [status, body] = answers[asked++] ?? [500, ''];
      response.writeHead(status, sign).end(body);
    });
    expect(await run(['wait', '5', '-a', address])).toMatchObject({ code: 5, err: expect.stringContaining('There is no job 5.') });
    expect(await run(['wait', '5', '-a', 'http://127.0.0.1:9'])).toMatchObject({
      code: 3,
      err: expect.stringMatching(/^error: Cannot reach/),
    });
  });
});
