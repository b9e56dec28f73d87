/** The frame of the store's threads: one message is a request number and a tape, and so is its answer. */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { HatstandError, messageOf } from '../../core/errors.ts';
import type { Cell } from './tape.ts';

/** The second cell of every answer. */
export const answerCodes = { answered: 0, failed: 1 } as const;
/** The number of the answer that tells that the thread is open; requests count from 1. */
export const openingRequest = 0;

type Message = readonly Cell[] | null;

export interface ThreadService {
  /**
   * Appends the answer, which leaves at once or when the promise resolves. What it throws fails the whole request.
   *
   * @param isMoreWaiting whether further requests have come meanwhile
   */
  answer(cells: readonly Cell[], reply: Cell[], isMoreWaiting: () => boolean): void | Promise<void>;
  /** Called after an answer was sent. */
  rest?(): void;
  close(): void;
}

/** Answers requests until a `null` comes. Requests are begun in the order in which they come. */
export function serveThread<Data>(open: (data: Data) => ThreadService): void {
  if (parentPort === null) throw new Error('this file is the entry of a worker thread');
  const port = parentPort;
  const fail = (request: number, error: unknown): void => {
    const known = error instanceof HatstandError ? error : new HatstandError('store_unavailable', messageOf(error), {}, { cause: error });
    port.postMessage([request, answerCodes.failed, known.code, known.message, JSON.stringify(known.details)]);
  };

  let service: ThreadService;
  try {
    service = open(workerData as Data);
  } catch (error) {
    fail(openingRequest, error);
    return;
  }

  const waiting = makeWaiting(port);
  const serve = (message: readonly Cell[]): void => {
    const request = Number(message[0]);
    const reply: Cell[] = [request, answerCodes.answered];
    const done = (): void => {
      port.postMessage(reply);
      service.rest?.();
    };
    try {
      const later = service.answer(message, reply, waiting.isMore);
      if (later === undefined) done();
      else later.then(done, (error: unknown) => fail(request, error));
    } catch (error) {
      fail(request, error);
    }
  };

  // As many requests as are sent before an answer is needed, so this comes to an end.
  port.on('message', (first: Message) => {
    for (let message: Message | undefined = first; message !== undefined; message = waiting.next()) {
      if (message !== null) serve(message);
      else {
        service.close();
        port.close();
        return;
      }
    }
  });
  port.postMessage([openingRequest, answerCodes.answered]);
}

interface Waiting {
  isMore(): boolean;
  next(): Message | undefined;
}

/** The messages that have come and wait to be served: a look takes the next one off the port. */
function makeWaiting(port: MessagePort): Waiting {
  let taken: Message | undefined;
  const take = (): Message | undefined => {
    if (taken === undefined) taken = receiveMessageOnPort(port)?.message as Message | undefined;
    return taken;
  };
  return {
    isMore: () => take() !== undefined,
    next() {
      const message = take();
      taken = undefined;
      return message;
    },
  };
}
