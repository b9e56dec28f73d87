/** Requests that the HTTP parser refuses before there is a request to answer. */
import type { Socket } from 'node:net';
import type { ConnectionError } from 'fastify';
import { signHeader } from '../../core/sign.ts';
import { contentType, errorText } from './hq/reply.ts';

const reasons: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
};

export function brokenRequestAnswerer(version: string): (error: ConnectionError, socket: Socket) => void {
  return (error, socket) => {
    if (error.code !== 'ECONNRESET' && socket.writable) {
      const [status, reason] = reasons[error.code] ?? [400, 'Bad Request'];
      const body = `${errorText(status, reason)}\n`;
      const headers = [`Content-Type: ${contentType}`, `Content-Length: ${body.length}`, `${signHeader}: ${version}`, 'Connection: close'];
      socket.write(`HTTP/1.1 ${status} ${reason}\r\n${headers.join('\r\n')}\r\n\r\n${body}`);
    }
    socket.destroy();
  };
}
