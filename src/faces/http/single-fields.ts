/**
 * Fields of a request that have one value: two of them are refused, since a proxy before this server may have looked at the
 * other one (RFC 9110 §5.3; of Content-Length and Host, RFC 9112 §6.3 and §3.2).
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HatstandError } from '../../core/errors.ts';

const names = ['Authorization', 'Content-Length', 'Content-Type', 'Host', 'Idempotency-Key', 'Origin', 'Webhook-Id'] as const;
const singles: ReadonlyMap<string, string> = new Map(names.map((name) => [name.toLowerCase(), name]));

/** Throws `invalid_request` when one of them stands more than once, whatever its values, or when there is no Host (RFC 9112 §3.2), after which nothing more is taken. */
export function checkSingleFields({ raw }: FastifyRequest, reply: FastifyReply): void {
  const { rawHeaders, headers, httpVersion } = raw;
  if (headers.host === undefined && httpVersion !== '1.0') {
    void reply.header('connection', 'close');
    throw new HatstandError('invalid_request', 'Host is missing; send the name of this server.', { field: 'Host' });
  }
  // As many fields as names: none stands twice.
  if (rawHeaders.length === 2 * Object.keys(headers).length) return;
  const seen = new Set<string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = singles.get((rawHeaders[at] ?? '').toLowerCase());
    if (name === undefined) continue;
    if (seen.has(name)) throw new HatstandError('invalid_request', `${name} stands more than once; send it once.`, { field: name });
    seen.add(name);
  }
}
