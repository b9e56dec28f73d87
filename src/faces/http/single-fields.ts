/**
 * Fields of a request that have one value: two of them are refused, since a proxy before this server may have looked at the
 * other one (RFC 9110 §5.3; of Content-Length and Host, RFC 9112 §6.3 and §3.2).
 */
import type { FastifyRequest } from 'fastify';
import { HatstandError } from '../../core/errors.ts';

const names = ['Authorization', 'Content-Length', 'Content-Type', 'Host', 'Idempotency-Key', 'Origin'] as const;
const singles: ReadonlyMap<string, string> = new Map(names.map((name) => [name.toLowerCase(), name]));

/** Throws `invalid_request` when one of them stands more than once, whatever its values. */
export function checkSingleFields({ raw }: FastifyRequest): void {
  const { rawHeaders, headers } = raw;
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
