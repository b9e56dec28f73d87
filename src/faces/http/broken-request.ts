/** Requests that the HTTP parser refuses before there is a request to answer. */
import type { Socket } from 'node:net';
import type { ConnectionError } from 'fastify';
import { signHeader } from '../../core/sign.ts';
import { contentType, errorText } from './hq/reply.ts';

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
      const headers = [`Content-Type: ${contentType}`, `Content-Length: ${body.length}`, `${signHeader}: ${version}`, 'Connection: close'];
      socket.write(`HTTP/1.1 ${status} ${phrase}\r\n${headers.join('\r\n')}\r\n\r\n${body}`);
    }
    socket.destroy();
  };
}
