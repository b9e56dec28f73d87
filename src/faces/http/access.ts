/** The access log: one entry for each answered request, health checks left out. */
import type { FastifyInstance } from 'fastify';
import { shownTarget } from '../../core/secret.ts';
import type { AccessEntry } from './options.ts';

/** Monitors ask them every few seconds. */
const healthChecks: ReadonlySet<string> = new Set(['/livez', '/readyz', '/metrics']);

declare module 'fastify' {
  interface FastifyRequest {
    /** Bytes that the connection had sent before this request. */
    sentBefore: number;
  }
}

export function logAccess(app: FastifyInstance, onAccess: (entry: AccessEntry) => void): void {
  app.decorateRequest('sentBefore', 0);
  app.addHook('onRequest', (request, _reply, done) => {
    request.sentBefore = request.socket.bytesWritten;
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    if (healthChecks.has(request.url.split('?', 1)[0] ?? '')) return done();
    const length = reply.getHeader('content-length');
    onAccess({
      remoteIp: request.ip,
      host: request.headers.host ?? '',
      method: request.method,
      uri: shownTarget(request.url),
      status: reply.statusCode,
      latency: reply.elapsedTime,
      bytesIn: Number(request.headers['content-length'] ?? 0),
      bytesOut: length === undefined ? request.socket.bytesWritten - request.sentBefore : Number(length),
    });
    done();
  });
}
