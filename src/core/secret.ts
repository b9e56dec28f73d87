/**
 * What of a job nobody but its web app is shown: headers and parts of the address that are secret, or look so. The stores, the
 * web app and an export that is to be imported have them as they are.
 */
type Headers = Readonly<Record<string, string>>;

/** Stands for what is hidden. */
export const hidden = '***';

const secretNames = new RegExp(
  [
    ...['authori[sz]ation', 'cookie', 'token', 'secret', 'passw', 'pwd', 'passphrase', 'credential', 'session', 'signature', 'jwt'],
    ...['bearer', '(^|[-_.])(sig|auth|pass|otp)([-_.]|$)'],
    '(^|api|access|private|auth|account|subscription|shared|master|service|client|encryption|license)[-_.]?key([-_.]|$)',
  ].join('|'),
  'i',
);

/** Of a header, or of a parameter in a query. */
export const isSecretName = (name: string): boolean => secretNames.test(name);

export function shownHeaders(headers: Headers): Headers {
  const names = Object.keys(headers);
  if (!names.some(isSecretName)) return headers;
  return Object.fromEntries(names.map((name) => [name, isSecretName(name) ? hidden : (headers[name] ?? '')]));
}

/** The name of a header whose value is hidden, so that it cannot be sent; `null`: there is none. */
export function hiddenHeader(headers: Headers): string | null {
  return Object.keys(headers).find((name) => headers[name] === hidden && isSecretName(name)) ?? null;
}

/** Headers as somebody was shown them, and perhaps changed others: what is hidden is what it was. */
export function withHidden(headers: Headers, original: Headers | null): Headers {
  if (original === null || hiddenHeader(headers) === null) return headers;
  const known = new Map(Object.entries(original).map(([name, value]) => [name.toLowerCase(), value]));
  const valueFor = (name: string, value: string): string =>
    value === hidden && isSecretName(name) ? (known.get(name.toLowerCase()) ?? value) : value;
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, valueFor(name, value)]));
}

const login = /^([A-Za-z][A-Za-z0-9+.-]*:\/\/)([^/?#]+)@/;
const parameter = /([?&;])([^=&;#]*)=([^&;#]*)/g;

/** An address without its password, a user that stands alone (it may be a token), and parameters that are secret. */
export function shownUrl(url: string): string {
  if (!url.includes('@') && !url.includes('?')) return url;
  const open = url.replace(login, (_, scheme: string, user: string) => `${scheme}${shownUser(user)}@`);
  const query = open.indexOf('?');
  if (query < 0) return open;
  return open.slice(0, query) + open.slice(query).replace(parameter, shownParameter);
}

/** Something in it is hidden, so that it cannot be sent. */
export const isHiddenUrl = (url: string): boolean =>
  url.includes(hidden) && shownUrl(url) === url && shownUrl(url.replaceAll(hidden, 'x')) !== url.replaceAll(hidden, 'x');

const shownUser = (user: string): string => (user.includes(':') ? `${user.slice(0, user.indexOf(':'))}:${hidden}` : hidden);

const shownParameter = (whole: string, mark: string, name: string, value: string): string =>
  value !== '' && isSecretName(name) ? `${mark}${name}=${hidden}` : whole;
