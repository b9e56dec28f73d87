/** Why an exchange did not come to its end, in the words of Go's net/http, which HQ's users know and search for. */
import type { FailureCause } from '../core/cause.ts';
import type { StopReason } from '../ports/executor.ts';

export type Fault =
  | { readonly kind: 'stopped'; readonly by: StopReason }
  /**
   * `text`: in Go's words. `stale`: a kept-alive connection was closed just as it was used again, without a byte of an answer.
   */
  | { readonly kind: 'failed'; readonly text: string; readonly cause: FailureCause; readonly stale: boolean };

/** How far an answer had come: not a byte, some bytes of its head, or its status and headers. */
export type Phase = 'silent' | 'head' | 'body';

export const failed = (text: string, cause: FailureCause): Fault => ({ kind: 'failed', text, cause, stale: false });

/** What undici and Node throw, as far as we read it. */
interface NetworkError {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly syscall?: unknown;
  readonly hostname?: unknown;
  readonly address?: unknown;
  readonly port?: unknown;
  readonly errors?: unknown;
  /** What had passed over the connection: undici's SocketError has it, http-pools.ts adds it to the system's errors. */
  readonly socket?: { readonly bytesRead?: unknown } | null;
}

const system: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by peer',
  EPIPE: 'broken pipe',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  EADDRNOTAVAIL: 'cannot assign requested address',
  ETIMEDOUT: 'connection timed out',
  EACCES: 'permission denied',
  EMFILE: 'too many open files',
};

const certificate: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'x509: certificate has expired or is not yet valid',
  CERT_NOT_YET_VALID: 'x509: certificate has expired or is not yet valid',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'x509: certificate signed by unknown authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'x509: certificate signed by unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'x509: certificate signed by unknown authority',
  ERR_TLS_CERT_ALTNAME_INVALID: 'x509: certificate is not valid for this host',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'x509: certificate signed by unknown authority',
};

/** Reads an error of undici or Node. An executor that was closed reports its exchanges as stopped by the shutdown. */
export function faultOf(thrown: unknown, phase: Phase, origin: string): Fault {
  const error = firstOf(thrown);
  const code = typeof error.code === 'string' ? error.code : '';
  switch (code) {
    case 'UND_ERR_DESTROYED':
    case 'UND_ERR_CLOSED':
      return { kind: 'stopped', by: 'shutdown' };
    case 'UND_ERR_SOCKET':
      return socketFault(error, phase);
    case 'ECONNRESET':
    case 'EPIPE':
      return closed(`${code === 'EPIPE' ? 'write' : 'read'}: ${system[code]}`, error, phase);
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return failed('unexpected EOF', 'reset');
    case 'UND_ERR_HEADERS_OVERFLOW':
      return failed('net/http: server response headers exceeded the limit; aborted', 'malformed');
    case 'ERR_REFUSED_ADDRESS':
      return failed(String(error.message), 'answer');
    case 'UND_ERR_CONNECT_TIMEOUT':
      return failed(`dial tcp ${hostAndPort(origin)}: i/o timeout`, 'unreachable');
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return failed(`dial tcp: lookup ${String(error.hostname)}: ${code === 'ENOTFOUND' ? 'no such host' : 'server misbehaving'}`, 'dns');
    default:
      return otherFault(error, code, phase, origin);
  }
}

/** A host with several addresses fails with one error for each; the first is told, as Go does. */
function firstOf(thrown: unknown): NetworkError {
  if (typeof thrown !== 'object' || thrown === null) return { message: String(thrown) };
  const { errors } = thrown as NetworkError;
  return Array.isArray(errors) && typeof errors[0] === 'object' && errors[0] !== null ? errors[0] : thrown;
}

function socketFault(error: NetworkError, phase: Phase): Fault {
  if (error.message === 'bad upgrade' || error.message === 'bad response') {
    return failed(`net/http: HTTP/1.x transport connection broken: unexpected answer (${error.message})`, 'malformed');
  }
  return closed(phase === 'silent' ? 'EOF' : 'unexpected EOF', error, phase);
}

function closed(text: string, error: NetworkError, phase: Phase): Fault {
  return { kind: 'failed', text, cause: 'reset', stale: phase === 'silent' && Number(error.socket?.bytesRead ?? 0) > 0 };
}

function otherFault(error: NetworkError, code: string, phase: Phase, origin: string): Fault {
  const message = String(error.message);
  if (error.name === 'HTTPParserError') return parserFault(/\((.*)\)/.exec(message)?.[1] ?? message, phase);
  const known = system[code];
  if (error.syscall === 'connect') {
    const cause = code === 'ECONNREFUSED' ? 'refused' : 'unreachable';
    return failed(known === undefined ? message : `dial tcp ${addressOf(error, origin)}: connect: ${known}`, cause);
  }
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'EPROTO') return failed('http: server gave HTTP response to HTTPS client', 'tls');
  if (known !== undefined) return failed(known, 'reset');
  const isTls = code in certificate || /^ERR_(SSL|TLS)_/.test(code);
  return failed(certificate[code] ?? message, isTls ? 'tls' : 'malformed');
}

function parserFault(reason: string, phase: Phase): Fault {
  if (reason === 'Invalid EOF state') return failed('unexpected EOF', 'reset');
  const text =
    phase === 'body' ? `malformed body: ${reason}` : `net/http: HTTP/1.x transport connection broken: malformed HTTP response: ${reason}`;
  return failed(text, 'malformed');
}

function addressOf(error: NetworkError, origin: string): string {
  if (typeof error.address !== 'string') return hostAndPort(origin);
  return `${error.address.includes(':') ? `[${error.address}]` : error.address}:${String(error.port)}`;
}

function hostAndPort(origin: string): string {
  const url = new URL(origin);
  return url.port === '' ? `${url.hostname}:${url.protocol === 'https:' ? 443 : 80}` : url.host;
}
