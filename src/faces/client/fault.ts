/** What goes wrong between client and server, as a HatstandError with the server's own code where it has one. */
import { type ErrorCode, errorTable, HatstandError, messageOf } from '../../core/errors.ts';
import { signHeader } from '../../core/sign.ts';

const isCode = (code: unknown): code is ErrorCode => typeof code === 'string' && Object.hasOwn(errorTable, code);

/** Codes for answers that name none, such as HQ's. */
const codeOfStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  409: 'conflict',
  413: 'too_large',
  415: 'unsupported_media_type',
  429: 'overloaded',
  503: 'store_unavailable',
  507: 'store_full',
};

/** From an answer that is no success: problem+json, or HQ's `{status, error}`, or whatever a proxy says. */
export function faultOfAnswer(status: number, text: string, address: string): HatstandError {
  const body = objectOf(text);
  if (body === null) {
    const message = `${address} answered ${status} without JSON. Is it a Hatstand server?`;
    return new HatstandError(codeOfStatus[status] ?? 'internal', message, { status });
  }
  return faultOfProblem(body, status);
}

/** From a problem, or HQ's `{status, error}`; one of many answers may hold it. */
export function faultOfProblem(body: Readonly<Record<string, unknown>>, status: number): HatstandError {
  const { code, detail, error, type: _type, title: _title, status: _status, instance: _instance, ...facts } = body;
  const message = [detail, error].find((each) => typeof each === 'string' && each !== '') ?? `The server answered ${status}.`;
  return new HatstandError(isCode(code) ? code : hqCode(status, String(message)), String(message), { ...facts, status });
}

/** From an answer that no Hatstand gave. */
export function faultOfStranger(status: number, address: string): HatstandError {
  const message = `What answers at ${address} is not Hatstand: it answered ${status} without the header ${signHeader}. Give the address of a Hatstand server.`;
  return new HatstandError('unreachable', message, { address, status, stranger: true });
}

/** From a proxy that says that it cannot reach its server, or cannot now. */
export function faultOfGateway(status: number, address: string, safe: boolean): HatstandError {
  const message = `${address} answered ${status}, and it was not Hatstand that did but a proxy before it, or another server.`;
  return unanswered(message, safe, {});
}

/** Whether the same request may succeed later: the server is away or cannot answer now. */
export function isPassing(error: unknown): error is HatstandError {
  return error instanceof HatstandError && passing.has(error.code) && error.details['stranger'] !== true;
}

const passing: ReadonlySet<ErrorCode> = new Set([
  'unreachable',
  'unconfirmed',
  'store_unavailable',
  'store_failed',
  'shutting_down',
  'overloaded',
]);

/** HQ answers 422 to everything that the job forbids; the text alone tells what it was. */
function hqCode(status: number, message: string): ErrorCode {
  if (status !== 422) return codeOfStatus[status] ?? (status < 500 ? 'invalid_request' : 'internal');
  if (/ not found/.test(message)) return 'not_found';
  return /\bis (running|waiting|not active)\b/.test(message) ? 'conflict' : 'invalid_request';
}

function objectOf(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

const causes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the host name cannot be resolved now',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to the network',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
};

/** What to do for whoever has never reached it. */
const startIt = ' Is the server running? Start it with: hatstand serve';

/** In a line, for whoever goes on by itself. */
export const briefly = ({ message }: HatstandError): string => message.replace(startIt, '').replace(/\s+/g, ' ');

/** From what `fetch` throws. `safe`: asking again does no harm, so nothing needs to be known about this time. */
export function faultOfFetch(thrown: unknown, address: string, timeout: number, safe: boolean): HatstandError {
  const options = { cause: thrown };
  if (thrown instanceof Error && thrown.name === 'TimeoutError') {
    return unanswered(`${address} did not answer within ${timeout / 1_000} s.`, safe, options);
  }
  const code = causeCode(thrown);
  const cause = code === null ? undefined : causes[code];
  if (cause !== undefined || safe || neverLeft(code, reasonOf(thrown))) {
    const reason = cause ?? reasonOf(thrown);
    const message = `Cannot reach ${address}: ${reason}.${startIt}`;
    return new HatstandError('unreachable', message, { address }, options);
  }
  return unanswered(`The connection to ${address} ended before the answer came (${reasonOf(thrown)}).`, safe, options);
}

/** Ports that `fetch` refuses as browsers do, and servers whose certificate is not believed. */
function neverLeft(code: string | null, reason: string): boolean {
  return reason === 'bad port' || /^(CERT_|SELF_SIGNED|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_|ERR_TLS_|ERR_SSL_)/.test(code ?? '');
}

function unanswered(message: string, safe: boolean, options: ErrorOptions): HatstandError {
  if (safe) return new HatstandError('unreachable', message, {}, options);
  return new HatstandError('unconfirmed', `${message} It is not known whether the server did it; look before you repeat it.`, {}, options);
}

/** `fetch` wraps the cause; for a name with several addresses it holds one error for each. */
function causeCode(thrown: unknown): string | null {
  if (!(thrown instanceof Error)) return null;
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code;
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return causeCode(thrown.errors[0]);
  return causeCode(thrown.cause);
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof Error && thrown.cause !== undefined ? messageOf(thrown.cause) : messageOf(thrown);
}
