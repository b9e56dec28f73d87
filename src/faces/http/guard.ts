/**
 * Who may ask. With a token: whoever brings it. Without one: this machine alone, and only under its own names, so that no
 * web page can reach the server by pointing a name of its own at it (DNS rebinding). In both cases browsers may not carry
 * requests here from other sites; programs send no Origin and pass. Without a token a proxy is refused too: to it, all come
 * from this machine.
 */
import { hash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HatstandError } from '../../core/errors.ts';
import type { HttpOptions } from './options.ts';
import { isLoopback, makeOwnHosts, makeOwnOrigins } from './own-names.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whoever knows the address may ask. */
    readonly open?: boolean;
    /** Also who brings no token is answered, and told little. */
    readonly answersStrangers?: boolean;
  }
  interface FastifyRequest {
    /** Nobody has shown that he may know more than a yes or a no. */
    isStranger: boolean;
  }
}

type Guarded = Pick<HttpOptions, 'token' | 'allowedHosts' | 'listenHost'>;

/** An onRequest hook: throws `unauthorized` (with a challenge for browsers) or `forbidden`. */
export function makeGuard(options: Guarded): (request: FastifyRequest, reply: FastifyReply, done: () => void) => void {
  const isOwnPage = makeOwnOrigins(options.allowedHosts);
  const isOwnHost = makeOwnHosts([...options.allowedHosts, options.listenHost]);
  const wanted = options.token === null ? null : digest(options.token);
  return (request, reply, done) => {
    // Its address is the secret.
    if (request.routeOptions.config.open === true) return done();
    checkPage(request, isOwnPage);
    if (wanted === null) checkNeighbour(request, isOwnHost);
    else if (!bringsToken(request.headers.authorization, wanted)) {
      // A wrong token is told all the same.
      request.isStranger = request.routeOptions.config.answersStrangers === true && request.headers.authorization === undefined;
      if (!request.isStranger) throw unauthorized(request, reply);
    }
    done();
  };
}

function checkPage(request: FastifyRequest, isOwnPage: (request: FastifyRequest) => boolean): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (origin !== undefined && !isOwnPage(request)) {
    throw new HatstandError(
      'forbidden',
      `Requests from pages of ${JSON.stringify(origin)} are not allowed here. If that is a name of this server, add it to allowed_hosts.`,
    );
  }
  // Another port of the same host is the same site.
  if (site === 'cross-site' || (site === 'same-site' && origin === undefined)) {
    throw new HatstandError('forbidden', 'Requests from pages of other sites are not allowed here.');
  }
}

function checkNeighbour(request: FastifyRequest, isOwnHost: (host: string, localAddress: string | undefined) => boolean): void {
  if (!isLoopback(request.socket.remoteAddress ?? '')) {
    throw new HatstandError('unauthorized', `This server has no token, so it answers its own machine only. ${setOne}`);
  }
  const field = forwardedBy.find((name) => request.headers[name] !== undefined);
  if (field !== undefined) {
    throw new HatstandError(
      'unauthorized',
      `This request came through a proxy (it has ${field}), which would open this server to all whom the proxy serves, since it has no token. ${setOne}`,
    );
  }
  const { host } = request.headers;
  if (host === undefined || isOwnHost(host, request.socket.localAddress)) return;
  throw new HatstandError(
    'forbidden',
    `This server is not known as ${JSON.stringify(host)}. Use localhost, or add the name to allowed_hosts in its configuration.`,
  );
}

const setOne = 'Set one (token = "…" in its configuration, or HATSTAND_TOKEN) and send it as "Authorization: Bearer <token>".';
/** What proxies add. */
const forwardedBy = [
  ...(['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port', 'x-forwarded-server'] as const),
  ...(['x-real-ip', 'x-client-ip', 'x-cluster-client-ip', 'true-client-ip', 'cf-connecting-ip'] as const),
  ...(['x-envoy-external-address', 'x-original-host', 'via', 'cdn-loop'] as const),
];

/** The challenge makes the browser ask for a password. It goes only to a person who opens an address: the UI asks by itself. */
function unauthorized(request: FastifyRequest, reply: FastifyReply): HatstandError {
  const scheme = request.headers['sec-fetch-mode'] === 'navigate' ? 'Basic' : 'Bearer';
  void reply.header('www-authenticate', `${scheme} realm="hatstand"`);
  const came = request.headers.authorization === undefined ? 'This server wants its token' : 'That is not the token of this server';
  return new HatstandError('unauthorized', `${came}: send "Authorization: Bearer <token>".`);
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
