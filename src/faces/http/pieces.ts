/** Answers are written in pieces of about one size: fewer writes for what is small, and a reader's progress in what is large. */

/** Characters, or bytes. */
export const piece = 64 * 1024;

/** Texts that come, such as lines, joined and cut. */
export async function* inPieces(texts: AsyncIterable<string>): AsyncGenerator<string, void> {
  let text = '';
  for await (const next of texts) {
    text += next;
    let at = 0;
    while (text.length - at >= piece) {
      const end = wholeBefore(text, at + piece);
      yield text.slice(at, end);
      at = end;
    }
    if (at > 0) text = text.slice(at);
  }
  if (text !== '') yield text;
}

/** A character of two halves is not cut, unless the text is: either half alone has no UTF-8. */
const wholeBefore = (text: string, end: number): number => (end < text.length && isHighHalf(text.charCodeAt(end - 1)) ? end - 1 : end);
const isHighHalf = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

export function* piecesOf(whole: string | Buffer): Generator<Buffer, void> {
  for (let at = 0; at < whole.length; ) {
    const end = typeof whole === 'string' ? wholeBefore(whole, Math.min(at + piece, whole.length)) : at + piece;
    yield typeof whole === 'string' ? Buffer.from(whole.slice(at, end)) : whole.subarray(at, end);
    at = end;
  }
}
