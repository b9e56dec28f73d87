/**
 * Makes the heads of answers that HTTP allows such as undici's parser takes, as a connection is read:
 *   - interim answers (1xx) are left out, also `100 Continue` that nobody asked for (RFC 9110 §15.2);
 *   - a value that is folded over several lines becomes one line (obs-fold, RFC 9112 §5.2);
 *   - blanks and tabs behind a value go (RFC 9110 §5.5): undici counts them as digits of a length.
 * Everything else goes to the parser as it came, in short pieces: what is wrong, it refuses.
 */
import { Socket } from 'node:net';

/** `101` ends HTTP on the connection: it is for the parser, which refuses it. */
const interim = /^HTTP\/1\.[01] 1(?!01)\d\d[ \r]/;
/** Bytes of a status line by which it is known. */
const enough = 'HTTP/1.1 100 '.length;
const endOfHead = '\r\n\r\n';
/** Longer heads, and more interim ones, go to the parser as they come. */
const longestHead = 65_536;
const mostInterims = 100;
/**
 * The parser makes an error of each field behind the one that was too much, until the end of what it was given: 64 KiB of them took
 * a tenth of a second.
 */
const piece = 4_096;
const blanks = new Set([...'\t\n\r '].map((blank) => blank.charCodeAt(0)));
const fold = /\r\n[ \t]+/g;
const behindValue = /[ \t]+(?=\r\n|$)/g;
/** One of them. */
const uneasy = /\r\n[ \t]|[ \t]\r\n|[ \t]$/;

export function easeHeads(connection: unknown): void {
  if (!(connection instanceof Socket)) return;
  const read = connection.read.bind(connection);
  /** As many bytes were written when the head of an answer was last expected: each request writes more. */
  let written = 0;
  let head: HeadReader | null = null;
  connection.read = (size?: number): Buffer | null => {
    // The parser has refused what it was given: the rest is for nobody.
    if (connection.destroyed) return null;
    const chunk: Buffer | null = read(size ?? (connection.readableLength > piece ? piece : undefined));
    if (chunk === null) return null;
    if (connection.bytesWritten !== written) {
      written = connection.bytesWritten;
      head = new HeadReader();
    }
    if (head === null) return chunk;
    const bytes = head.take(chunk);
    if (head.isOver) head = null;
    return bytes;
  };
}

/** The bytes with which an answer begins, up to the end of its head. */
class HeadReader {
  isOver: boolean = false;
  #held: Buffer | null = null;
  #interims = 0;
  /** The first bytes of a head have been given on: it is no interim one. */
  #isFinal: boolean = false;

  /** What the parser gets; `null`: nothing yet. */
  take(chunk: Buffer): Buffer | null {
    let bytes = this.#held === null ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = null;
    while (!this.#isFinal && mayBeInterim(bytes) && this.#interims < mostInterims && bytes.length <= longestHead) {
      const end = bytes.indexOf(endOfHead);
      if (end < 0) return this.#hold(bytes);
      this.#interims += 1;
      bytes = bytes.subarray(end + endOfHead.length);
      if (bytes.length === 0) return null;
    }
    this.#isFinal = true;
    const end = bytes.indexOf(endOfHead);
    this.isOver = end >= 0 || bytes.length > longestHead;
    if (this.isOver) return easeLines(bytes, end < 0 ? bytes.length : end);
    // What ends in blanks or line breaks may go on as a fold.
    const known = lengthWithoutBlanks(bytes);
    if (known < bytes.length) this.#held = Buffer.from(bytes.subarray(known));
    return known === 0 ? null : easeLines(bytes.subarray(0, known), known);
  }

  #hold(bytes: Buffer): null {
    this.#held = bytes;
    return null;
  }
}

/** It is the head of an interim answer, or the beginning of one. */
function mayBeInterim(bytes: Buffer): boolean {
  if (bytes.length >= enough) return bytes[9] === 0x31 && interim.test(bytes.toString('latin1', 0, enough));
  return interim.test(bytes.toString('latin1') + 'HTTP/1.1 100 '.slice(bytes.length));
}

function lengthWithoutBlanks(bytes: Buffer): number {
  let length = bytes.length;
  while (length > 0 && blanks.has(bytes[length - 1] ?? 0)) length -= 1;
  return length;
}

/** Eases the first `length` bytes. */
function easeLines(bytes: Buffer, length: number): Buffer {
  const text = bytes.toString('latin1', 0, length);
  if (!uneasy.test(text)) return bytes;
  const eased = text.replace(fold, ' ').replace(behindValue, '');
  return Buffer.concat([Buffer.from(eased, 'latin1'), bytes.subarray(length)]);
}
