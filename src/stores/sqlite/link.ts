/** The main thread's end of one of the store's threads. */
import { Worker } from 'node:worker_threads';
import { type ErrorCode, errorTable, HatstandError, messageOf } from '../../core/errors.ts';
import { type Cell, TapeReader } from './tape.ts';
import { answerCodes, openingRequest } from './thread.ts';

export interface Link {
  /**
   * Sends a tape; its first cell is set to the request's number. The answer stands at its first own cell. Never throws:
   * also a tape that cannot be sent rejects.
   */
  request(cells: Cell[]): Promise<TapeReader>;
  /** What was asked before is answered first. */
  close(): Promise<void>;
}

export interface LinkOptions {
  readonly entry: 'writer' | 'reader';
  readonly data: unknown;
  /** Megabytes that the thread's young objects may take: the smaller, the smaller the resident memory. */
  readonly youngMegabytes: number;
  /** Called once when the thread, once it was open, ends or fails without having been told to. */
  onFailure(error: HatstandError): void;
}

interface Waiting {
  resolve(tape: TapeReader): void;
  reject(error: HatstandError): void;
}

/** Starts the thread; resolves once it is open, rejects with its error when it cannot be. */
export async function openLink(options: LinkOptions): Promise<Link> {
  const thread = startThread(options);
  const waiting = new Map<number, Waiting>();
  let requests = openingRequest;
  let open: boolean = false;
  let closing = false;

  const exited = new Promise<void>((resolve) => {
    thread.once('exit', () => {
      resolve();
      if (!closing) lose(new HatstandError('store_unavailable', `The store's ${options.entry} thread ended unexpectedly.`));
    });
  });
  const lose = (error: HatstandError): void => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
    if (open && !closing) options.onFailure(error);
    closing = true;
    void thread.terminate();
  };
  thread.on('error', (error) =>
    lose(new HatstandError('store_unavailable', `The store's ${options.entry} thread failed: ${error.message}`)),
  );
  thread.on('message', (message: readonly Cell[]) => {
    const tape = new TapeReader(message);
    const request = tape.number();
    const receiver = waiting.get(request);
    waiting.delete(request);
    if (tape.number() === answerCodes.answered) receiver?.resolve(tape);
    else {
      const error = readError(tape);
      receiver?.reject(error);
      if (request !== openingRequest) lose(error);
    }
  });

  const link: Link = {
    request(cells) {
      if (closing) return Promise.reject(new HatstandError('store_unavailable', 'The store is closed.'));
      requests += 1;
      cells[0] = requests;
      const request = requests;
      const answer = awaitAnswer(waiting, request);
      try {
        thread.postMessage(cells);
      } catch (error) {
        waiting.get(request)?.reject(new HatstandError('internal', `The call cannot be sent: ${messageOf(error)}`, {}, { cause: error }));
        waiting.delete(request);
      }
      return answer;
    },
    async close() {
      closing = true;
      thread.postMessage(null);
      await exited;
    },
  };
  await awaitAnswer(waiting, openingRequest).catch(async (error: unknown) => {
    await link.close();
    throw error;
  });
  open = true;
  return link;
}

function awaitAnswer(waiting: Map<number, Waiting>, request: number): Promise<TapeReader> {
  return new Promise((resolve, reject) => {
    waiting.set(request, { resolve, reject });
  });
}

/** The same file type as this one: from source as well as from the build. */
function startThread({ entry, data, youngMegabytes }: LinkOptions): Worker {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new Worker(new URL(`./${entry}.${extension}`, import.meta.url), {
    name: `hatstand-${entry}`,
    workerData: data,
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: youngMegabytes },
  });
}

/** Reads what `refuse` and `fail` write: a code, a message and the details as JSON. */
export function readError(tape: TapeReader): HatstandError {
  const code = tape.text();
  const message = tape.text();
  const details = JSON.parse(tape.text()) as Readonly<Record<string, unknown>>;
  return new HatstandError(code in errorTable ? (code as ErrorCode) : 'internal', message, details);
}
