/** The request that a job makes: its headers, as names and values in turn. */
import type { Job } from '../core/job.ts';
import { isSecretName } from '../core/secret.ts';
import type { Target } from '../core/target.ts';

/** Names and values in turn; a name may stand more than once. */
export type HeaderList = readonly string[];

export interface JobHeaders {
  readonly list: HeaderList;
  /** The executor itself offered gzip, so a compressed answer is decoded. */
  readonly decode: boolean;
}

interface HeaderFault {
  readonly cause: string;
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const badInValue = /[^\t\u0020-\u007e\u0080-\uffff]/;
const beyondAscii = /[\u0080-\uffff]/;

/** Headers of the connection or the message, which the executor writes; a job's own headers of these names have no effect. */
const ofTheConnection: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'trailer',
  'connection',
  'proxy-connection',
  'keep-alive',
  'upgrade',
  'te',
  'expect',
]);
/**
 * They say which attempt of which job it is; a job cannot set them, nor write them so that a web app takes them for one another
 * (CGI, WSGI and Rack see no difference between a dash and an underscore). Under HQ's rules X-Hq-Job-Id alone is sent.
 */
function isOfHatstand(name: string): boolean {
  const known = name.replaceAll('_', '-');
  return known === 'x-hq-job-id' || known === 'idempotency-key' || known.startsWith('x-hatstand-');
}

/**
 * The headers of a job's request. HQ adds the job's own ones after its own; under `/v1` a job may replace Content-Type and
 * User-Agent.
 */
export function headersOf(job: Job, version: string): JobHeaders | HeaderFault {
  return job.options.rules === 'hq' ? hqHeaders(job, version) : v1Headers(job, version);
}

function hqHeaders(job: Job, version: string): JobHeaders | HeaderFault {
  const list = ['User-Agent', `HQ/${version}`, 'Content-Type', 'application/json', 'X-Hq-Job-Id', job.id];
  let decode = true;
  for (const name in job.headers) {
    const value = job.headers[name] ?? '';
    const known = name.toLowerCase();
    if (ofTheConnection.has(known) || isOfHatstand(known) || known === 'user-agent') continue;
    const fault = headerFault(name, value);
    if (fault !== null) return fault;
    if (known === 'accept-encoding') decode = false;
    list.push(canonicalName(name), wireValue(value));
  }
  if (decode) list.push('Accept-Encoding', 'gzip');
  return { list, decode };
}

function v1Headers(job: Job, version: string): JobHeaders | HeaderFault {
  const list = ['X-Hq-Job-Id', job.id, 'X-Hatstand-Fence', job.fence, 'Idempotency-Key', `${job.id}.${job.run}`];
  list.push('X-Hatstand-Attempt', String(job.attempt), 'X-Hatstand-Queue', job.queue, 'Accept-Encoding', 'gzip');
  let agent = `Hatstand/${version}`;
  let type = 'application/json';
  for (const name in job.headers) {
    const value = job.headers[name] ?? '';
    const known = name.toLowerCase();
    if (ofTheConnection.has(known) || isOfHatstand(known) || known === 'accept-encoding') continue;
    const fault = headerFault(name, value);
    if (fault !== null) return fault;
    if (known === 'user-agent') agent = wireValue(value);
    else if (known === 'content-type') type = wireValue(value);
    else list.push(canonicalName(name), wireValue(value));
  }
  list.push('User-Agent', agent, 'Content-Type', type);
  return { list, decode: true };
}

/** The headers for one hop: with the URL's own authorization, and without what may be a secret when the hop leaves the origin. */
export function headersFor(list: HeaderList, first: Target, target: Target, referer: string): HeaderList {
  if (first === target && target.user === '') return list;
  const hop: string[] = [];
  const trusted = target.origin === first.origin;
  let authorized = false;
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i] ?? '';
    const known = name.toLowerCase();
    if (!trusted && (isSecretName(known) || known === 'www-authenticate')) continue;
    if (known === 'authorization') authorized = true;
    hop.push(name, list[i + 1] ?? '');
  }
  if (target.user !== '' && !authorized) hop.push('Authorization', basicAuthorization(target.user));
  if (referer !== '') hop.push('Referer', referer);
  return hop;
}

/** The Referer of a redirect: without user and password, and none from https to http. */
export function refererOf(from: Target, to: Target): string {
  if (from.origin.startsWith('https:') && !to.origin.startsWith('https:')) return '';
  return from.origin + from.path;
}

function headerFault(name: string, value: string): HeaderFault | null {
  if (!token.test(name)) return { cause: `net/http: invalid header field name ${JSON.stringify(name)}` };
  if (badInValue.test(value)) return { cause: `net/http: invalid header field value for ${JSON.stringify(canonicalName(name))}` };
  return null;
}

/** `x-request-id` becomes `X-Request-Id`. */
function canonicalName(name: string): string {
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}

/** UTF-8, as one character per byte, which is how it goes onto the wire. */
function wireValue(value: string): string {
  const trimmed = value.trim();
  return beyondAscii.test(trimmed) ? Buffer.from(trimmed).toString('latin1') : trimmed;
}

/** What `user:password@` in a URL stands for. */
function basicAuthorization(user: string): string {
  const colon = user.indexOf(':');
  const name = colon < 0 ? user : user.slice(0, colon);
  const password = colon < 0 ? '' : user.slice(colon + 1);
  return `Basic ${Buffer.concat([percentDecoded(name), Buffer.from(':'), percentDecoded(password)]).toString('base64')}`;
}

/** Byte by byte, as the escapes of a password need not be UTF-8. */
function percentDecoded(text: string): Buffer {
  const bytes = text.replace(/[^%]+/g, (plain) => Buffer.from(plain).toString('latin1'));
  return Buffer.from(
    bytes.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}
