/** Decodes a gzip body into an output that has a limit, so that a small body that decodes to a huge one costs no more than the limit. */
import { createGunzip } from 'node:zlib';
import { type AnswerHeaders, fieldList } from './http-fields.ts';
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

/** A body that was coded more often than this is kept as it came. */
const mostCodings = 4;

/**
 * How often the body was coded with gzip, by its `Content-Encoding`, which is a list (RFC 9110 §8.4); `identity` is no coding.
 * 0: not at all, or also with codings that nobody offered, so that it is kept as it came.
 */
export function gzipCodings(headers: AnswerHeaders): number {
  if (headers['content-encoding'] === undefined) return 0;
  const codings = fieldList(headers, 'content-encoding').filter((coding) => coding !== 'identity');
  return codings.length <= mostCodings && codings.every((coding) => coding === 'gzip' || coding === 'x-gzip') ? codings.length : 0;
}

/** @param codings how often it was coded: 1 or more */
export function makeGunzip(output: Output, codings: number, listener: GunzipListener): Gunzip {
  const streams = Array.from({ length: codings }, () => createGunzip());
  const [first, last] = [streams[0], streams.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError('a body that is decoded was coded at least once');
  let written = false;
  const close = (): void => {
    for (const stream of streams) stream.destroy();
  };
  last.on('data', (chunk: Buffer) => {
    if (!output.add(chunk)) {
      close();
      listener.onFull();
    }
  });
  for (const [at, stream] of streams.entries()) {
    const next = streams[at + 1];
    if (next !== undefined) stream.pipe(next);
    stream.on('error', (error: NodeJS.ErrnoException) => listener.onFault(causeOf(error)));
  }
  first.on('drain', () => listener.onDrain());
  last.on('end', () => listener.onEnd());
  return {
    write(chunk) {
      written = true;
      return first.write(chunk);
    },
    end() {
      // No byte at all is an empty body, not a broken one.
      if (written) {
        first.end();
      } else {
        close();
        listener.onEnd();
      }
    },
    close,
  };
}

function causeOf(error: NodeJS.ErrnoException): string {
  if (error.code === 'Z_BUF_ERROR') return 'unexpected EOF';
  return error.message === 'incorrect header check' ? 'gzip: invalid header' : `gzip: ${error.message}`;
}
