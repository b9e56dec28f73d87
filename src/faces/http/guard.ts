/**
 * Who may ask. With a token: whoever brings it. Without one: this machine alone, and only under its own names, so that no
 * web page can reach the server by pointing a name of its own at it (DNS rebinding). In both cases browsers may not carry
 * requests here from other sites; programs send no Origin and pass.
 */
import { hash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HatstandError } from '../../core/errors.ts';
import type { HttpOptions } from './options.ts';

type Guarded = Pick<HttpOptions, 'token' | 'allowedHosts' | 'listenHost'>;

/** An onRequest hook: throws `unauthorized` (with a challenge for browsers) or `forbidden`. */
export function makeGuard(options: Guarded): (request: FastifyRequest, reply: FastifyReply, done: () => void) => void {
  const allowed = new Set([...options.allowedHosts, options.listenHost].map((host) => host.toLowerCase()));
  const wanted = options.token === null ? null : digest(options.token);
  return (request, reply, done) => {
    checkOrigin(request, allowed);
    if (wanted === null) checkNeighbour(request, allowed);
    else if (!bringsToken(request.headers.authorization, wanted)) throw unauthorized(request, reply);
    done();
  };
}

function checkOrigin(request: FastifyRequest, allowed: ReadonlySet<string>): void {
  const { origin } = request.headers;
  if (origin !== undefined && !isOwnOrigin(origin, request.headers.host ?? '', allowed)) {
    throw new HatstandError(
      'forbidden',
      `Requests from pages of ${JSON.stringify(origin)} are not allowed here. If that is a name of this server, add it to allowed_hosts.`,
    );
  }
  if (request.headers['sec-fetch-site'] === 'cross-site') {
    throw new HatstandError('forbidden', 'Requests from pages of other sites are not allowed here.');
  }
}

function isOwnOrigin(origin: string, host: string, allowed: ReadonlySet<string>): boolean {
  const match = /^https?:\/\/(.+)$/.exec(origin.toLowerCase());
  const named = match?.[1];
  return named !== undefined && (named === host.toLowerCase() || isAllowed(named, allowed));
}

function checkNeighbour(request: FastifyRequest, allowed: ReadonlySet<string>): void {
  if (!isLoopback(request.socket.remoteAddress ?? '')) {
    throw new HatstandError(
      'unauthorized',
      'This server has no token, so it answers its own machine only. ' +
        'Set one (token = "…" in its configuration, or HATSTAND_TOKEN) and send it as "Authorization: Bearer <token>".',
    );
  }
  const { host } = request.headers;
  if (host === undefined || isOwnName(hostname(host)) || hostname(host) === plainAddress(request.socket.localAddress)) return;
  if (isAllowed(host.toLowerCase(), allowed)) return;
  throw new HatstandError(
    'forbidden',
    `This server is not known as ${JSON.stringify(host)}. Use localhost, or add the name to allowed_hosts in its configuration.`,
  );
}

/** Without the port and the brackets of IPv6. */
function hostname(host: string): string {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host.toLowerCase());
  return (match?.[1] ?? match?.[2] ?? host).replace(/\.$/, '');
}

const isAllowed = (host: string, allowed: ReadonlySet<string>): boolean => allowed.has(host) || allowed.has(hostname(host));
const isOwnName = (name: string): boolean => name === 'localhost' || name.endsWith('.localhost') || isLoopback(name);
const plainAddress = (address: string | undefined): string => (address ?? '').replace(/^::ffff:/, '');
const isLoopback = (address: string): boolean => /^(?:127\.\d+\.\d+\.\d+|::1)$/.test(plainAddress(address));

/** The challenge makes the browser ask for a password. It goes only to a person who opens an address: the UI asks by itself. */
function unauthorized(request: FastifyRequest, reply: FastifyReply): HatstandError {
  const scheme = request.headers['sec-fetch-mode'] === 'navigate' ? 'Basic' : 'Bearer';
  void reply.header('www-authenticate', `${scheme} realm="hatstand"`);
  return new HatstandError('unauthorized', 'This server wants its token: send "Authorization: Bearer <token>".');
}

/** As a bearer token, or as the password of Basic credentials, which browsers can ask their user for. */
function bringsToken(authorization: string | undefined, wanted: Buffer): boolean {
  const match = /^(bearer|basic) +(\S+) *$/i.exec(authorization ?? '');
  const credentials = match?.[2];
  if (credentials === undefined) return false;
  if (match?.[1]?.toLowerCase() === 'bearer') return timingSafeEqual(digest(credentials), wanted);
  const pair = Buffer.from(credentials, 'base64').toString();
  return timingSafeEqual(digest(pair.slice(pair.indexOf(':') + 1)), wanted);
}

/** Digests have one length, so the time that comparing them takes tells nothing about the token. */
const digest = (text: string): Buffer => hash('sha256', text, 'buffer');
