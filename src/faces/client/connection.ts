/** One server, asked over HTTP with the platform's own `fetch`. */
import type { Millis } from '../../core/duration.ts';
import { HatstandError } from '../../core/errors.ts';
import { faultOfAnswer, faultOfFetch } from './fault.ts';

export interface ConnectionOptions {
  /** `http://host:port`, with a path when the server stands behind one. Default: `http://127.0.0.1:19900`. */
  readonly address?: string;
  /** Sent as a bearer token. */
  readonly token?: string | null;
  readonly userAgent?: string;
  /** How long an answer may take. Default: a minute. */
  readonly timeout?: Millis;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
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
}

export const defaultAddress = 'http://127.0.0.1:19900';
const defaultTimeout: Millis = 60_000;

/** Throws `invalid_request` for an address that is none. Nothing is sent yet. */
export function connect(options: ConnectionOptions = {}): Connection {
  const address = checkAddress(options.address ?? defaultAddress);
  const base: Record<string, string> = {};
  if (options.token) base['authorization'] = `Bearer ${options.token}`;
  if (options.userAgent !== undefined) base['user-agent'] = options.userAgent;

  async function text(call: Call): Promise<string> {
    const { method, path, body, contentType = 'application/json', patience = 0, signal } = call;
    const timeout = Math.ceil((options.timeout ?? defaultTimeout) + patience);
    const limit = AbortSignal.timeout(timeout);
    try {
      const answer = await fetch(`${address}${path}`, {
        method,
        headers: body === undefined ? base : { ...base, 'content-type': contentType },
        signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
        ...(body === undefined ? {} : { body }),
      });
      const answered = await answer.text();
      if (!answer.ok) throw faultOfAnswer(answer.status, answered, address);
      return answered;
    } catch (error) {
      if (error instanceof HatstandError) throw error;
      signal?.throwIfAborted();
      throw faultOfFetch(error, address, timeout, method === 'GET');
    }
  }

  return {
    address,
    text,
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

function checkAddress(written: string): string {
  const full = written.includes('://') ? written : `http://${written}`;
  if (!URL.canParse(full) || !/^https?:\/\/[^/?#]+(\/[^?#]*)?$/i.test(full)) {
    throw new HatstandError('invalid_request', `The address must be such as ${defaultAddress}, not ${JSON.stringify(written)}.`);
  }
  return full.replace(/\/+$/, '');
}

/** `?a=1&b=2` of what is defined; empty when nothing is. */
export function query(parts: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parts)) if (value !== undefined) search.set(name, String(value));
  return search.size === 0 ? '' : `?${search}`;
}

/** Any text as one segment of a path. */
export const segment = (text: string): string => encodeURIComponent(text);
