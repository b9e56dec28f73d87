/** Where a Redis store is, as one line of text. */

/** `single`: one server. `sentinel`: its sentinels know the master. `cluster`: any of its nodes knows the master of a slot. */
export type RedisKind = 'single' | 'sentinel' | 'cluster';

export interface RedisAddress {
  /** A name or an IP address without brackets. */
  readonly host: string;
  readonly port: number;
}

export interface RedisUrl {
  readonly kind: RedisKind;
  readonly tls: boolean;
  readonly username: string | null;
  readonly password: string | null;
  /** At least one: the server, its sentinels, or nodes of the Redis Cluster. */
  readonly hosts: readonly RedisAddress[];
  /** What the sentinels call the master; `null` unless `sentinel`. */
  readonly master: string | null;
  /** The number of the database; a Redis Cluster has 0 alone. */
  readonly database: number;
}

/** Completes "must be …". */
export const redisUrlForms =
  'redis://host:port, redis+sentinel://host:port,host:port/master-name or redis+cluster://host:port,host:port (rediss for TLS), with user:password@ before the hosts and /database-number at the end where there is one';

const pattern = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/\s]*)@)?([^@/?#\s]+)(?:\/([^?#\s]*))?$/;
const hostPattern = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_.-]+))(?::(\d{1,5}))?$/;
const defaultPorts: Readonly<Record<RedisKind, number>> = { single: 6_379, sentinel: 26_379, cluster: 6_379 };
const mostHosts = 64;

/** `undefined` when the text is none of `redisUrlForms`. User, password and master name may be percent-encoded. */
export function parseRedisUrl(text: string): RedisUrl | undefined {
  const [, scheme, form, login = '', hostList = '', path = ''] = pattern.exec(text) ?? [];
  if (scheme === undefined) return undefined;
  const kind: RedisKind = form === 'sentinel' || form === 'cluster' ? form : 'single';
  const hosts = parseHosts(hostList, defaultPorts[kind]);
  const place = parsePath(kind, path);
  const user = parseLogin(login);
  if (hosts === undefined || place === undefined || user === undefined) return undefined;
  if (kind === 'single' && hosts.length > 1) return undefined;
  return { kind, tls: scheme === 'rediss', ...user, hosts, ...place };
}

/** For people: without user and password. */
export function redisLocation(url: RedisUrl): string {
  const scheme = `${url.tls ? 'rediss' : 'redis'}${url.kind === 'single' ? '' : `+${url.kind}`}`;
  const hosts = url.hosts.map(addressText).join(',');
  const database = url.database === 0 ? '' : `/${url.database}`;
  return `${scheme}://${hosts}${url.master === null ? '' : `/${encodeURIComponent(url.master)}`}${database}`;
}

export function addressText({ host, port }: RedisAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function parseHosts(list: string, defaultPort: number): readonly RedisAddress[] | undefined {
  const hosts = list.split(',').map((each) => {
    const [all, v6, name, port] = hostPattern.exec(each) ?? [];
    const number = port === undefined ? defaultPort : Number(port);
    return all === undefined || number < 1 || number > 65_535 ? undefined : { host: v6 ?? name ?? '', port: number };
  });
  const known = hosts.filter((host) => host !== undefined);
  return known.length === hosts.length && known.length <= mostHosts ? known : undefined;
}

/** `master-name/database` of sentinels, `database` of one server, nothing of a Redis Cluster. */
function parsePath(kind: RedisKind, path: string): Pick<RedisUrl, 'master' | 'database'> | undefined {
  const parts = path === '' ? [] : path.replace(/\/$/, '').split('/');
  const master = kind === 'sentinel' ? decoded(parts.shift() ?? '') : null;
  const [number = '0', ...rest] = parts;
  if (master === undefined || master === '' || rest.length > 0 || !/^\d{1,5}$/.test(number)) return undefined;
  return kind === 'cluster' && Number(number) !== 0 ? undefined : { master, database: Number(number) };
}

function parseLogin(login: string): Pick<RedisUrl, 'username' | 'password'> | undefined {
  const colon = login.indexOf(':');
  const username = decoded(colon < 0 ? login : login.slice(0, colon));
  const password = colon < 0 ? '' : decoded(login.slice(colon + 1));
  if (username === undefined || password === undefined) return undefined;
  return { username: username === '' ? null : username, password: password === '' ? null : password };
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
