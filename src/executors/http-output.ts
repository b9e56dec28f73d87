/** The text of an answer, kept up to a limit. */
import { isUtf8 } from 'node:buffer';

export interface OutputText {
  readonly output: string;
  readonly outputCut: boolean;
}

export const noOutput: OutputText = { output: '', outputCut: false };

/** Room for a second chunk and some more; it then doubles, so that many tiny chunks cost no more than a few large ones. */
const firstRoom = 16_384;

export class Output {
  readonly #limit: number;
  /** The only chunk, as it came, or room that grows and of which `#length` bytes are filled. */
  #bytes: Buffer | null = null;
  #length = 0;
  #cut: boolean = false;

  /** `limit`: bytes that are kept, at least 0. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** `false`: the limit is passed and nothing more need come. */
  add(chunk: Buffer): boolean {
    if (chunk.length > this.#limit - this.#length) this.#cut = true;
    // One byte beyond the limit shows whether a character ends there.
    const kept = this.#cut ? chunk.subarray(0, this.#limit + 1 - this.#length) : chunk;
    if (this.#bytes === null) {
      this.#bytes = kept;
    } else {
      this.#bytes = withRoom(this.#bytes, this.#length, this.#length + kept.length, this.#limit + 1);
      kept.copy(this.#bytes, this.#length);
    }
    this.#length += kept.length;
    return !this.#cut;
  }

  /** Bytes that are not UTF-8 become U+FFFD; a character that the limit would split is left out. */
  text(): OutputText {
    if (this.#bytes === null) return noOutput;
    const all = this.#bytes.subarray(0, this.#length);
    const kept = this.#cut ? upTo(all, this.#limit) : all;
    if (isUtf8(kept)) return { output: kept.toString(), outputCut: this.#cut };
    // A replaced byte grows to three, so the text may pass the limit although the bytes did not.
    const replaced = Buffer.from(kept.toString());
    return { output: upTo(replaced, this.#limit).toString(), outputCut: this.#cut || replaced.length > this.#limit };
  }
}

function withRoom(bytes: Buffer, filled: number, needed: number, most: number): Buffer {
  if (bytes.length >= needed) return bytes;
  const room = Buffer.allocUnsafe(Math.min(most, Math.max(firstRoom, 2 * needed)));
  bytes.copy(room, 0, 0, filled);
  return room;
}

/** At most `limit` bytes, ending where a UTF-8 character ends. */
function upTo(bytes: Buffer, limit: number): Buffer {
  if (bytes.length <= limit) return bytes;
  let end = limit;
  while (end > 0 && end > limit - 4 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}
