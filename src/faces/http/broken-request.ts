/** Requests that the HTTP parser refuses before there is a request to answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ConnectionError } from 'fastify';
import { contentType, errorText } from './hq/reply.ts';
import { shuttingDown } from './leaving.ts';
import { sign } from './sign.ts';

interface Refusal {
  readonly status: number;
  readonly phrase: string;
  /** In words, where the phrase does not say it. */
  readonly error?: string;
  readonly fields?: readonly string[];
}

const badRequest: Refusal = { status: 400, phrase: 'Bad Request' };
const refusals: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: { status: 431, phrase: 'Request Header Fields Too Large' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, phrase: 'Request Timeout' },
  HPE_UNEXPECTED_CONTENT_LENGTH: {
    ...badRequest,
    error: 'Content-Length stands more than once, or beside Transfer-Encoding; send one of them, once.',
  },
  HPE_INVALID_TRANSFER_ENCODING: {
    ...badRequest,
    error: 'Transfer-Encoding must be chunked, without Content-Length beside it; send one of them, once.',
  },
  HPE_INVALID_CONTENT_LENGTH: { ...badRequest, error: 'Content-Length must be one whole number of bytes.' },
};

/** What a client is told that cannot be understood, or came too late; `null`: it is gone. */
export function answerToBroken({ code }: ConnectionError, version: string): string | null {
  return code === 'ECONNRESET' ? null : lastAnswer(refusals[code] ?? badRequest, version);
}

/** There are as many connections as there may be. */
export const full: Refusal = {
  status: 503,
  phrase: 'Service Unavailable',
  error: 'This server has as many connections as it may have. Come back in a moment, and keep no more of them than you use.',
  fields: ['Retry-After: 1'],
};

/** The server stops before the request is there. */
export const stopping: Refusal = { status: 503, phrase: 'Service Unavailable', error: shuttingDown };

/** A whole answer, after which the connection ends. */
export function lastAnswer({ status, phrase, error: words = phrase, fields = [] }: Refusal, version: string): string {
  const body = `${errorText(status, words)}\n`;
  const ours = Object.entries(sign(version)).map(([name, value]) => `${name}: ${value}`);
  const headers = [`Content-Type: ${contentType}`, `Content-Length: ${body.length}`, ...ours, 'Connection: close'];
  return `HTTP/1.1 ${status} ${phrase}\r\n${[...headers, ...fields].join('\r\n')}\r\n\r\n${body}`;
}

/** To a request that expects (RFC 9110 §10.1.1) what nobody here can do. */
export const answerUnmet =
  (version: string) =>
  (_request: IncomingMessage, response: ServerResponse): void => {
    const body = `${errorText(417, 'Expect can be 100-continue alone; leave it out.')}\n`;
    response.writeHead(417, { 'content-type': contentType, connection: 'close', ...sign(version) }).end(body);
  };
