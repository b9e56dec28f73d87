/** What travels over a link: JSON texts, each behind its length in bytes as four bytes, the greatest first. */

const head = 4;

/** Throws for a frame that cannot be one. */
export type FrameReader = (chunk: Buffer) => readonly unknown[];

/** @param longest asked for each frame: in bytes */
export function makeFrameReader(longest: () => number): FrameReader {
  let kept: readonly Buffer[] = [];
  let length = 0;
  /** Of the frame that has begun; `null`: its head has not come whole. */
  let wanted: number | null = null;

  /** Takes so many bytes off what is kept, which are there. */
  function take(count: number): Buffer {
    const all = kept.length === 1 && kept[0] !== undefined ? kept[0] : Buffer.concat(kept, length);
    kept = [all.subarray(count)];
    length -= count;
    return all.subarray(0, count);
  }

  function next(): unknown {
    if (wanted === null) {
      if (length < head) return undefined;
      wanted = take(head).readUInt32BE();
      if (wanted > longest()) throw new Error(`a frame of ${wanted} bytes`);
    }
    if (length < wanted) return undefined;
    const text = take(wanted).toString();
    wanted = null;
    return JSON.parse(text) as unknown;
  }

  return (chunk) => {
    kept = length === 0 ? [chunk] : [...kept, chunk];
    length += chunk.length;
    const frames: unknown[] = [];
    for (let frame = next(); frame !== undefined; frame = next()) frames.push(frame);
    return frames;
  };
}

export function frameOf(value: unknown): Buffer {
  const text = JSON.stringify(value);
  const frame = Buffer.allocUnsafe(head + Buffer.byteLength(text));
  frame.writeUInt32BE(frame.length - head);
  frame.write(text, head);
  return frame;
}
