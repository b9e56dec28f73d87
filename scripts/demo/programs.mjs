// The two programs of the demo and of the soak: the server and the web app. They end when those do, however they end.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Failure } from '../failure.mjs';
import { root } from '../paths.mjs';

const tether = join(root, 'scripts', 'tether.cjs');
const meter = join(root, 'scripts', 'soak', 'meter.cjs');
const startTime = 30_000;
const endTime = 20_000;

export const startWorkerApp = () =>
  start('The web app', [join(root, 'examples', 'workerapp', 'workerapp.mjs'), '--port', '0', '--quiet'], () => '');

/** On a free port; on the well-known one if it is free and asked for. */
export async function startServer(folder, { wellKnownPort }) {
  const port = wellKnownPort && (await isFree(19_900)) ? 19_900 : 0;
  const log = join(folder, 'server.log');
  const args = [
    ...['serve', '--print-address', '--addr', `127.0.0.1:${port}`, '--data-dir', join(folder, 'data')],
    ...['--dispatchers', '2', '--max-workers', '16'],
    ...['--log-file', log, '--access-log-file', join(folder, 'access.log')],
  ];
  const tail = () => (existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').slice(-20).join('\n') : '');
  return await start('The server', [join(root, 'dist', 'faces', 'cli', 'main.js'), ...args], tail);
}

/** On a free port. It answers messages with its memory. */
export const startSoaked = (args) => start('The node', ['--require', meter, join(root, 'scripts', 'soak', 'node.mjs'), ...args], () => '');

/** Resolves when the program has printed its address. */
async function start(what, args, log) {
  // HATSTAND_… and HQ_… of the person at the keyboard are for their own server.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(HATSTAND|HQ|SKYFORGE)_/.test(name)));
  const child = spawn(process.execPath, ['--require', tether, ...args], { env, cwd: root, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    complaints = (complaints + text).slice(-4_000);
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const address = await new Promise((resolve, reject) => {
    const fail = (why) => reject(new Failure(`${what} ${why}.\n${complaints}${log()}`));
    const timer = setTimeout(() => fail(`has not started within ${startTime / 1_000} s`), startTime);
    child.once('exit', (code, signal) => fail(`ended with ${code ?? signal}`));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!line.startsWith('http://')) return;
      clearTimeout(timer);
      resolve(line.trim());
    });
  }).catch((error) => {
    child.kill('SIGKILL');
    throw error;
  });
  return {
    address,
    child,
    async stop() {
      const timer = setTimeout(() => child.kill('SIGKILL'), endTime);
      child.kill('SIGTERM');
      await ended;
      clearTimeout(timer);
    },
  };
}

async function isFree(port) {
  const probe = createServer();
  try {
    await new Promise((resolve, reject) => probe.once('error', reject).listen(port, '127.0.0.1', resolve));
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}
