/** Requests that the HTTP parser refuses before there is a request to answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionError } from 'fastify';
import { contentType, errorText } from './hq/reply.ts';
import { sign } from './sign.ts';

interface Refusal {
  readonly status: number;
  readonly phrase: string;
  /** In words, where the phrase does not say it. */
  readonly error?: string;
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

export function brokenRequestAnswerer(version: string): (error: ConnectionError, socket: Socket) => void {
  return (error, socket) => {
    if (error.code !== 'ECONNRESET' && socket.writable) {
      const { status, phrase, error: words = phrase } = refusals[error.code] ?? badRequest;
      const body = `${errorText(status, words)}\n`;
      const ours = Object.entries(sign(version)).map(([name, value]) => `${name}: ${value}`);
      const headers = [`Content-Type: ${contentType}`, `Content-Length: ${body.length}`, ...ours, 'Connection: close'];
      socket.write(`HTTP/1.1 ${status} ${phrase}\r\n${headers.join('\r\n')}\r\n\r\n${body}`);
    }
    socket.destroy();
  };
}

/** To a request that expects (RFC 9110 §10.1.1) what nobody here can do. */
export const unmetAnswerer =
  (version: string) =>
  (_request: IncomingMessage, response: ServerResponse): void => {
    const body = `${errorText(417, 'Expect can be 100-continue alone; leave it out.')}\n`;
    response.writeHead(417, { 'content-type': contentType, ...sign(version) }).end(body);
  };
