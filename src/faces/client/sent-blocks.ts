/** The blocks of a stream of server-sent events (WHATWG HTML, section 9.2), as far as ours have them. */

export interface SentBlock {
  /** `message` unless it is said. */
  readonly event: string;
  /** `null`: it moves the place of nobody. */
  readonly id: string | null;
  /** Its lines joined; `null`: it has none, and is no event. */
  readonly data: string | null;
}

/** What the stream ends in the middle of is no block. */
export async function* sentBlocks(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<SentBlock, void> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of pieces) {
    text += decoder.decode(piece, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    yield* blocks.map(blockOf);
  }
}

function blockOf(text: string): SentBlock {
  const fields = text.split('\n').map((line): readonly [string, string] => {
    const colon = line.indexOf(':');
    return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
  });
  const last = (name: string): string | null => fields.findLast(([each]) => each === name)?.[1] ?? null;
  const data = fields.flatMap(([name, value]) => (name === 'data' ? value : []));
  return { event: last('event') ?? 'message', id: last('id'), data: data.length === 0 ? null : data.join('\n') };
}
