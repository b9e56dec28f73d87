/**
 * Where a job is POSTed. HQ takes any text as a URL at push and reports what is wrong with it when the job runs; the
 * faults here are worded as HQ's are (those of Go's net/url). Path and query leave as they were written, so that a URL
 * signed by its maker stays valid; only what cannot stand in a request line is percent-encoded.
 */

import { hidden, shownUrl } from './secret.ts';

export interface Target {
  /** Scheme, host and port in normal form: the key of the connection pool. */
  readonly origin: string;
  readonly hostname: string;
  /** Path and query as they go into the request line. */
  readonly path: string;
  /** `user:password`, percent-encoded as it was written; `''` without them. */
  readonly user: string;
  /** The URL as it may be shown (secret.ts). */
  readonly shown: string;
  /** The URL as it was given, for resolving a redirect against it. */
  readonly text: string;
}

/** `parse`: not a URL; `scheme`: a URL, but no request can be made of it. */
export interface TargetFault {
  readonly fault: 'parse' | 'scheme';
  readonly cause: string;
  readonly shown: string;
}

const utf8 = new TextEncoder();
const schemePattern = /^([A-Za-z][A-Za-z0-9+.-]*):/;
const controlPattern = /[^\u0020-\u007e\u0080-\uffff]/;
const badEscape = /%(?![0-9A-Fa-f]{2})(.{0,2})/s;
const badHostCharacter = /[^A-Za-z0-9\-._~!$&'()*+,;=:[\]"<>%\u0080-\u{10ffff}]/u;
const [lowestPort, highestPort] = [1, 65_535];
const unsafeInPath = /[^\u0021\u0023-\u003b\u003d\u003f-\u005b\u005d\u005f\u0061-\u007a\u007e]/gu;
const unsafeInQuery = /[^\u0021-\u007e]/gu;

export function parseTarget(text: string): Target | TargetFault {
  const scheme = schemePattern.exec(text)?.[1]?.toLowerCase() ?? '';
  const parts = split(text, scheme);
  const shown = shownUrl(text);
  /** A part that may be a secret is not told either. */
  const named: Named = (part) => JSON.stringify(shown.includes(part) ? part : hidden);
  const parseFault = faultOf(text, scheme, parts, named);
  if (parseFault !== null) return { fault: 'parse', cause: parseFault, shown };
  if (scheme !== 'http' && scheme !== 'https') {
    return { fault: 'scheme', cause: `unsupported protocol scheme ${JSON.stringify(scheme)}`, shown };
  }
  if (parts.host === '') return { fault: 'scheme', cause: 'http: no Host in request URL', shown };
  const url = URL.parse(`${scheme}://${parts.host}`);
  if (url === null || !isPunycode(parts.host)) return { fault: 'parse', cause: `invalid host ${named(parts.host)}`, shown };
  return {
    origin: url.origin,
    hostname: url.hostname,
    path: requestPath(parts.path, parts.query),
    user: parts.user,
    shown,
    text,
  };
}

/**
 * Labels that begin with `xn--` must stand for characters. The platform looks at them only in a name that is not all ASCII, so
 * it is given one.
 */
const isPunycode = (host: string): boolean => !/(^|\.)xn--/i.test(host) || URL.canParse(`http://\u00fc.${host}`);

/** The target of a redirect. Never throws: a `Location` that cannot be resolved is a fault. */
export function resolveTarget(from: Target, location: string): Target | TargetFault {
  const url = URL.parse(location, from.text);
  if (url !== null) return parseTarget(url.href);
  return { fault: 'scheme', cause: `failed to parse Location header ${JSON.stringify(shownUrl(location))}`, shown: from.shown };
}

interface Parts {
  readonly user: string;
  readonly host: string;
  readonly path: string;
  /** With its question mark. */
  readonly query: string;
}

function split(text: string, scheme: string): Parts {
  let rest = scheme === '' ? text : text.slice(scheme.length + 1);
  const fragment = rest.indexOf('#');
  if (fragment >= 0) rest = rest.slice(0, fragment);
  const question = rest.indexOf('?');
  const query = question < 0 ? '' : rest.slice(question);
  if (question >= 0) rest = rest.slice(0, question);
  if (!rest.startsWith('//')) return { user: '', host: '', path: rest, query };
  const slash = rest.indexOf('/', 2);
  const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash);
  const at = authority.lastIndexOf('@');
  return {
    user: authority.slice(0, Math.max(0, at)),
    host: authority.slice(at + 1),
    path: slash < 0 ? '' : rest.slice(slash),
    query,
  };
}

type Named = (part: string) => string;

function faultOf(text: string, scheme: string, parts: Parts, named: Named): string | null {
  if (text === '') return 'empty url';
  if (controlPattern.test(text)) return 'net/url: invalid control character in URL';
  if (text.startsWith(':')) return 'missing protocol scheme';
  if (scheme === '' && parts.host === '' && (parts.path.split('/', 1)[0] ?? '').includes(':')) {
    return 'first path segment in URL cannot contain colon';
  }
  const bad = badEscape.exec(parts.path) ?? badEscape.exec(parts.user);
  if (bad !== null) return `invalid URL escape ${named(`%${bad[1] ?? ''}`)}`;
  return hostFault(parts.host, named);
}

function hostFault(host: string, named: Named): string | null {
  if (host.startsWith('[') && !host.includes(']')) return "missing ']' in host";
  const port = host.slice(host.startsWith('[') ? host.lastIndexOf(']') + 1 : Math.max(0, host.lastIndexOf(':')));
  if ((port.startsWith(':') || host.startsWith('[')) && !/^(:\d*)?$/.test(port)) return `invalid port ${named(port)} after host`;
  const number = port.startsWith(':') && port !== ':' ? Number(port.slice(1)) : lowestPort;
  if (number < lowestPort || number > highestPort) return `invalid port ${named(port)} after host`;
  const character = badHostCharacter.exec(host)?.[0];
  return character === undefined ? null : `invalid character ${named(character)} in host name`;
}

function requestPath(path: string, query: string): string {
  return (path === '' ? '/' : path.replace(unsafeInPath, percentEncoded)) + query.replace(unsafeInQuery, percentEncoded);
}

function percentEncoded(character: string): string {
  let text = '';
  for (const byte of utf8.encode(character)) text += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return text;
}
