/** What an HTTP job may ask for: its address and its own headers. */
import { HatstandError } from '../../../core/errors.ts';
import { isHeaderName, isHeaderValue } from '../../../core/headers.ts';
import { jobLimits } from '../../../core/new-job.ts';
import { hiddenHeader, isHiddenUrl, shownUrl } from '../../../core/secret.ts';
import { parseTarget, type Target } from '../../../core/target.ts';
import { quoted } from './body.ts';

const percent = '%[0-9A-Fa-f]{2}';
/** It has characters, and not a colon alone. */
const user = `(?!:?@)(?:[^\\s\\x00-\\x20@/?#%\\\\\\x7f-\\x9f]|${percent})*@`;
/** A last label that is a number makes the host an IPv4 address, which is written in full: the URL parser would take `1.2` for 1.0.0.2. */
const number = '(?:\\d+|0[xX][0-9A-Fa-f]*)';
const byte = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';
/** Without the characters that the URL standard forbids in a domain; between dots 1 to 63 of them, 253 in all (RFC 1035 §2.3.4). */
const label = '[^\\s\\x00-\\x20"#%./:<>?@[\\\\\\]^`{|}\\x7f-\\x9f]{1,63}';
const hostName = `(?!(?:[^:/?#]*\\.)?${number}\\.?(?:[:/?#]|$))(?=[^:/?#]{1,254}(?:[:/?#]|$))${label}(?:\\.${label})*\\.?`;
const host = `(?:${byte}(?:\\.${byte}){3}|\\[[0-9A-Fa-f:.]+\\]|${hostName})`;
const port = '(?::(?!0+(?:[/?#]|$))(?:6553[0-5]|655[0-2]\\d|65[0-4]\\d\\d|6[0-4]\\d{3}|[1-5]\\d{4}|\\d{1,4}))';
/** Blanks and control characters are refused because the URL parser would silently drop or encode them. */
const path = `/(?:[^\\s\\x00-\\x20?#%\\x7f-\\x9f]|${percent})*`;
const rest = '[?#][^\\s\\x00-\\x20\\x7f-\\x9f]*';

/** An absolute http or https URL, as the OpenAPI document says it. */
export const urlPattern = `^[Hh][Tt][Tt][Pp][Ss]?://(?:${user})?${host}${port}?(?:${path})?(?:${rest})?$`;

const webAddress = /^https?:\/\//i;
const blankOrControl = /[\s\p{Cc}]/u;
const validUrl = new RegExp(urlPattern, 'u');

const emptyUser = /^[^/?#]+\/\/@/;
/** Of a host, as name servers know it (RFC 1035 §2.3.4). */
const namePattern = /^(?=.{1,254}$)([^.]{1,63}\.)*[^.]{1,63}\.?$/;

/** They belong to the connection, to the message or to Hatstand. */
const reservedHeaders: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'idempotency-key',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  '__proto__',
]);
const reservedPrefixes = ['x-hq-', 'x-hatstand-'];

const inAnyCase = (text: string): string => text.replace(/[a-z]/g, (letter) => `[${letter.toUpperCase()}${letter}]`);
export const reservedHeaderPattern = `^(?:${[...reservedHeaders].map(inAnyCase).join('|')})$|^(?:${reservedPrefixes.map(inAnyCase).join('|')})`;

const invalid = (field: string, message: string): HatstandError => new HatstandError('invalid_request', message, { field });

/** Throws `invalid_request` for a text that is none: it could not be kept or sent as it is. */
export function checkCharacters(text: string, field: string): void {
  if (!text.isWellFormed()) throw invalid(field, `${field} contains half of a surrogate pair, which is no character.`);
}

/** Throws `invalid_request` for anything but an absolute http or https URL that can be requested. */
export function checkUrl(url: string): string {
  if (url === '') throw invalid('url', 'url is required: where the job is POSTed, such as "http://127.0.0.1:8000/mail".');
  if (!webAddress.test(url)) throw invalid('url', `url must begin with http:// or https://, not ${quoted(shownUrl(url))}.`);
  if (blankOrControl.test(url)) throw invalid('url', 'url must not contain blanks or control characters; percent-encode them.');
  checkCharacters(url, 'url');
  const target = parseTarget(url);
  const fault = 'fault' in target ? target.cause : (targetFault(url, target) ?? (validUrl.test(url) ? null : 'it is none'));
  if (fault !== null) {
    throw invalid('url', `url must be a complete address such as "http://127.0.0.1:8000/mail", not ${quoted(target.shown)}: ${fault}.`);
  }
  if (isHiddenUrl(url)) throw invalid('url', `url has parts that were hidden (${quoted(url)}); give them, or leave url out of a copy.`);
  return url;
}

/** What no name server and no web server takes. */
function targetFault(url: string, { hostname, path, user }: Target): string | null {
  if (user === ':' || (user === '' && emptyUser.test(url))) return 'there is neither a user nor a password before the @';
  if (path.length > jobLimits.url) return `path and query may have ${jobLimits.url} bytes, these have ${path.length}`;
  return hostname.startsWith('[') || namePattern.test(hostname) ? null : 'its host is no name: 1 to 63 characters between dots, 253 in all';
}

/** Throws `invalid_request` for a header that is reserved or could not be sent as it is. */
export function checkHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const names = Object.keys(headers);
  if (names.length > jobLimits.headers)
    throw invalid('headers', `headers may have ${jobLimits.headers} members, this one has ${names.length}.`);
  let bytes = 0;
  for (const name of names) {
    const value = headers[name] ?? '';
    checkHeader(name, value);
    bytes += name.length + Buffer.byteLength(value) + 4;
  }
  if (bytes > jobLimits.headerBytes) throw invalid('headers', `headers may take ${jobLimits.headerBytes} bytes, these take ${bytes}.`);
  const unknown = hiddenHeader(headers);
  if (unknown !== null) throw invalid(`headers.${unknown}`, `The value of ${quoted(unknown)} was hidden; give it, or leave it out.`);
  return headers;
}

function checkHeader(name: string, value: string): void {
  const field = `headers.${name.slice(0, 128)}`;
  if (!isHeaderName(name)) throw invalid(field, `A header's name consists of letters, digits and dashes, not ${quoted(name)}.`);
  const known = name.toLowerCase();
  if (reservedHeaders.has(known) || reservedPrefixes.some((prefix) => known.startsWith(prefix))) {
    throw invalid(field, `The header ${quoted(name)} is set by Hatstand or the connection; leave it out.`);
  }
  if (!isHeaderValue(value)) throw invalid(field, `The header ${quoted(name)} must not contain line breaks or other control characters.`);
  checkCharacters(value, field);
}
