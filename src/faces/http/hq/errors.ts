/** Errors in HQ's form, and HQ's answers to paths and methods that it does not have. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HqRefusal, refusalOf } from './refusal.ts';
import { answer, errorText } from './reply.ts';

export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, message } = refusalOf(error);
  return answer(request, reply.code(status), errorText(status, message));
}

const known = /^(?:\/(?:stats|livez|readyz|job(?:\/[^/]+(?:\/(?:restart|stop))?)?)?)$/;

/** @param mounts the prefixes below which HQ's API is mounted */
export function answerUnknown(app: FastifyInstance, mounts: readonly string[]): void {
  app.setNotFoundHandler((request, reply) => {
    const [path = '', query] = request.url.split('?', 2);
    const local = localPath(path, mounts);
    if (known.test(local)) throw new HqRefusal(405, 'Method Not Allowed');
    // HQ 1.1 sends clients from /job/ to /job; only its own paths, so that //elsewhere is never a redirect.
    if (local.endsWith('/') && known.test(local.slice(0, -1))) {
      return reply.redirect(path.slice(0, -1) + (query === undefined ? '' : `?${query}`), 302);
    }
    throw new HqRefusal(404, 'Not Found');
  });
}

function localPath(path: string, mounts: readonly string[]): string {
  const mount = mounts.find((prefix) => path.startsWith(`${prefix}/`)) ?? '';
  return path.slice(mount.length);
}
