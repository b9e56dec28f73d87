/** A file that is there whole, for its owner alone, or is not there: what was there before is replaced in the end. */
import { randomBytes } from 'node:crypto';
import { realpathSync, statSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { HatstandError, messageOf } from '../../core/errors.ts';
import { own } from '../../core/rights.ts';

export interface Destination {
  write(piece: Uint8Array): Promise<void>;
  /** It is whole. */
  keep(): Promise<void>;
  /** Nothing is left of it; what was there before stays. */
  giveUp(): Promise<void>;
}

/** Throws `invalid_request` when it cannot be written. */
export async function openDestination(file: string): Promise<Destination> {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats?.isDirectory() === true) throw new Error('it is a folder');
    // A device or a pipe is written as it is.
    if (stats !== undefined && !stats.isFile()) return throughHandle(file, await open(file, 'w'));
    const target = stats === undefined ? file : realpathSync(file);
    const part = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.part`);
    return replacing(file, target, part, await open(part, 'wx', own.file));
  } catch (error) {
    throw unwritable(file, error);
  }
}

function replacing(file: string, target: string, part: string, handle: FileHandle): Destination {
  const { write, ...all } = throughHandle(file, handle);
  return {
    write,
    async keep() {
      try {
        // The umask may have taken more.
        await handle.chmod(own.file);
        await handle.sync();
        await all.keep();
        await rename(part, target);
      } catch (error) {
        await rm(part, { force: true });
        throw unwritable(file, error);
      }
    },
    async giveUp() {
      await all.giveUp();
      await rm(part, { force: true });
    },
  };
}

const throughHandle = (file: string, handle: FileHandle): Destination => ({
  async write(piece) {
    await handle.writeFile(piece).catch((error: unknown) => {
      throw unwritable(file, error);
    });
  },
  keep: () => handle.close(),
  giveUp: () => handle.close().catch(() => undefined),
});

const unwritable = (file: string, error: unknown): HatstandError =>
  new HatstandError('invalid_request', `${file} cannot be written: ${messageOf(error)}.`, { file }, { cause: error });
