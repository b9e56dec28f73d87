/** A disk of a few megabytes: a tmpfs in a mount namespace of its own, which nobody else sees and which ends with the test. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

export interface SmallDisk {
  /** Where it is mounted; to processes outside the namespace an empty folder. */
  readonly folder: string;
  /** The command that runs another one inside. */
  readonly inside: readonly string[];
  /** Runs a shell's line in the disk's folder and answers what it writes. */
  sh(line: string): Promise<string>;
  close(): Promise<void>;
}

export async function openSmallDisk(megabytes: number): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'hatstand-disk-'));
  // Without root a user namespace makes one root, over what is inside it.
  const root = process.getuid?.() === 0;
  const own = root ? ['--mount'] : ['--user', '--map-root-user', '--mount'];
  const mount = `mount -t tmpfs -o size=${megabytes}m hatstand "$0" && echo mounted && exec cat`;
  const keeper = spawn('unshare', [...own, 'sh', '-c', mount, folder], { stdio: ['pipe', 'pipe', 'pipe'] });
  const complaints = text(keeper.stderr);
  const ended = once(keeper, 'exit');
  const failed = ended.then(async () => {
    throw new Error(`this test mounts a tmpfs, as root or in a user namespace, and neither is possible here: ${await complaints}`);
  });
  failed.catch(() => undefined);
  await Promise.race([once(keeper.stdout, 'data'), failed]);
  const entered = root ? ['--mount'] : ['--preserve-credentials', '--user', '--mount'];
  const inside = ['nsenter', ...entered, '--target', String(keeper.pid)];
  return {
    folder,
    inside,
    async sh(line) {
      const [command = '', ...args] = [...inside, 'sh', '-c', `cd "$0" && ${line}`, folder];
      return (await promisify(execFile)(command, args)).stdout;
    },
    async close() {
      keeper.stdin.end();
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}
