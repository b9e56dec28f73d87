/**
 * The names of this server: under which it is asked, and of which pages are its own. A page is its own when scheme, host and
 * port are the server's, so a page at another port of the same machine is not.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isIPv4 } from 'node:net';
import type { FastifyRequest } from 'fastify';

/** A name of `allowed_hosts`: `jobs.example.com`, `jobs.example.com:8443` or `https://jobs.example.com`. */
type Allowed = readonly string[];

/** The origins of which pages may ask: a name without a scheme is meant with both, one without a port with the usual one. */
export function makeOwnOrigins(allowed: Allowed): (request: FastifyRequest) => boolean {
  const others = new Set(allowed.flatMap((name) => (name.includes('://') ? [name] : [`http://${name}`, `https://${name}`])).map(originOf));
  const withScheme = new Set(allowed.filter((name) => name.includes('://')).map((name) => URL.parse(name)?.host));
  return ({ headers, socket }) => {
    const origin = originOf(headers.origin ?? '');
    if (origin === null) return false;
    if (others.has(origin)) return true;
    // Under a name that was told with its scheme, no other scheme is its own.
    return (
      !withScheme.has(headers.host?.toLowerCase()) &&
      origin === originOf(`${schemeOf(headers, 'encrypted' in socket)}://${headers.host ?? ''}`)
    );
  };
}

/** `null`: it is none, as that of a sandboxed page. */
function originOf(text: string): string | null {
  const url = URL.parse(text);
  return url === null || url.host === '' ? null : url.origin;
}

/** A proxy that ends TLS says so. A page cannot: a browser asks before it sends such a field elsewhere, and is not answered. */
const schemeOf = (headers: IncomingHttpHeaders, isEncrypted: boolean): string =>
  isEncrypted || headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';

/** Whether a Host is a name of this server: one of the machine itself, the address that was asked, or an allowed one. */
export function makeOwnHosts(allowed: Allowed): (host: string, localAddress: string | undefined) => boolean {
  const names = new Set(allowed.map((name) => name.toLowerCase().replace(/^[a-z]+:\/\//, '')));
  return (host, localAddress) => {
    const name = hostname(host);
    return isOwnName(name) || name === plainAddress(localAddress) || names.has(host.toLowerCase()) || names.has(name);
  };
}

/** Without the port and the brackets of IPv6. */
function hostname(host: string): string {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host.toLowerCase());
  return (match?.[1] ?? match?.[2] ?? host).replace(/\.$/, '');
}

const isOwnName = (name: string): boolean => name === 'localhost' || name.endsWith('.localhost') || isLoopback(name);
const plainAddress = (address: string | undefined): string => (address ?? '').replace(/^::ffff:/, '');
export function isLoopback(address: string): boolean {
  const plain = plainAddress(address);
  return plain === '::1' || (isIPv4(plain) && plain.startsWith('127.'));
}
