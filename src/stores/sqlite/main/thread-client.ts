/** The main thread's end of one of the store's threads. */
import type { Millis } from '../../../core/duration.ts';
import { HatstandError, messageOf } from '../../../core/errors.ts';
import { settlesWithin, startThread } from '../../thread.ts';
import { answerCodes, openingRequest, refusal } from '../calls/message.ts';
import { type Cell, TapeReader } from '../file/tape.ts';

export interface ThreadClient {
  /**
   * Sends a tape; its first cell is set to the request's number. The answer stands at its first own cell. Never throws:
   * also a tape that cannot be sent rejects.
   */
  request(cells: Cell[]): Promise<TapeReader>;
  /**
   * What was asked before is answered first. Throws `store_unavailable` when the thread does not end in time: its disk does not
   * answer. It is given up then, and so are its calls.
   */
  close(): Promise<void>;
}

export interface ThreadClientOptions {
  readonly entry: 'writer' | 'reader';
  readonly data: unknown;
  /** Called once when the thread, once it was open, ends or fails without having been told to. */
  onFailure(error: HatstandError): void;
}

interface Waiting {
  resolve(tape: TapeReader): void;
  reject(error: HatstandError): void;
}

/** Longer than a busy disk takes for what is left to write. */
const closeWithin: Millis = 5_000;

/** Of each thread: its objects are short-lived rows. */
const youngMegabytes = 6;

/**
 * Starts the thread; resolves once it is open, rejects with its error when it cannot be. It keeps the process only while an answer
 * is due: what was acknowledged is on the disk, so whoever has nothing more to do may end without closing the store.
 */
export async function openThreadClient(options: ThreadClientOptions): Promise<ThreadClient> {
  const { entry, data } = options;
  const thread = startThread(`../${entry}/entry`, import.meta.url, { name: `hatstand-${entry}`, data, youngMegabytes });
  const waiting = new Map<number, Waiting>();
  let requests = openingRequest;
  let open: boolean = false;
  let closing = false;

  const keepProcess = (): void => void (waiting.size === 0 ? thread.unref() : thread.ref());

  const exited = new Promise<void>((resolve) => {
    thread.once('exit', () => {
      resolve();
      if (!closing) lose(new HatstandError('store_unavailable', `The store's ${entry} thread ended unexpectedly.`));
    });
  });
  const lose = (error: HatstandError): void => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
    if (open && !closing) options.onFailure(error);
    closing = true;
    void thread.terminate();
  };
  thread.on('error', (error) => lose(new HatstandError('store_unavailable', `The store's ${entry} thread failed: ${error.message}`)));
  thread.on('message', (message: readonly Cell[]) => {
    const tape = new TapeReader(message);
    const request = tape.number();
    const receiver = waiting.get(request);
    waiting.delete(request);
    keepProcess();
    if (tape.number() === answerCodes.answered) receiver?.resolve(tape);
    else {
      const error = refusal.read(tape);
      receiver?.reject(error);
      if (request !== openingRequest) lose(error);
    }
  });

  const client: ThreadClient = {
    request(cells) {
      if (closing) return Promise.reject(new HatstandError('store_unavailable', 'The store is closed.'));
      requests += 1;
      cells[0] = requests;
      const request = requests;
      const answer = awaitAnswer(waiting, request);
      keepProcess();
      try {
        thread.postMessage(cells);
      } catch (error) {
        waiting.get(request)?.reject(new HatstandError('internal', `The call cannot be sent: ${messageOf(error)}`, {}, { cause: error }));
        waiting.delete(request);
        keepProcess();
      }
      return answer;
    },
    async close() {
      closing = true;
      thread.ref();
      thread.postMessage(null);
      if (await settlesWithin(exited, closeWithin)) return;
      const error = hanging(entry);
      lose(error);
      thread.unref();
      throw error;
    },
  };
  await awaitAnswer(waiting, openingRequest).catch(async (error: unknown) => {
    await client.close();
    throw error;
  });
  open = true;
  return client;
}

const hanging = (entry: string): HatstandError =>
  new HatstandError(
    'store_unavailable',
    `The store's ${entry} thread does not end: its disk has not answered for ${closeWithin / 1_000} s.`,
    { hangs: true },
  );

function awaitAnswer(waiting: Map<number, Waiting>, request: number): Promise<TapeReader> {
  return new Promise((resolve, reject) => {
    waiting.set(request, { resolve, reject });
  });
}
