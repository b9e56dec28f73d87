/** Every error under `/v1` as `application/problem+json` (RFC 9457). */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorCode, errorTable, HatstandError } from '../../../core/errors.ts';
import { shownTarget } from '../../../core/secret.ts';
import { unsupportedType } from './body.ts';

export const problemType = 'application/problem+json';

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly [fact: string]: unknown;
}

/** The facts of an error stand beside the members of RFC 9457 and never in their place. */
export function problemOf(error: HatstandError): Problem {
  const { http, title } = errorTable[error.code];
  return { ...error.details, type: `urn:hatstand:error:${error.code}`, title, status: http, code: error.code, detail: error.message };
}

/** The framework's own refusals in our codes; anything else that is no HatstandError is a bug of ours. */
export function knownError(error: unknown, request: FastifyRequest): HatstandError {
  if (error instanceof HatstandError) return error;
  const { code, statusCode, message } = error as Partial<FastifyError>;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    const limit = request.routeOptions.bodyLimit;
    return new HatstandError('too_large', `The body may have ${limit} bytes. Send many jobs in several requests.`, { limit });
  }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return unsupportedType(request);
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return new HatstandError('invalid_request', String(message));
  return new HatstandError('internal', `Something unexpected happened; the server's log tells what.`);
}

/** The same may be asked again soon. */
const passing: readonly ErrorCode[] = ['store_unavailable', 'shutting_down', 'overloaded'];

/**
 * Answers with what is known of the error. The challenge is for programs alone: one that a browser understands would open
 * its own sign-in window over the UI, which asks for the token itself.
 */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = knownError(error, request);
  if (known.code === 'unauthorized') reply.header('www-authenticate', 'Bearer realm="hatstand"');
  if (passing.includes(known.code)) reply.header('retry-after', '1');
  if (known.code === 'limit_reached') reply.header('retry-after', String(known.details['retryAfter'] ?? 1));
  const { status, ...rest } = problemOf(known);
  const problem = { ...rest, status, instance: shownTarget(request.url) };
  return reply.code(status).type(problemType).send(JSON.stringify(problem));
}
