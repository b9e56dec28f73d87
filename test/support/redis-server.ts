/** A real redis-server on a free port, in a temporary folder, ended by its process id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { Certificates } from './certificates.ts';
import { freePort } from './ports.ts';
import { until } from './until.ts';

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
  let running = await launch(args);
  const ask = (...command: readonly string[]): Promise<unknown> => askOnce(port, options, command);

  async function ready(): Promise<void> {
    await until(`redis-server on port ${port}`, async () => {
      if (running.child.exitCode !== null) throw new Error(`redis-server ended:\n${running.log.join('')}`);
      return (await ask('PING').catch(() => null)) === 'PONG';
    });
  }

  async function kill(signal: NodeJS.Signals): Promise<void> {
    const { child } = running;
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGCONT');
    child.kill(signal);
    await once(child, 'close');
  }

  async function stop(): Promise<void> {
    await kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }

  await ready().catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    port,
    url: `${options.tls === undefined ? 'redis' : 'rediss'}://${options.password === undefined ? '' : `:${options.password}@`}127.0.0.1:${port}`,
    folder,
    get pid() {
      return running.child.pid ?? 0;
    },
    ask,
    kill,
    signal(signal) {
      running.child.kill(signal);
    },
    async restart() {
      await kill('SIGTERM');
      running = await launch(args);
      await ready();
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

interface Running {
  readonly child: ChildProcess;
  /** What it wrote. */
  readonly log: string[];
}

async function launch(args: readonly string[]): Promise<Running> {
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  child.once('close', () => children.delete(child));
  const log: string[] = [];
  child.stdout.on('data', (data) => log.push(String(data)));
  child.stderr.on('data', (data) => log.push(String(data)));
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => {
      reject(new Error('redis-server cannot be started. Install it: apt-get install redis-server redis-sentinel', { cause: error }));
    });
  });
  return { child, log };
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
