/** A Redis of one's own: no AOF, no snapshots, its fast case. */
import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { benchFolder } from './folder.ts';

export interface Redis {
  readonly port: number;
  readonly pid: number;
  /** All that it holds in memory, in bytes. */
  usedBytes(): Promise<number>;
  stop(): Promise<void>;
}

export async function startRedis(): Promise<Redis> {
  const port = await freePort();
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', benchFolder()];
  const child = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.once('error', (error) =>
      reject(new Error(`redis-server cannot be started: ${error.message}. On Debian: apt-get install redis-server`)),
    );
    child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('Ready to accept connections')) resolve();
    });
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('redis-server has no process id');
  process.once('exit', () => child.kill('SIGKILL'));
  return {
    port,
    pid,
    usedBytes: () => usedBytes(port),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port was found');
  return address.port;
}

/** Asked without a client, so that none is measured. */
async function usedBytes(port: number): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  try {
    let text = '';
    socket.setEncoding('utf8').write('INFO memory\r\n');
    for await (const chunk of socket) {
      text += String(chunk);
      const found = /used_memory:(\d+)\r\n/.exec(text)?.[1];
      if (found !== undefined) return Number(found);
    }
    throw new Error('Redis did not say how much memory it uses');
  } finally {
    socket.destroy();
  }
}
