/** Errors in HQ's form, and HQ's answers to paths and methods that it does not have. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HqRefusal, refusalOf } from './refusal.ts';
import { answer, errorText } from './reply.ts';

export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, message } = refusalOf(error);
  return answer(request, reply.code(status), errorText(status, message));
}

const known = /^\/(?:stats|livez|readyz|job(?:\/[^/]+(?:\/(?:restart|stop))?)?)?$/;

/** @param mounts the prefixes below which HQ's API is mounted */
export function answerUnknown(app: FastifyInstance, mounts: readonly string[]): void {
  app.setNotFoundHandler((request) => {
    const path = request.url.split('?', 1)[0] ?? '';
    if (known.test(localPath(path, mounts))) throw new HqRefusal(405, 'Method Not Allowed');
    throw new HqRefusal(404, 'Not Found');
  });
}

function localPath(path: string, mounts: readonly string[]): string {
  const mount = mounts.find((prefix) => path.startsWith(`${prefix}/`)) ?? '';
  return path.slice(mount.length);
}
