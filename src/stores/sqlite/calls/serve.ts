/** The frame of the store's threads: they answer messages until they are told to end. */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { HatstandError, messageOf } from '../../../core/errors.ts';
import type { Cell } from '../file/tape.ts';
import { answerCodes, type Message, openingRequest, refusal } from './message.ts';

export interface ThreadService {
  /**
   * Appends the answer to what the request's cells ask, which begin with its number. It leaves at once or when the promise
   * resolves. What it throws fails the whole request.
   *
   * @param isMoreWaiting whether further requests have come meanwhile
   */
  answer(cells: readonly Cell[], reply: Cell[], isMoreWaiting: () => boolean): void | Promise<void>;
  /** Called after an answer was sent. */
  rest?(): void;
  close(): void;
}

/** Requests are begun in the order in which they come. */
export function serveThread<Data>(open: (data: Data) => ThreadService): void {
  if (parentPort === null) throw new Error('this file is the entry of a worker thread');
  const port = parentPort;
  const fail = (request: number, error: unknown): void => {
    const known = error instanceof HatstandError ? error : new HatstandError('store_unavailable', messageOf(error), {}, { cause: error });
    const reply: Cell[] = [request, answerCodes.failed];
    refusal.write(reply, known);
    port.postMessage(reply);
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

/** The messages that have come and wait to be served; asking whether there are any fetches the next one from the port. */
function makeWaiting(port: MessagePort): Waiting {
  let fetched: Message | undefined;
  const fetch = (): Message | undefined => {
    if (fetched === undefined) fetched = receiveMessageOnPort(port)?.message as Message | undefined;
    return fetched;
  };
  return {
    isMore: () => fetch() !== undefined,
    next() {
      const message = fetch();
      fetched = undefined;
      return message;
    },
  };
}
