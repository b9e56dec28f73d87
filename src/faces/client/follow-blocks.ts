/** Server-sent events over connections that are made again when they are lost, and go on where they were. */
import type { HatstandError } from '../../core/errors.ts';
import type { Connection } from './connection.ts';
import { isPassing } from './fault.ts';
import { type SentBlock, sentBlocks } from './sent-blocks.ts';

export interface FollowBlocks {
  readonly connection: Connection;
  /** @param after the id of the last block that was heard; `undefined`: there was none */
  pathOf(after: string | undefined): string;
  /** The id to begin behind. */
  readonly after: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onLost: ((fault: HatstandError) => void) | undefined;
}

/** Until a connection is made again (ms), doubled while it is not. */
const pause = { first: 200, longest: 5_000 } as const;

/** Goes on until the signal aborts. Throws for what does not pass by itself, also when the server was never reached. */
export async function* followBlocks(parts: FollowBlocks): AsyncGenerator<SentBlock, void> {
  const { connection, signal, onLost } = parts;
  let { after } = parts;
  let isMet = false;
  // Whether it is to end may change while it waits.
  const isOver = (): boolean => signal?.aborted === true;
  for (let wait: number = pause.first; !isOver(); wait = Math.min(2 * wait, pause.longest)) {
    try {
      const pieces = connection.pieces({ method: 'GET', path: parts.pathOf(after), signal });
      for await (const block of sentBlocks(pieces)) {
        isMet = true;
        wait = pause.first;
        after = block.id ?? after;
        yield block;
      }
    } catch (error) {
      if (isOver()) return;
      if (!isMet || !isPassing(error)) throw error;
      onLost?.(error);
    }
    if (!isOver()) await rest(wait, signal);
  }
}

/** Resolves early when it is aborted. */
function rest(time: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, time);
    signal?.addEventListener('abort', done, { once: true });
  });
}
