/**
 * Where one request ends and the next may begin, in bytes as they come. Node's parser takes all requests of a chunk at once,
 * so it is given pieces that end where the end of a request may be.
 *
 * A head ends with an empty line, and so does a chunked body (RFC 9112 §2.1 and §7.1), whose data may hold such a line too: a
 * piece that ends too early does no harm. A body of a known length ends by that.
 */
import type { IncomingHttpHeaders } from 'node:http';

const emptyLine = Buffer.from('\r\n\r\n');

export class Boundary {
  /** Bytes of a body of known length that are still to come. */
  #body = 0;
  /** How many bytes of an empty line the last piece ended with. */
  #begun = 0;

  /** The head of a request was taken. */
  began(headers: IncomingHttpHeaders): void {
    this.#body = headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : 0;
  }

  /** How many of these bytes, at least one, are the next piece. */
  next(bytes: Buffer): number {
    if (this.#body > 0) {
      const length = Math.min(this.#body, bytes.length);
      this.#body -= length;
      return length;
    }
    return this.#completed(bytes) ?? this.#upToEmptyLine(bytes);
  }

  /** The rest of an empty line that the last piece ended with. */
  #completed(bytes: Buffer): number | null {
    if (this.#begun === 0) return null;
    const length = Math.min(emptyLine.length - this.#begun, bytes.length);
    if (emptyLine.compare(bytes, 0, length, this.#begun, this.#begun + length) !== 0) return null;
    this.#begun = (this.#begun + length) % emptyLine.length;
    return length;
  }

  #upToEmptyLine(bytes: Buffer): number {
    const at = bytes.indexOf(emptyLine);
    this.#begun = at === -1 ? begunIn(bytes) : 0;
    return at === -1 ? bytes.length : at + emptyLine.length;
  }
}

/** How many bytes of an empty line stand at the end. */
function begunIn(bytes: Buffer): number {
  for (let length = Math.min(emptyLine.length - 1, bytes.length); length > 0; length--)
    if (emptyLine.compare(bytes, bytes.length - length, bytes.length, 0, length) === 0) return length;
  return 0;
}
