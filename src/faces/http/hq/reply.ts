/** How HQ writes its answers: minimized JSON with one newline behind it, or indented when the query has `pretty`. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { indentJson } from '../../../core/json.ts';
import { quote } from './text.ts';

export const contentType = 'application/json; charset=UTF-8';

/** The mere presence of the key counts, whatever its value. */
export function wantsPretty(request: FastifyRequest): boolean {
  return typeof request.query === 'object' && request.query !== null && 'pretty' in request.query;
}

export const layOut = (request: FastifyRequest, text: string): string => `${wantsPretty(request) ? indentJson(text) : text}\n`;

export const answer = (request: FastifyRequest, reply: FastifyReply, text: string): FastifyReply => send(reply, layOut(request, text));

export const send = (reply: FastifyReply, body: string): FastifyReply => reply.header('content-type', contentType).send(body);

export const errorText = (status: number, message: string): string => `{"status":${status},"error":${quote(message)}}`;
