/** What opens a driver. */
import type { Millis } from '../../../core/duration.ts';
import type { RedisProfileName } from '../../../core/redis-profile.ts';
import type { Logger } from '../../../ports/logger.ts';

export interface DriverOptions {
  /**
   * `redis://host:port/db`, `rediss://…` (TLS), `redis+sentinel://host:port,host:port/master-name/db`,
   * `redis+cluster://host:port,host:port`; `rediss+sentinel` and `rediss+cluster` for TLS. A user and a password may stand
   * before the hosts.
   */
  readonly url: string;
  /** The hash tag of all keys of the store, without its braces. */
  readonly tag: string;
  /** Instead of the URL's. */
  readonly username?: string | null | undefined;
  /** Instead of the URL's. */
  readonly password?: string | null | undefined;
  /** Of the sentinels themselves. Without a password: the master's, which they may have or not. */
  readonly sentinelUsername?: string | null | undefined;
  readonly sentinelPassword?: string | null | undefined;
  /** Paths of PEM files; any of them makes TLS. */
  readonly tls?: { readonly ca?: string | null; readonly cert?: string | null; readonly key?: string | null } | undefined;
  /** For each call, from the call to its reply. Default 5 s. */
  readonly deadline?: Millis | undefined;
  /** What the server must give; `null` (default): what it gives is told and taken. */
  readonly profile?: RedisProfileName | null | undefined;
  /** Between two questions to a server that stays connected, what it gives. Default 1 min. */
  readonly inspectEvery?: Millis | undefined;
  /** Hears about lost connections, reconnects and what the server lacks. */
  readonly logger?: Logger | undefined;
}
