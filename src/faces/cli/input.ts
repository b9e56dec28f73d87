/** A file that is read from the beginning to the end, or stdin. */
import { open } from 'node:fs/promises';
import { HatstandError, messageOf } from '../../core/errors.ts';

export interface Input {
  /** For messages. */
  readonly name: string;
  readonly stream: AsyncIterable<Uint8Array>;
  /** How much of it was read, 0 to 1, which runs a little ahead of what was done with it; `null`: nobody knows. */
  readonly part: () => number | null;
  /** Reads no more, also when more may come. */
  close(): void;
}

/** `-` is stdin. Throws `invalid_request` for a file that cannot be read. */
export async function openInput(file: string): Promise<Input> {
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
    throw new HatstandError('invalid_request', `${file === '' ? "''" : file} cannot be read: ${messageOf(error)}${advice(file)}`);
  }
}

/** For what looks like a url that lacks its beginning. */
const advice = (file: string): string =>
  /^[\w.-]+(:\d+)?(\/|$)/.test(file) && /^(localhost|[\w.-]+:\d+)/.test(file) ? `. A url begins with http://: http://${file}` : '';
