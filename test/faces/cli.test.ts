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

interface Shown {
  readonly rules: string;
  readonly [field: string]: unknown;
}
const info = async (id: string): Promise<Shown> => JSON.parse(await output(['info', id, '--json'])) as Shown;

describe('push', () => {
  it('takes files and prints ids, and the web app gets the payload byte for byte', async () => {
    const payload = '{ "big": 12345678901234567890, "text": "ü\\u00fc" }';
    const files = ['one.json', 'two.json'].map((name) => join(folder, name));
    for (const file of files) writeFileSync(file, `{"url": "${web}/", "payload": ${payload}}`);
    const ids = (await output(['push', ...files])).trimEnd().split('\n');
    expect(ids).toHaveLength(2);
    await output(['wait', ...ids]);
    expect(await output(['info', ids[0] ?? ''])).toContain('"big": 12345678901234567890');
    const shown = await output(['info', ids[0] ?? '', '--json']);
    expect(shown).toContain(`"payload":${payload}`);
    expect(JSON.parse(shown)).toMatchObject({ name: '', state: 'succeeded', rules: 'v1', attempts: 20, timeout: '30s', output: payload });
  });

  it('takes many jobs from stdin, in their order, all by the rules of /v1', async () => {
    const jobs = Array.from({ length: 2_500 }, (_, at) => `{"url":"${web}/","name":"many-${at}","payload":{"at": ${at}}}`);
    const ids = (await output(['push', '-'], jobs.join('\n'))).trimEnd().split('\n');
    expect(ids).toHaveLength(jobs.length);
    expect(new Set(ids).size).toBe(jobs.length);
    const shown = await Promise.all([0, 1_700, 2_499].map((at) => info(ids[at] ?? '')));
    expect(shown).toEqual([0, 1_700, 2_499].map((at) => expect.objectContaining({ name: `many-${at}`, rules: 'v1', attempts: 20 })));
    expect((await output(['wait', '-'], ids.slice(-20).join('\n'))).match(/succeeded/g)).toHaveLength(20);
  });

  it('gives its options to a job of a url, or of a worker', async () => {
    const options = ['--queue', 'mail', '--attempts', '5', '--backoff', '2', '--delay', '1ms', '--priority', '-5', '--manual'];
    const id = await push('/', ...options, '-p', '{ "a": 1 }', '-n', 'all', '-H', 'X-A: b', '--timeout', '1m30s');
    expect(await info(id)).toMatchObject({
      ...{ queue: 'mail', attempts: 5, retry: { backoff: '2s' }, priority: -5, manual: true, name: 'all', timeout: '1m30s' },
      ...{ headers: { 'X-A': 'b' }, rules: 'v1' },
    });
    expect(await info(await push('/', '--timeout', '5'))).toMatchObject({ timeout: '5s' });
    expect(await info(await push('/', '--timeout', 'none'))).toMatchObject({ timeout: null });
    const greeting = (await output(['push', '--worker', 'greet', '-p', '{"name":"Ada"}'])).trim();
    expect(await info(greeting)).toMatchObject({ worker: 'greet', url: '', state: 'queued', payload: { name: 'Ada' } });
    const timed = (await output(['push', '--worker', 'greet', '--at', '2199-01-01T00:00:00Z', '--idempotency-key', 'k'])).trim();
    expect(await info(timed)).toMatchObject({ state: 'scheduled', dueAt: '2199-01-01T00:00:00.000Z' });
    expect((await output(['push', '--worker', 'greet', '--at', '2199-01-01T00:00:00Z', '--idempotency-key', 'k'])).trim()).toBe(timed);
    const changed = await hatstand(['push', '--worker', 'greet', '--idempotency-key', 'k']);
    expect(changed).toMatchObject({ code: 6, err: expect.stringMatching(/^error: .*key/i) });
    await output(['cancel', greeting, timed]);
  });

  it('tells each bad job with its place and what was meant, keeps the others, and fails', async () => {
    const lines = [
      `{"url":"${web}/"}`,
      `{"url":"${web}/","retries":3}`,
      '{"url":}',
      `{"url":"${web}/",\n  "timeout_s": 5}`,
      '{"name":"no url"}',
    ];
    const ran = await hatstand(['push', '-'], [...lines, `{"url":"${web}/", "queue": "a b"}`, `{"url":"${web}/"}`].join('\n'));
    expect(ran.code).toBe(2);
    expect(ran.out.trimEnd().split('\n')).toHaveLength(2);
    const [retries, syntax, timeout, url, queue, sum, ...more] = ran.err.trimEnd().split('\n');
    expect(retries).toMatch(/^error: stdin, line 2, column \d\d: A job has no field "retries"; did you mean retry\? There are: url, /);
    expect(syntax).toBe('error: stdin, line 3 is not valid JSON: expected a value, and "}" came, at line 3, column 8.');
    expect(timeout).toMatch(/^error: stdin, line 5, column 3: A job has no field "timeout_s"; did you mean timeout\?/);
    expect(url).toMatch(/^error: stdin, line 6, column 1: url is required/);
    expect(queue).toMatch(/^error: stdin, line 7, column \d+: queue must be 1 to 128 letters, digits, dots, dashes or underscores/);
    expect([sum, ...more]).toEqual(['Kept of stdin: 2 jobs, the last one from line 8. Refused: 5.']);
    const json = await hatstand(['push', '-', '--json'], `{"url":"${web}/","retries":3}\n{"url":"${web}/"}\n`);
    expect(JSON.parse(json.out)).toEqual({ id: expect.stringMatching(/^\d+$/) });
    expect(JSON.parse(json.err.split('\n')[0] ?? '')).toMatchObject({
      error: { code: 'invalid_request', details: { field: 'retries', meant: 'retry', line: 1 } },
    });
  });

  it("sends a job as HQ's clients write it to HQ's command line", async () => {
    const ran = await hatstand(['push', '-'], `{"url":"${web}/","timeout":5}`);
    expect(ran).toMatchObject({ code: 2, err: expect.stringMatching(/a duration such as "30s", or null, not 5\..* hatstand hq push$/m) });
  });

  it('tells once for each worker that nobody serves it, whatever was pushed, and that a time lies in the past', async () => {
    const greet = (at: number): string => `{"worker":"greet","payload":${at},"at":"2020-01-01"}`;
    const lines = [greet(1), greet(2), '{"worker":"wave"}', `{"url":"${web}/","at":"2199-01-01"}`];
    const ran = await hatstand(['push', '-'], lines.join('\n'));
    expect(ran.err).toBe(
      'No live node serves the worker greet: jobs wait until one does.\nNo live node serves the worker wave: jobs wait until one does.\n' +
        'stdin: of 2 jobs the time (at) lies in the past: they do not wait for it.\n',
    );
    const files = ['late-1.json', 'late-2.json'].map((name) => join(folder, name));
    for (const file of files) writeFileSync(file, '{"worker": "greet",\n "name": "of a file"}');
    const pushed = await hatstand(['push', ...files]);
    expect(pushed).toMatchObject({ code: 0, err: 'No live node serves the worker greet: jobs wait until one does.\n' });
    const single = await hatstand(['push', '--worker', 'greet', '--at', '2020-01-01']);
    expect(single.err).toMatch(/\nThe time of --at lies in the past: the job does not wait for it\.\n$/);
    expect((await hatstand(['push', `${web}/`, '--at', '2199-01-01'])).err).toBe('');
    await output(['cancel', ...[ran, pushed, single].flatMap(({ out }) => out.trim().split('\n'))]);
  });

  it('fails when none of many is kept, and tells each', async () => {
    const ran = await hatstand(['push', '-'], '{"url":"ftp://x/"}\n{"nonsense":1}\n');
    expect([ran.code, ran.out]).toEqual([2, '']);
    expect(ran.err).toMatch(/^error: stdin, line 1, .*\nerror: stdin, line 2, .*\nOf stdin, no job is kept\. Refused: 2\.\n$/);
  });

  it('waits for the end, however short the time of an attempt', async () => {
    expect(await output(['push', `${web}/`, '--timeout', '1', '-w'])).toMatch(/^\d+ {2}succeeded/);
  });

  it.each([
    [['push', '-'], '[{"url":"http://x/"}]', /must be an object, such as .*\. Write many jobs one after the other/],
    [['push', '-'], '7', /line 1 must be an object/],
    [['push', '-'], 'a\nb\n'.repeat(100), /Nothing in the first 100 places of stdin is a job/],
    [['push', '/no/such/file.json'], '', /cannot be read/],
    [['push', '/tmp'], '', /^error: \/tmp cannot be read: it is a folder/],
    [['push', ''], '', /^error: argument 1 of push must not be empty/],
    [['push', 'mail'], '', /^error: mail cannot be read: there is no such file\. A job of the worker mail: hatstand push --worker mail$/m],
    [['push', '{"url": 1}'], '', /there is no such file\. A job itself comes from stdin: echo .* \| hatstand push -$/m],
    [['push', '-q'], '', /unknown option '-q'\n\(Did you mean --queue\?\)$/m],
    [['push', 'localhost:8000/mail'], '', /A url begins with http:\/\/: http:\/\/localhost:8000\/mail/],
    [['push', 'http://x/', '-p', 'plain'], '', /--payload must be JSON/],
    [['push', 'job.json', '-p', '1'], '', /--payload goes with a url/],
    [['push', 'job.json', '--idempotency-key', 'a'], '', /--idempotency-key goes with a url/],
    [['push', 'job.json', '--worker', 'a'], '', /--worker stands in the place of files/],
    [['push'], '', /^error: Say what to push: a url \(hatstand push http:\/\/\S+\), --worker and a name, files with jobs, or - for /],
    [['push', 'ftp://u:s3cret@x/'], '', /not "ftp:\/\/…@x\/"\.$/m],
    [['push', 'ftp://x/'], '', /must begin with http:\/\/ or https:\/\/, not "ftp:\/\/x\/"/],
    [['push', 'http://x/', '--attempts', '0'], '', /must be a whole number from 1 to 1000/],
    [['push', 'http://x/', '--timeout', 'soon'], '', /must be a duration such as/],
  ])('refuses %j', async (args, input, message) => {
    expect(await hatstand(args, input)).toMatchObject({ code: 2, err: expect.stringMatching(message) });
  });

  it('tells with its exit code how the jobs ended', async () => {
    expect(await hatstand(['push', `${web}/`, '--wait'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+ {2}succeeded/) });
    const failed = await hatstand(['push', `${web}/fail`, '-n', 'bad', '--attempts', '1', '--wait']);
    expect(failed).toMatchObject({ code: 7, out: expect.stringMatching(/ {2}failed {2}.*500/) });
  });

  it('waits no longer for the others once it has failed for one', async () => {
    const held = await push('/hold');
    expect(await hatstand(['wait', held, '1'])).toMatchObject({
      code: 5,
      err: 'error: There is no job 1. Ended jobs are kept only for job_lifetime after their end.\n',
    });
    await output(['cancel', held]);
    // Less than one question takes.
  }, 25_000);
});

describe('list', () => {
  it('prints a table of all kinds of jobs, or ids, or a line of JSON for each', async () => {
    const id = await push('/', '-n', 'listed', '--comment', 'a comment');
    await output(['wait', id]);
    const line = new RegExp(
      `^ID +NAME +QUEUE +WORKER +TRY +CREATED +DURATION +STATE\n${id}  listed  default  http    1/20  (now|\\d+ seconds? ago) +[\\d.]+m?s +succeeded\n$`,
    );
    expect(await output(['list', id])).toMatch(line);
    expect(await output(['list', '-n', 'listed'])).toMatch(line);
    expect(await output(['list', '-n', 'list*', '--worker', 'http', '--queue', 'default', '-s', 'succeeded,failed'])).toMatch(line);
    expect(await output(['list', '-d', '--limit', '1'])).toMatch(/^ID .* STATE +REASON .* DUE .* ENDED +URL +COMMENT +ERROR\n/);
    expect(await output(['list', '-f', 'name:listed state:succeeded', '-q'])).toBe(`${id}\n`);
    expect(await output(['list', 'name:listed', 'state:succeeded', '-q'])).toBe(`${id}\n`);
    expect(await output(['list', '-f', 'name:listed -cause:answer', '-q'])).toBe(`${id}\n`);
    expect(await hatstand(['list', '-f', 'cause:anwser'])).toMatchObject({ code: 2, err: expect.stringContaining('did you mean answer?') });
    expect(await output(['list', '-', '-q'], `${id} ${id}\n`)).toBe(`${id}\n${id}\n`);
    const greeting = (await output(['push', '--worker', 'greet', '-n', 'listed'])).trim();
    const jobs = (await output(['list', '-n', 'listed', '--json'])).trimEnd().split('\n');
    expect(jobs.map((job) => (JSON.parse(job) as Shown)['id'])).toEqual([greeting, id]);
    expect(await output(['list', '-n', 'listed', '--order', 'oldest', '-q'])).toBe(`${id}\n${greeting}\n`);
    await output(['cancel', greeting]);
  });

  it("takes HQ's words for a state where they mean the same", async () => {
    const failed = await push('/fail', '--attempts', '1', '-n', 'words');
    await hatstand(['wait', failed]);
    for (const words of [
      ['-s', 'failed'],
      ['--status', 'failure'],
      ['-s', 'failure,success'],
    ]) {
      expect(await output(['list', '-n', 'words', '-q', ...words])).toBe(`${failed}\n`);
    }
  });

  it('tells on stderr that nothing matches, or that there is more, and gives all when asked', async () => {
    await Promise.all([push('/', '-n', 'more'), push('/', '-n', 'more')]);
    expect(await hatstand(['list', '-n', 'more', '-l', '1', '-q'])).toMatchObject({
      out: expect.stringMatching(/^\d+\n$/),
      err: 'There may be more: -l all, or a larger number than 1.\n',
    });
    const everything = await hatstand(['list', '-l', 'all', '-q']);
    expect([everything.err, everything.out.match(/\n/g)?.length]).toEqual(['', expect.any(Number)]);
    expect(everything.out.match(/\n/g)?.length).toBeGreaterThan(2_500);
    expect(await hatstand(['list', '-n', 'nothing'])).toEqual({ code: 0, out: '', err: 'No job matches.\n' });
    expect(await hatstand(['list', '--queue', 'mial', '--worker', 'htp'])).toEqual({
      code: 0,
      out: '',
      err: 'No job matches. There is no job with the queue "mial"; did you mean mail? There is no job with the worker "htp"; did you mean http?\n',
    });
  });

  it.each([
    [['-s', 'succes'], /^error: There is no state "succes"; did you mean succeeded\? There are: scheduled, queued, running/],
    [['-f', 'state:failled'], /^error: There is no state "failled"; did you mean failed\?/],
    [['-f', 'queu:mail'], /^error: There is no filter field "queu"; did you mean queue\? There are: state/],
    [['-n', '^listed$'], /^error: --name takes a whole name.*no regular expression/],
    [['-r'], /^error: The newest come first by themselves/],
    [['--term', 'x'], /^error: There is no --term: narrow the list with --filter/],
    [['--limit', 'x'], /It must be a whole number from 1 to/],
    [['--limit', '0'], /It must be a whole number from 1 to 1000000000, or all\.$/m],
    [['--order', 'up'], /It must be newest or oldest\.$/m],
    [['failed'], /^error: "failed" is neither the id of a job nor a filter\. Jobs in this state: -s failed\./],
    [['1', 'state:failed'], /^error: Give ids, or what jobs must match, not both/],
    [['-f', ''], /^error: --filter must not be empty/],
    [['1', '-s', 'failed'], /^error: Give ids, or what jobs must match, not both/],
  ])('refuses %j instead of showing an empty table', async (args, message) => {
    expect(await hatstand(['list', ...args])).toMatchObject({ code: 2, out: '', err: expect.stringMatching(message) });
  });

  it('tells an id that is unknown, and lists the others', async () => {
    const id = await push('/');
    expect(await hatstand(['list', '7', id, '-q'])).toEqual({ code: 5, out: `${id}\n`, err: 'error: There is no job 7.\n' });
  });
});

describe('a job', () => {
  it('is canceled, restarted, copied and deleted', async () => {
    const id = await push('/hold');
    expect(await hatstand(['delete', id])).toMatchObject({ code: 6, out: '' });
    expect(await hatstand(['cancel', '7', id])).toMatchObject({
      code: 5,
      out: `${id}\n`,
      err: expect.stringMatching(/^error: There is no job 7\. .*\n$/),
    });
    expect(await hatstand(['wait', id])).toMatchObject({ code: 7, out: expect.stringContaining('canceled') });
    const copy = (await output(['restart', '-c', id])).trim();
    expect(copy).not.toBe(id);
    expect(await output(['restart', id])).toBe(`${id}\n`);
    expect(await hatstand(['restart', id])).toMatchObject({
      code: 6,
      err: expect.stringContaining('or give --copy for a new job like it'),
    });
    expect(await hatstand(['wait', id, copy, '--timeout', '50ms'])).toMatchObject({ code: 124 });
    expect(await output(['stop', id, copy])).toBe(`${id}\n${copy}\n`);
    await hatstand(['wait', id, copy]);
    expect(await output(['delete', '-', '--json'], `${id}\n${copy}\n`)).toBe(`{"id":"${id}"}\n{"id":"${copy}"}\n`);
    expect(await hatstand(['info', id])).toMatchObject({ code: 5, err: expect.stringMatching(`^error: There is no job ${id}\\.`) });
    expect(await hatstand(['cancel', 'abc'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('id must be a decimal number of up to 19 digits, without leading zeros, such as'),
    });
  });

  it('is shown with its queue, its retry, its error and all its attempts', async () => {
    const id = await push(
      '/fail',
      '-n',
      'shown',
      '--queue',
      'mail',
      '--priority',
      '3',
      '--attempts',
      '2',
      '--backoff',
      '10ms',
      '-p',
      '{"a":1}',
    );
    await hatstand(['wait', id]);
    const shown = await output(['info', id]);
    for (const line of [
      /^state +failed$/m,
      /^name +shown$/m,
      /^queue +mail, priority 3$/m,
      /^attempts +2 of 2$/m,
      /^retry +after 10ms, then twice as long each time, at most 1h$/m,
      /^status +500$/m,
      /^error +\S/m,
      /^payload +\{\n +"a": 1\n +\}$/m,
      /^RUN +TRY +END +STARTED +DURATION +STATUS +CAUSE +HOLDER +ERROR\n1 +2 +failed .* 500 .*\n1 +1 +failed .* 500 /m,
    ]) {
      expect(shown).toMatch(line);
    }
    expect(await info(id)).toMatchObject({
      attempt: 2,
      history: [
        { attempt: 2, end: 'failed' },
        { attempt: 1, end: 'failed' },
      ],
    });
    expect((await output(['info', id, id, '--json'])).trimEnd().split('\n')).toHaveLength(2);
  });

  it.each(['info', 'cancel', 'restart', 'delete', 'wait', 'list'])('of none is no error: %s', async (verb) => {
    expect(await hatstand([verb, '-'], ' \n')).toEqual({ code: 0, out: '', err: 'No id came from stdin: nothing to do.\n' });
    if (verb !== 'list')
      expect(await hatstand([verb])).toMatchObject({ code: 0, out: '', err: expect.stringMatching(/^No id was given: nothing to do\./) });
  });

  it('of none is no error: push', async () => {
    expect(await hatstand(['push', '-'], ' \n')).toEqual({ code: 0, out: '', err: 'stdin holds no job: nothing to do.\n' });
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
    await output(['queues', 'close', 'default']);
    expect(await output(['queues'])).toMatch(/\ndefault .* closed\n/);
    expect(await hatstand(['push', 'http://127.0.0.1:9/'])).toMatchObject({
      code: 6,
      out: '',
      err: expect.stringContaining('default is closed'),
    });
    await output(['queues', 'open', 'default']);
    const left = JSON.parse(await output(['queues', 'list', '--json']));
    expect(left).toContainEqual(expect.objectContaining({ name: 'default', paused: false, concurrency: null, rate: null }));
    // A queue without jobs and settings is none.
    expect(left).not.toContainEqual(expect.objectContaining({ name: 'cli' }));
  });
});

describe('limits', () => {
  it('are set, shown and removed, and refuse pushes beyond them', async () => {
    await output(['limits', 'set', 'tenant:*', '--rate', '1/h']);
    expect(await output(['limits'])).toBe(
      'LIMIT     CONCURRENCY  RATE  LEFT  RUNNING  PARKED  PAUSED\ntenant:*  -            1/1h  -     -        -       -\n',
    );
    const of = ['push', 'http://127.0.0.1:9/', '--limit', 'tenant:a'];
    const id = (await output(of)).trim();
    expect(await hatstand(of)).toMatchObject({ code: 6, out: '', err: expect.stringContaining('The limit of tenant:a is reached') });
    expect(await output(['info', id])).toContain('tenant:a');
    await output(['limits', 'set', 'tenant:*', '--paused-until', '2099-01-31T12:00:00Z']);
    expect(await output(['limits'])).toContain('until 2099-01-31T12:00:00.000Z\n');
    expect(await output(['limits', 'remove', 'tenant:*'])).toBe('tenant:*\n');
    expect(await hatstand(['limits', 'remove', 'tenant:*'])).toMatchObject({ code: 5 });
    expect(JSON.parse(await output(['limits', '--json']))).toEqual([]);
  });
});

describe('jobs that must start before a time', () => {
  it('say so, and are refused when they could never start', async () => {
    const of = ['push', 'http://127.0.0.1:9/', '--delay', '1h'];
    const id = (await output([...of, '--start-before', '2h'])).trim();
    expect(await output(['info', id])).toMatch(/before +\d{4}-/);
    for (const when of ['1m', '1h']) {
      expect(await hatstand([...of, '--start-before', when])).toMatchObject({
        code: 2,
        err: expect.stringContaining('startBefore must be longer than delay: the job could never start'),
      });
    }
  });
});

describe('jobs that wait for others', () => {
  it('name them when they are pushed, and tell how many are left', async () => {
    const push = async (...more: readonly string[]): Promise<string> =>
      (await output(['push', 'http://127.0.0.1:9/', '--delay', '1h', ...more])).trim();
    const [a, b, c] = [await push(), await push(), await push()];
    const id = await push('--after', `${a},${b}`, '--after', c, '--on-failure', 'start');
    expect(await output(['info', id])).toMatch(
      new RegExp(`scheduled \\(after 3 left\\)[^]+after +3 of 3 left, starts also when one fails: ${a}, ${b}, ${c}`),
    );
    expect(await hatstand(['push', 'http://127.0.0.1:9/', '--on-failure', 'start'])).toMatchObject({ code: 2 });
    expect(await hatstand(['push', 'http://127.0.0.1:9/', '--after', '7'])).toMatchObject({ code: 5 });
  });
});

describe('unique jobs', () => {
  it('are there once, which a push says and info shows', async () => {
    const of = ['push', 'http://127.0.0.1:9/', '--delay', '1h', '--unique', 'key:cli', '--unique-until', '1d'];
    const id = (await output(of)).trim();
    expect(await hatstand(of)).toMatchObject({ code: 0, out: `${id}\n`, err: expect.stringContaining('There is such a job already') });
    expect(await output(['info', id])).toMatch(/unique +key:cli, until 1d from its push/);
    expect(await hatstand(['push', 'http://127.0.0.1:9/', '--unique-until', '1d'])).toMatchObject({ code: 2 });
  });
});

describe('the command', () => {
  it('prints help and suggests what was meant', async () => {
    expect(await run([])).toMatchObject({ code: 0, out: expect.stringMatching(/^Usage: hatstand /), err: '' });
    expect((await run(['h', 'push'])).out).toMatch(/^Usage: hatstand push /);
    expect(await run(['lsit'])).toMatchObject({ code: 2, err: "error: unknown command 'lsit'\n(Did you mean list?)\n" });
    expect(await run(['nodes', 'drian', 'web-1'])).toMatchObject({
      code: 2,
      err: 'error: There is no command "hatstand nodes drian"; did you mean drain? There are: list, drain, resume, forget.\n',
    });
    expect(await run(['help', 'psuh'])).toEqual({ code: 2, out: '', err: "error: unknown command 'psuh'\n(Did you mean push?)\n" });
    expect(await run(['psuh', '--help'])).toMatchObject({ code: 2, out: '' });
    expect((await run(['help', 'queues', 'limit'])).out).toMatch(/^Usage: hatstand queues limit /);
    expect((await run(['help', 'stop'])).out).toMatch(/^Usage: hatstand cancel /);
    expect((await run(['hq'])).out).toMatch(/^Usage: hatstand hq \[<options\.\.\.>\] <command>/);
    expect((await run(['-version'])).out).toMatch(/^hatstand version \d+\.\d+\.\d+/);
  });

  it('tells variables that are misspelt, and not those of a platform', async () => {
    const env = { HATSTAND_ADRESS: 'http://h', HATSTAND_ADDRESS: server.address, HATSTAND_PORT_19900_TCP_ADDR: '10.0.0.1' };
    const told = 'The environment variable HATSTAND_ADRESS is not known and not used; did you mean HATSTAND_ADDRESS?';
    const listed = await run(['list', '-l', '1', '-q'], env);
    expect([listed.code, listed.err.split('\n')[0]]).toEqual([0, told]);
    const empty = await run(['list', '-l', '1', '-q'], { HATSTAND_ADDRESS: server.address, HATSTAND_TOKEN: '', HATSTAND_STORE: '' });
    expect(empty.err.split('\n').filter((line) => line.includes(' is empty'))).toEqual([
      'The environment variable HATSTAND_TOKEN is empty, which counts as not set.',
    ]);
    const json = await run(['cancel', '1', '--json'], env);
    expect(
      json.err
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as object),
    ).toEqual([{ warning: { message: told } }, { error: expect.objectContaining({ code: 'not_found' }) }]);
    const serving = await serve([], { HATSTAND_DATA_DIRECTORY: '/x', HATSTAND_JOB_LIFE_TIME: '1', HATSTAND_SERVICE_HOST: 'x' });
    await serving.line(/HATSTAND_DATA_DIRECTORY .*did you mean HATSTAND_DATA_DIR\?/);
    await serving.line(/HATSTAND_JOB_LIFE_TIME .*did you mean HATSTAND_JOB_LIFETIME\?/);
    expect(serving.lines.filter((line) => line.includes('HATSTAND_SERVICE_HOST'))).toEqual([]);
    serving.process.kill('SIGKILL');
    await serving.ended;
  });

  it('says so when there is no server, to people and to programs', async () => {
    const address = 'http://127.0.0.1:9';
    expect(await run(['stats', '-address', address])).toMatchObject({ code: 3, err: expect.stringMatching(/^error: Cannot reach/) });
    const told = await run(['stats', '--json', '-a', address]);
    expect([told.code, JSON.parse(told.err)]).toEqual([3, { error: expect.objectContaining({ code: 'unreachable' }) }]);
  });

  it('counts jobs by queue, worker and state, and tells what waits longest and which nodes there are', async () => {
    const pushed = await hatstand(['push', '--worker', 'nobody', '--queue', 'reports']);
    expect(pushed).toMatchObject({ code: 0, err: 'No live node serves the worker nobody: the job waits until one does.\n' });
    const waiting = pushed.out.trim();
    expect(await output(['info', waiting])).toMatch(/^unserved +no live node serves the worker nobody: it waits until one does$/m);
    const shown = await output(['stats']);
    expect(shown).toMatch(
      /^server +\S+, sqlite-full: .*\nnodes +1 active; \d+ of \d+ slots at work\njobs +\d+\noldest +waits for \S+ in \S+\nunserved +\d+ jobs wait for a worker that no live node serves\n\n/,
    );
    expect(shown).toMatch(/^QUEUE +WORKER +SCHEDULED +QUEUED +RUNNING +STOPPING +SUCCEEDED +FAILED +CANCELED +OLDEST +STATE$/m);
    expect(shown).toMatch(/^reports +nobody +0 +1 +0 +0 +0 +0 +0 +\S+ +open$/m);
    expect(JSON.parse(await output(['stats', '--json']))).toMatchObject({
      server: {
        lines: expect.arrayContaining([expect.objectContaining({ queue: 'reports', worker: 'nobody' })]),
        total: expect.any(Number),
      },
      queues: expect.arrayContaining([expect.objectContaining({ name: 'reports', oldestWaiting: expect.any(String) })]),
      nodes: [expect.objectContaining({ state: 'live' })],
    });
    await output(['cancel', waiting]);
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
    for (const line of [['stats'], ['list'], ['push', '-'], ['wait', '1'], ['nodes', 'drain', 'x'], ['export']]) {
      expect(await run([...line, '-a', address], { HATSTAND_TOKEN: '' }, '{"url":"http://x/"}')).toMatchObject({
        code: 4,
        err: expect.stringContaining('The command line is given it by --token, or by HATSTAND_TOKEN.'),
      });
    }
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
