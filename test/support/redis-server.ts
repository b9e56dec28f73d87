/** A real redis-server on a free port, in a temporary folder, ended by its process id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { Certificates } from './certificates.ts';
import { makeChanges } from './changes.ts';
import { freePort } from './ports.ts';

export interface RedisServerOptions {
  /** A free one when not given. */
  readonly port?: number;
  /** Arguments such as `'--appendonly', 'yes'`; by default nothing is kept on disk. */
  readonly flags?: readonly string[];
  readonly password?: string;
  /** The port then speaks TLS alone. */
  readonly tls?: Certificates;
  /** Started as a sentinel with this configuration file. */
  readonly sentinel?: string;
}

export interface RedisServer {
  readonly port: number;
  /** `redis://127.0.0.1:port`, with the password when it has one. */
  readonly url: string;
  readonly folder: string;
  readonly pid: number;
  /** Sends one command over a connection of its own; throws what the server answers. */
  ask(...command: readonly string[]): Promise<unknown>;
  /** Ends it and waits for its end: SIGTERM saves, SIGKILL does not. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** The same port, folder and flags again. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'hatstand-redis-'));
  const port = options.port ?? (await freePort());
  const args = argumentsOf(options, port, folder);
  let child = await launch(args).catch((error: unknown) => {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  });
  const ask = (...command: readonly string[]): Promise<unknown> => askOnce(port, options, command);

  async function kill(signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGCONT');
    child.kill(signal);
    await once(child, 'close');
  }

  async function stop(): Promise<void> {
    await kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }

  return {
    port,
    url: `${options.tls === undefined ? 'redis' : 'rediss'}://${options.password === undefined ? '' : `:${options.password}@`}127.0.0.1:${port}`,
    folder,
    get pid() {
      return child.pid ?? 0;
    },
    ask,
    kill,
    signal(signal) {
      child.kill(signal);
    },
    async restart() {
      await kill('SIGTERM');
      child = await launch(args);
    },
    stop,
  };
}

function argumentsOf({ flags = [], password, tls, sentinel }: RedisServerOptions, port: number, folder: string): readonly string[] {
  const place = ['--bind', '127.0.0.1', '--dir', folder];
  if (sentinel !== undefined) return [sentinel, '--sentinel', ...place, '--port', String(port), ...flags];
  const files = (names: Certificates): readonly string[] => [
    ...['--tls-cert-file', names.serverCert, '--tls-key-file', names.serverKey, '--tls-ca-cert-file', names.ca],
    ...['--tls-port', String(port), '--port', '0'],
  ];
  return [
    ...place,
    ...(tls === undefined ? ['--port', String(port)] : files(tls)),
    ...['--save', '', '--appendonly', 'no'],
    ...(password === undefined ? [] : ['--requirepass', password, '--masterauth', password]),
    ...flags,
  ];
}

/** Of this process, which may end without having stopped them. */
const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** A server says so when it takes calls; a sentinel says who it is. */
const ready = /Ready to accept connections|Sentinel ID is/;

/** Resolves when it takes calls. */
async function launch(args: readonly string[]): Promise<ChildProcess> {
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  child.once('close', () => children.delete(child));
  let log = '';
  const { changed, seen } = makeChanges();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      log += String(data);
      changed();
    });
  }
  try {
    const ended = once(child, 'close').then(() => Promise.reject(new Error(`redis-server ended:\n${log}`)));
    await Promise.race([seen(() => ready.test(log)), ended]);
  } catch (error) {
    if (child.pid !== undefined) throw error;
    throw new Error('redis-server cannot be started. Install it: apt-get install redis-server redis-sentinel', { cause: error });
  }
  return child;
}

async function askOnce(port: number, { password, tls }: RedisServerOptions, [command = '', ...args]: readonly string[]): Promise<unknown> {
  const redis = new Redis({
    port,
    host: '127.0.0.1',
    lazyConnect: true,
    retryStrategy: null,
    enableReadyCheck: false,
    protocol: 2,
    disableClientInfo: true,
    connectTimeout: 2_000,
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls: tls.client() }),
  });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return await redis.call(command, ...args);
  } finally {
    redis.disconnect();
  }
}
