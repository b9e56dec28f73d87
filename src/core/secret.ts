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
    '(^|api|access|private|auth|account|subscription|shared|master|service|client|encryption|license|functions?)[-_.]?key([-_.]|$)',
  ].join('|'),
  'i',
);

/** Of a header, or of a parameter of an address. */
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

/**
 * An address whose parts are where they should be: scheme, user, host, port, and all the rest. An `@` in the rest is none of a
 * user's; in any other text it may be.
 */
const address = /^((?:[a-z][a-z0-9+.-]*:)?\/\/)(?:([^/?#]*)@)?((?:\[[^\]/?#@]*\]|[^\s:/?#@\\^`{|}]+)(?::(\d{0,5}))?(?:[/?#].*)?)$/is;
const highestPort = 65_535;
/** A scheme with its slashes, and all that may be a user. Web apps may read `%40` as `@`. */
const broken = /^((?:(?:[a-z][a-z0-9+.-]*)?:)?[/\\]*)(?![/\\]).*(?:@|%40)/is;
const parameter = /([?&;#])([^=&;#?]*)=([^&;#]*)/g;

/**
 * An address without its password, a user that stands alone (it may be a token), parameters that are secret, in the query and the
 * fragment, and the token of a webhook. HQ takes addresses to which nothing can be sent: of those all before the last `@` is hidden.
 */
export function shownUrl(url: string): string {
  const shown = /[@?#%]/.test(url) ? withoutUser(url).replace(parameter, shownParameter) : url;
  return withoutHook(shown);
}

/** What a request asks for, as its first line has it: a path with its query, in which an `@` is no user's, or a whole address. */
export const shownTarget = (target: string): string =>
  target.startsWith('/') && !target.startsWith('//') ? withoutHook(target.replace(parameter, shownParameter)) : shownUrl(target);

/** The address of a webhook is as good as a password, however its path is written, and wherever it is mounted. */
const slashes = String.raw`(?:[/\\]|%2f|%5c)+`;
/** Each as it is, or escaped. */
const letters = (word: string): string =>
  Array.from(
    word,
    (letter) => `(?:${letter}|%${letter.charCodeAt(0).toString(16)}|%${letter.toUpperCase().charCodeAt(0).toString(16)})`,
  ).join('');
const anything = String.raw`(?:(?!%2f|%5c)[^/\\?#])+`;
const hook = new RegExp(`([/\\\\]?${letters('v1')}${slashes}${letters('webhooks')}${slashes}${anything}${slashes})${anything}`, 'gi');

const withoutHook = (text: string): string => (/[w%]/i.test(text) ? text.replace(hook, `$1${hidden}`) : text);

/** Something in it is hidden, so that it cannot be sent. */
export const isHiddenUrl = (url: string): boolean =>
  url.includes(hidden) && shownUrl(url) === url && shownUrl(url.replaceAll(hidden, 'x')) !== url.replaceAll(hidden, 'x');

function withoutUser(url: string): string {
  const [, start = '', user = '', rest, port = ''] = address.exec(url) ?? [];
  if (rest === undefined || Number(port) > highestPort) return url.replace(broken, (_, scheme: string) => `${scheme}${hidden}@`);
  return user === '' ? url : `${start}${shownUser(user)}@${rest}`;
}

const shownUser = (user: string): string => (user.includes(':') ? `${user.slice(0, user.indexOf(':'))}:${hidden}` : hidden);

function shownParameter(whole: string, mark: string, name: string, value: string): string {
  return value !== '' && isSecretParameter(decoded(name)) ? `${mark}${name}=${hidden}` : whole;
}

/** `code` is what OAuth grants, and the key of an Azure function. */
const isSecretParameter = (name: string): boolean => name.toLowerCase() === 'code' || isSecretName(name);

/** Names that matter are ASCII. */
const decoded = (name: string): string =>
  name.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
