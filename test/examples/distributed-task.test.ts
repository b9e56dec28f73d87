/** distributed-task as it is written: the words of its document, and the example, in processes of their own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeCertificate } from '../../src/links/certificate.ts';
import { collectLines, type Lines } from '../support/lines.ts';
import { freePort } from '../support/ports.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { until } from '../support/until.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const examples = join(root, 'examples/distributed-task');

interface Program extends Lines {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
}

let redis: RedisServer;
let folder: string;
let programs: Program[];
beforeEach(async () => {
  // One that keeps nothing is warned of.
  redis = await startRedis({ flags: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  folder = mkdtempSync(join(tmpdir(), 'hatstand-distributed-task-'));
  programs = [];
});
afterEach(async () => {
  for (const { child } of programs) child.kill('SIGKILL');
  await Promise.all(programs.map(({ ended }) => ended));
  await redis.stop();
  rmSync(folder, { recursive: true });
});

function run(script: string, ...args: readonly string[]): Program {
  const child = spawn(process.execPath, [script, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  const program = { ...collectLines([child.stdout, child.stderr], ended), child, ended };
  programs.push(program);
  return program;
}

const push = (task: object): Promise<unknown> => redis.ask('LPUSH', 'new-task', JSON.stringify(task));
const stateOf = (id: string): Promise<unknown> => redis.ask('HGET', `task-${id}`, 'state');

/** As the document has them, but for the ports and the function. */
const documented = {
  config: `{
"share_key": "abc",
"key": "test/tls/key.pem",
"cert": "test/tls/certificate.pem",
"redis": {
"host": "localhost",
"port": 6379
},
"host": "localhost",
"port": 5000,
"distributors": [
["localhost", 5000]
]
}`,
  distributor: `#!/usr/bin/env node
var distributor = require('../distributed-task/distributor');
distributor.init(require('./config.json'));
`,
  worker: `#!/usr/bin/env node
var worker = require('../distributed-task/worker');
worker.init(require('./config.json'));
worker.addTask('name', someFunction);
`,
};

it('the words of the document run', { timeout: 60_000 }, async () => {
  mkdirSync(join(folder, 'app'));
  mkdirSync(join(folder, 'test/tls'), { recursive: true });
  symlinkSync(join(root, 'dist/distributed-task'), join(folder, 'distributed-task'));
  const { key, cert } = makeCertificate();
  writeFileSync(join(folder, 'test/tls/key.pem'), key);
  writeFileSync(join(folder, 'test/tls/certificate.pem'), cert);
  const port = await freePort();
  writeFileSync(join(folder, 'app/config.json'), documented.config.replace('6379', String(redis.port)).replaceAll('5000', String(port)));
  writeFileSync(join(folder, 'app/distributor.js'), documented.distributor);
  const someFunction = `function someFunction(manager, task) { console.log(task.data); manager.emit('_end'); }`;
  writeFileSync(join(folder, 'app/worker.js'), `${documented.worker}\n${someFunction}\n`);

  const [distributor, worker] = [run('app/distributor.js'), run('app/worker.js')];
  await push({ id: 'd2f1', function: 'name', data: 'a text' });
  await worker.line(/^a text$/);
  await until('it has ended', async () => (await stateOf('d2f1')) === 'END');
  for (const { child, ended, lines } of [distributor, worker]) {
    child.kill('SIGTERM');
    expect(await ended).toEqual([null, 'SIGTERM']);
    expect(lines.filter((line) => line !== 'a text')).toEqual([]);
  }
});

it('the example counts down, also when the worker that counts is killed', { timeout: 60_000 }, async () => {
  const config = join(folder, 'config.json');
  const written = JSON.parse(readFileSync(join(examples, 'config.json'), 'utf8')) as object;
  writeFileSync(
    config,
    JSON.stringify({ ...written, redis: { host: '127.0.0.1', port: redis.port }, port: await freePort(), debug: true }),
  );
  run(join(examples, 'distributor.cjs'), config);
  const workers = [run(join(examples, 'worker.cjs'), config), run(join(examples, 'worker.cjs'), config)];
  await push({ id: 'first', function: 'countdown', data: { from: 12 } });
  await until('it runs', async () => (await stateOf('first')) === 'RUNNING');
  const watcher = run(join(examples, 'watcher.cjs'), 'first', config);
  await watcher.line(/^\d+$/);
  // By its name, in which its process is.
  const holder = String(await redis.ask('HGET', 'task-first', 'worker'));
  const counting = workers.find(({ child }) => holder.includes(`-${child.pid}.`)) ?? expect.fail(`none is ${holder}`);
  counting.child.kill('SIGKILL');
  await watcher.ended;
  expect(watcher.lines.slice(-3)).toEqual(['1', '0', 'succeeded']);
  expect(watcher.lines.filter((line) => line === '0')).toHaveLength(1);
});
