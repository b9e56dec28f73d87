/** Decodes a gzip body into an output that has a limit, so that a small body that decodes to a huge one costs no more than the limit. */
import { createGunzip } from 'node:zlib';
import type { Output } from './http-output.ts';

export interface Gunzip {
  /** `false`: wait until `onDrain` before more is written. */
  write(chunk: Buffer): boolean;
  end(): void;
  close(): void;
}

interface GunzipListener {
  onDrain(): void;
  /** The output is full; the rest is not wanted. */
  onFull(): void;
  onEnd(): void;
  /** In Go's words: `unexpected EOF`, `gzip: invalid header`. */
  onFault(cause: string): void;
}

export function makeGunzip(output: Output, listener: GunzipListener): Gunzip {
  const stream = createGunzip();
  let written = false;
  stream.on('data', (chunk: Buffer) => {
    if (!output.add(chunk)) {
      stream.destroy();
      listener.onFull();
    }
  });
  stream.on('drain', () => listener.onDrain());
  stream.on('end', () => listener.onEnd());
  stream.on('error', (error: NodeJS.ErrnoException) => listener.onFault(causeOf(error)));
  return {
    write(chunk) {
      written = true;
      return stream.write(chunk);
    },
    end() {
      // No byte at all is an empty body, not a broken one.
      if (written) {
        stream.end();
      } else {
        stream.destroy();
        listener.onEnd();
      }
    },
    close: () => void stream.destroy(),
  };
}

function causeOf(error: NodeJS.ErrnoException): string {
  if (error.code === 'Z_BUF_ERROR') return 'unexpected EOF';
  return error.message === 'incorrect header check' ? 'gzip: invalid header' : `gzip: ${error.message}`;
}
