/** Where jobs are kept: the stores as the library opens them, their options checked. */
import type { HatstandError } from '../core/errors.ts';
import { maxServerId } from '../core/id.ts';
import { hideLogin } from '../core/login.ts';
import { type RedisProfileName, redisProfileNames } from '../core/redis-profile.ts';
import { parseRedisUrl, redisUrlForms } from '../core/redis-url.ts';
import type { Logger } from '../ports/logger.ts';
import { openMemory as openMemoryStore } from '../stores/memory/index.ts';
import { openSqlite as openSqliteStore } from '../stores/sqlite/index.ts';
import {
  call,
  checked,
  duration,
  type Kind,
  type OptionsOf,
  objectOf,
  oneOf,
  orNull,
  refused,
  shown,
  text,
  textOf,
  whole,
} from './option.ts';
import { type Duration, logger } from './options.ts';
import type { Store } from './store.ts';

export interface MemoryOptions {
  /** Part of every job id, 0 to 1023. Default: 0. */
  readonly serverId?: number | undefined;
}

export interface SqliteOptions {
  /** The folder of the data; it is made if it is not there. */
  readonly path: string;
  /** Part of every job id, 0 to 1023. Default: 0. */
  readonly serverId?: number | undefined;
  /** `full` survives power loss; `normal` may then lose the newest moments, but nothing in a crash of the process. Default: `"full"`. */
  readonly synchronous?: 'full' | 'normal' | undefined;
  /** Bytes kept free for a full disk, so that running jobs can still be settled; 0: none. Default: 16 MiB. */
  readonly ballastBytes?: number | undefined;
  /** The file grows to no more pages of 4 KiB than this. Default: as many as the disk has. */
  readonly maxPages?: number | undefined;
  /** Called when the file can no longer be trusted and all further calls are refused: end the process and start it again. Default: none. */
  readonly onFailure?: ((error: HatstandError) => void) | undefined;
}

export interface RedisOptions {
  /**
   * `redis://host:port/db`, `rediss://…` (TLS), `redis+sentinel://host:port,host:port/master-name/db`,
   * `redis+cluster://host:port,host:port`; `rediss+sentinel` and `rediss+cluster` for TLS. A user and a password may stand
   * before the hosts.
   */
  readonly url: string;
  /** Nodes with one name on one Redis are one cluster. Default: `"hatstand"`. */
  readonly cluster?: string | undefined;
  /** Instead of the URL's; `null`: the URL's. Default: `null`. */
  readonly username?: string | null | undefined;
  /** Instead of the URL's; `null`: the URL's. Default: `null`. */
  readonly password?: string | null | undefined;
  /** The user of the sentinels themselves; `null`: none. Default: `null`. */
  readonly sentinelUsername?: string | null | undefined;
  /** The password of the sentinels themselves; `null`: the master's, which they may have or not. Default: `null`. */
  readonly sentinelPassword?: string | null | undefined;
  /** Paths of PEM files; any of them makes TLS. Default: none. */
  readonly tls?: TlsFiles | undefined;
  /** For each call, from the call to its reply. Default: 5 s. */
  readonly deadline?: Duration | undefined;
  /** What the server must give, or it is not opened; `null`: what it gives is told and taken. Default: `null`. */
  readonly profile?: RedisProfileName | null | undefined;
  /** Between two questions to a server that stays connected, what it gives. Default: 1 min. */
  readonly inspectEvery?: Duration | undefined;
  /** Hears about lost connections, reconnects and what the server lacks. Default: nothing is logged. */
  readonly log?: Logger | undefined;
}

export interface TlsFiles {
  readonly ca?: string | null | undefined;
  readonly cert?: string | null | undefined;
  readonly key?: string | null | undefined;
}

const serverId = { kind: whole(0, maxServerId), default: '0' };

export const memoryOptions = { serverId } as const satisfies OptionsOf<MemoryOptions>;

export const sqliteOptions = {
  path: { kind: textOf(1, 4_096), default: 'required' },
  serverId,
  synchronous: { kind: oneOf(['full', 'normal']), default: '`"full"`' },
  ballastBytes: { kind: whole(0, 2 ** 40), default: '16 MiB' },
  maxPages: { kind: whole(1, 2 ** 32 - 2), default: 'as many as the disk has' },
  onFailure: { kind: call, default: 'none' },
} as const satisfies OptionsOf<SqliteOptions>;

const redisUrl: Kind<string> = {
  expected: redisUrlForms,
  read(value, name, whose) {
    if (typeof value !== 'string') return undefined;
    if (parseRedisUrl(value) !== undefined) return value;
    // It may hold a password.
    throw refused(`${name} of ${whose} must be ${redisUrlForms}, not ${shown(hideLogin(value))}.`, name);
  },
};
export const clusterName: Kind<string> = {
  expected: '1 to 128 letters, digits, dots, dashes or underscores',
  read: (value) => (typeof value === 'string' && /^[A-Za-z0-9._-]{1,128}$/.test(value) ? value : undefined),
};
const login = { kind: orNull(text), default: '`null`' };

export const redisOptions = {
  url: { kind: redisUrl, default: 'required' },
  cluster: { kind: clusterName, default: '`"hatstand"`' },
  username: login,
  password: login,
  sentinelUsername: login,
  sentinelPassword: login,
  tls: { kind: objectOf({ ca: login, cert: login, key: login }, 'some'), default: 'none' },
  deadline: { kind: duration(1), default: '5 s' },
  profile: { kind: orNull(oneOf(redisProfileNames)), default: '`null`' },
  inspectEvery: { kind: duration(1), default: '1 min' },
  log: { kind: logger, default: 'nothing is logged' },
} as const satisfies OptionsOf<RedisOptions>;

/** A store in memory, for tests and for work that may be forgotten. Nodes of this process may share it. Throws `invalid_request`. */
export function openMemory(options?: MemoryOptions): Store {
  return openMemoryStore(checked(options, memoryOptions, 'openMemory'));
}

/**
 * The embedded store: one SQLite file in a folder. `stop` of the Hatstand that gets it closes it, else `close`. It keeps the process
 * only while it is asked something. Throws `store_in_use` when another process has it open, `store_unusable`
 * when it cannot be used at all, `invalid_request`.
 */
export async function openSqlite(options: SqliteOptions): Promise<Store> {
  const { path, onFailure, ...rest } = checked(options, sqliteOptions, 'openSqlite');
  if (path === undefined) throw refused('openSqlite needs a path: the folder of the data, such as "./data".', 'path');
  return openSqliteStore({ ...rest, path, onFailure: onFailure as SqliteOptions['onFailure'] });
}

/**
 * The store of a cluster: a Redis or Valkey that its nodes share. `stop` of the Hatstand that gets it closes it, else `close`; its
 * connection keeps the process until then. Throws `invalid_config` for a file,
 * `store_unavailable` when it is not reached in time, `store_unusable` when it cannot be used at all, `invalid_request`.
 */
export async function openRedis(options: RedisOptions): Promise<Store> {
  const { url, cluster = 'hatstand', log, ...rest } = checked(options, redisOptions, 'openRedis');
  if (url === undefined) throw refused('openRedis needs a url such as "redis://127.0.0.1:6379".', 'url');
  // Loaded here, so that who keeps everything in a file does not wait for it.
  const redis = await import('../stores/redis/index.ts');
  return redis.openRedis({ ...rest, url, cluster, logger: log });
}
