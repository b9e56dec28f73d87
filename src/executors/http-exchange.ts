/** One request and its answer over one connection, as a handler for undici. It ends once, whatever the other side does. */
import type { Dispatcher } from 'undici';
import { failpoint } from '../failpoint.ts';
import { type Fault, failed, faultOf, type Phase } from './http-fault.ts';
import type { AnswerHeaders } from './http-fields.ts';
import { type Gunzip, gzipCodings, makeGunzip } from './http-gunzip.ts';
import { noOutput, Output, type OutputText } from './http-output.ts';
import { isOverPace } from './http-pace.ts';

export interface Answer extends OutputText {
  /** `null`: nothing was answered. */
  readonly status: number | null;
  readonly headers: AnswerHeaders;
  /** A connection was there, and the request left over it. */
  readonly sent: boolean;
  /** Why the answer is not complete; `null` when it is, or when enough of it was read. */
  readonly fault: Fault | null;
}

interface ExchangeOptions {
  readonly origin: string;
  /** Bytes of the body that are kept. */
  readonly outputBytes: number;
  /** Whether a gzip body is decoded. */
  readonly decode: boolean;
  /** Whether a redirect will be followed, so that its own body does not matter. */
  readonly follow: boolean;
}

/** A redirect's body is read to its end, so that the connection can be used again, if it is no longer than this. */
const redirectBytes = 2_048;

const resetContent = 205;
const isFramed = (headers: AnswerHeaders): boolean => 'content-length' in headers || 'transfer-encoding' in headers;

const abandoned = new Error('the exchange is over');

/** Where an answer redirects to; `null`: it is no redirect, or does not say where to. */
export function redirectOf(status: number | null, headers: AnswerHeaders): string | null {
  if (status !== 301 && status !== 302 && status !== 303 && status !== 307 && status !== 308) return null;
  const header = headers['location'];
  const location = Array.isArray(header) ? header[0] : header;
  return location === undefined || location === '' ? null : Buffer.from(location, 'latin1').toString();
}

export class Exchange implements Dispatcher.DispatchHandler {
  /** What came, once the exchange is over. */
  readonly answer: Promise<Answer>;
  readonly #options: ExchangeOptions;
  readonly #resolve: (answer: Answer) => void;
  #controller: Dispatcher.DispatchController | null = null;
  #sent: boolean = false;
  #phase: Phase = 'silent';
  #status: number | null = null;
  #headers: AnswerHeaders = {};
  #output: Output | null = null;
  #gunzip: Gunzip | null = null;
  #over: boolean = false;
  #pauses = 0;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.answer = promise;
    this.#resolve = resolve;
  }

  /** Ends the exchange and closes its connection. Does nothing when it is over. */
  stop(fault: Fault): void {
    this.#end(fault);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#over) {
      controller.abort(abandoned);
      return;
    }
    this.#sent = true;
    failpoint('dispatch.before_send');
  }

  onResponseStarted(): void {
    this.#phase = 'head';
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: AnswerHeaders): void {
    if (status < 200) {
      // Those that are allowed do not come here (http-head.ts).
      this.#end(failed('net/http: too many 1xx informational responses', 'malformed'));
      return;
    }
    this.#phase = 'body';
    this.#status = status;
    this.#headers = headers;
    const followed = this.#options.follow && redirectOf(status, headers) !== null;
    this.#output = new Output(followed ? redirectBytes : this.#options.outputBytes);
    const codings = this.#options.decode ? gzipCodings(headers) : 0;
    if (codings > 0) this.#gunzip = this.#decoder(this.#output, codings, controller);
    // Without a length it would be read to the end of the connection, although it has no body (RFC 9110 §15.3.6).
    if (status === resetContent && !isFramed(headers)) this.#end(null);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over) return;
    if (this.#gunzip !== null) {
      if (!this.#gunzip.write(chunk)) this.#pause(controller);
    } else if (this.#output?.add(chunk) === false) {
      this.#end(null);
      return;
    }
    if (isOverPace(chunk.length, () => this.#resume(controller))) this.#pause(controller);
  }

  onResponseEnd(): void {
    this.#controller = null;
    if (this.#gunzip === null) this.#end(null);
    else this.#gunzip.end();
  }

  onResponseError(_: unknown, error: unknown): void {
    this.#controller = null;
    if (!this.#over) this.#end(faultOf(error, this.#phase, this.#options.origin));
  }

  /** It goes on when all that have paused it have resumed it. */
  #pause(controller: Dispatcher.DispatchController): void {
    if (this.#pauses === 0) controller.pause();
    this.#pauses += 1;
  }

  #resume(controller: Dispatcher.DispatchController): void {
    this.#pauses -= 1;
    if (this.#pauses === 0 && !this.#over) controller.resume();
  }

  #decoder(output: Output, codings: number, controller: Dispatcher.DispatchController): Gunzip {
    return makeGunzip(output, codings, {
      onDrain: () => this.#resume(controller),
      onFull: () => this.#end(null),
      onEnd: () => this.#end(null),
      onFault: (text) => this.#end(failed(text, text === 'unexpected EOF' ? 'reset' : 'malformed')),
    });
  }

  /** The first call decides. A connection that is still in use is closed: what is left of the answer is not wanted. */
  #end(fault: Fault | null): void {
    if (this.#over) return;
    this.#over = true;
    this.#resolve({ status: this.#status, headers: this.#headers, sent: this.#sent, fault, ...(this.#output?.text() ?? noOutput) });
    this.#output = null;
    this.#gunzip?.close();
    this.#controller?.abort(abandoned);
  }
}
