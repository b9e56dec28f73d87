/** A file that is read from the beginning to the end, or stdin. */
import { open } from 'node:fs/promises';
import { HatstandError, messageOf } from '../../core/errors.ts';
import { hideLogins } from '../../core/login.ts';

export interface Input {
  /** For messages. */
  readonly name: string;
  readonly stream: AsyncIterable<Uint8Array>;
  /** How much of it was read, 0 to 1, which runs a little ahead of what was done with it; `null`: nobody knows. */
  readonly part: () => number | null;
  /** Reads no more, also when more may come. */
  close(): void;
}

/**
 * `-` is stdin. Throws `invalid_request` for a file that cannot be read.
 *
 * @param advice what to do about a word that is no file; empty: nothing is known. Begins with a blank
 */
export async function openInput(file: string, advice: (word: string) => string = () => ''): Promise<Input> {
  if (file === '-') return { name: 'stdin', stream: process.stdin, part: () => null, close: () => void process.stdin.destroy() };
  try {
    const handle = await open(file);
    const stat = await handle.stat();
    if (stat.isDirectory()) {
      await handle.close();
      throw new Error('it is a folder');
    }
    const { size } = stat;
    const stream = handle.createReadStream({ highWaterMark: 256 * 1024 });
    return { name: file, stream, part: () => stream.bytesRead / size, close: () => void stream.destroy() };
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const reason = isMissing ? 'there is no such file' : messageOf(error);
    throw new HatstandError('invalid_request', `${shown(file)} cannot be read: ${reason}.${isMissing ? advice(file) : ''}`);
  }
}

/** Nobody means a login, or a whole job, as the name of a file. */
function shown(file: string): string {
  const name = hideLogins(file);
  return name.length > longestShown ? `${name.slice(0, longestShown)}…` : name;
}

const longestShown = 200;
