/** One server, asked over HTTP with the platform's own `fetch`. */
import { type Millis, timerDelay } from '../../core/duration.ts';
import { HatstandError } from '../../core/errors.ts';
import { hideLogin } from '../../core/login.ts';
import { faultOfAnswer, faultOfFetch } from './fault.ts';
import { checkOptions, checkTimeout } from './options.ts';
import { makeRecognition } from './recognition.ts';

export interface ConnectionOptions {
  /** `http://host:port`, with a path when the server stands behind one. Default: `http://127.0.0.1:19900`. */
  readonly address?: string;
  /** Sent as a bearer token. */
  readonly token?: string | null;
  readonly userAgent?: string;
  /** How long an answer may take, in milliseconds. Default: a minute. */
  readonly timeout?: Millis;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the server's root; see `query` and `segment`. */
  readonly path: string;
  /** JSON text. */
  readonly body?: string;
  /** Default: `application/json`. */
  readonly contentType?: string;
  /** Added to the connection's timeout: for calls that are meant to take long. */
  readonly patience?: Millis;
  readonly signal?: AbortSignal | undefined;
}

export interface Connection {
  readonly address: string;
  /** The body of a 2xx answer as text. Throws a HatstandError for every other one, or the signal's reason. */
  text(call: Call): Promise<string>;
  /** The same as a value, which is trusted to be what the server's contract says. */
  json<T>(call: Call): Promise<T>;
  /** The body of a 2xx answer as it comes; the timeout counts anew with each piece. Throws as `text` does. */
  pieces(call: Call): AsyncGenerator<Uint8Array, void>;
}

export const defaultAddress = 'http://127.0.0.1:19900';
const defaultTimeout: Millis = 60_000;

/** Sends nothing yet. Throws `invalid_request` for a wrong address or token, without showing what may be secret in it. */
export function connect(options: ConnectionOptions = {}): Connection {
  checkOptions(options, { address: true, token: true, userAgent: true, timeout: true }, 'makeClient');
  const usual = checkTimeout(options.timeout ?? defaultTimeout);
  const address = checkAddress(options.address ?? defaultAddress);
  const base: Record<string, string> = {};
  if (options.token) base['authorization'] = `Bearer ${checkToken(options.token)}`;
  if (options.userAgent !== undefined) base['user-agent'] = options.userAgent;

  function ask({ method, path, body, contentType = 'application/json', signal }: Call, limit: AbortSignal): Promise<Response> {
    return fetch(`${address}${path}`, {
      method,
      headers: body === undefined ? base : { ...base, 'content-type': contentType },
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      ...(body === undefined ? {} : { body }),
    });
  }

  const recognise = makeRecognition(address, (signal) => ask({ method: 'GET', path: '/', signal }, signal));

  async function text(call: Call): Promise<string> {
    const { method, patience = 0, signal } = call;
    const timeout = timerDelay(usual + patience);
    try {
      const limit = AbortSignal.timeout(timeout);
      const answer = await ask(call, limit);
      const answered = await answer.text();
      await recognise(answer, method === 'GET', limit);
      if (!answer.ok) throw faultOfAnswer(answer.status, answered, address);
      return answered;
    } catch (error) {
      if (error instanceof HatstandError) throw error;
      signal?.throwIfAborted();
      throw faultOfFetch(error, address, timeout, method === 'GET');
    }
  }

  async function* pieces(call: Call): AsyncGenerator<Uint8Array, void> {
    const timeout = timerDelay(usual + (call.patience ?? 0));
    const silence = makeSilence(timeout);
    try {
      const answer = await ask(call, silence.signal);
      await recognise(answer, call.method === 'GET', silence.signal);
      if (!answer.ok) throw faultOfAnswer(answer.status, await answer.text(), address);
      for await (const piece of answer.body ?? []) {
        silence.broken();
        yield piece;
      }
    } catch (error) {
      if (error instanceof HatstandError) throw error;
      call.signal?.throwIfAborted();
      throw faultOfFetch(silence.signal.aborted ? silence.signal.reason : error, address, timeout, call.method === 'GET');
    } finally {
      silence.end();
    }
  }

  return {
    address,
    text,
    pieces,
    async json<T>(call: Call) {
      const answered = await text(call);
      try {
        return JSON.parse(answered) as T;
      } catch {
        throw faultOfAnswer(200, answered, address);
      }
    },
  };
}

/** A signal that aborts when nothing has come for `timeout`. */
function makeSilence(timeout: Millis): { readonly signal: AbortSignal; broken(): void; end(): void } {
  const abort = new AbortController();
  const tooLong = (): void => abort.abort(new DOMException('nothing was heard', 'TimeoutError'));
  const timer = setTimeout(tooLong, timeout);
  return { signal: abort.signal, broken: () => void timer.refresh(), end: () => clearTimeout(timer) };
}

function checkAddress(written: unknown): string {
  if (typeof written !== 'string') throw new HatstandError('invalid_request', `The address must be a text such as ${defaultAddress}.`);
  const full = written.includes('://') ? written : `http://${written}`;
  const url = URL.parse(full);
  const shown = JSON.stringify(hideLogin(written));
  if (url === null || !/^https?:\/\/[^/?#]+(\/[^?#]*)?$/i.test(full)) {
    throw new HatstandError('invalid_request', `The address must be such as ${defaultAddress}, not ${shown}.`);
  }
  if (url.username !== '' || url.password !== '') {
    const message = `The address must have no user and no password, and ${shown} has. Leave them out, and give the server's token with --token or HATSTAND_TOKEN.`;
    throw new HatstandError('invalid_request', message);
  }
  return full.replace(/\/+$/, '');
}

/** What may stand in a header; blanks and line breaks at its ends are not sent. */
function checkToken(token: string): string {
  const sent = token.trim();
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(sent)) return sent;
  const message =
    'The token must be one line of characters that a header can hold, and it has others (it is not shown). Give it as the server has it, with --token or HATSTAND_TOKEN.';
  throw new HatstandError('invalid_request', message);
}

/** `?a=1&b=2` of what is defined; empty when nothing is. */
export function query(parts: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parts)) if (value !== undefined) search.set(name, String(value));
  return search.size === 0 ? '' : `?${search}`;
}

/** Any text as one segment of a path. */
export const segment = (text: string): string => encodeURIComponent(text);
