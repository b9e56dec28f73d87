/** The shape of a server's configuration; config/keys.ts says what each key takes and means. */

import type { RedisProfileName } from '../core/redis-profile.ts';
import type { HttpWorker } from './worker-tables.ts';

export const logLevels = ['debug', 'info', 'warn', 'error', 'off'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface ListenAddress {
  /** A name or an IP address without brackets. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

/** What can be configured. The names are those of the file in camelCase. */
export interface Settings {
  /** `null`: 0 on the embedded store, else handed out by the store. */
  readonly serverId: number | null;
  /** For people. */
  readonly nodeName: string;
  readonly addr: ListenAddress;
  /** An absolute path; not used when `ephemeral`, nor with a `store`. */
  readonly dataDir: string;
  readonly ephemeral: boolean;
  /** A Redis, as core/redis-url.ts has it; `null`: the embedded store in `dataDir`. */
  readonly store: string | null;
  readonly storeUsername: string | null;
  readonly storePassword: string | null;
  /** Of the sentinels; without the password, the store's is tried. */
  readonly storeSentinelUsername: string | null;
  readonly storeSentinelPassword: string | null;
  /** Absolute paths, as are the next two. */
  readonly storeTlsCa: string | null;
  readonly storeTlsCert: string | null;
  readonly storeTlsKey: string | null;
  readonly clusterName: string;
  /** What the store must give; `null`: whatever it gives is taken. */
  readonly durability: RedisProfileName | null;
  readonly logLevel: LogLevel;
  /** `null`: stdout. */
  readonly logFile: string | null;
  /** `null`: see LogOptions in system/log.ts. */
  readonly accessLogFile: string | null;
  readonly queues: number;
  readonly dispatchers: number;
  readonly maxWorkers: number;
  /** Seconds. */
  readonly shutdownTimeout: number;
  readonly links: boolean;
  /** `null`: the address by which this machine reaches the store, and any free port. */
  readonly linkAddr: ListenAddress | null;
  readonly linkTakeover: boolean;
  /** `null`: one that the store keeps. */
  readonly shareKey: string | null;
  /** Paths of PEM files: both, or none. */
  readonly linkCert: string | null;
  readonly linkKey: string | null;
  /** Percent, as are the next; `null`: none. */
  readonly cpuThreshold: number | null;
  readonly memoryThreshold: number | null;
  /** Seconds. */
  readonly healthInterval: number;
  /** Seconds since the end of a job; 0: kept for good. */
  readonly jobLifetime: number;
  /** 0: all. */
  readonly jobListDefaultLimit: number;
  readonly ui: boolean;
  /** Begins with a slash and ends with none. */
  readonly uiBasename: string;
  /** `null`: none is asked for. */
  readonly token: string | null;
  readonly allowedHosts: readonly string[];
  /** Bytes. */
  readonly payloadLimit: number;
  /** Bytes. */
  readonly outputLimit: number;
  /** Bytes. */
  readonly historyOutputLimit: number;
  /** Year, month, day. */
  readonly idEpoch: readonly number[];
}

export interface Config extends Settings {
  /** The file that was read; `null` when there was none. */
  readonly configFile: string | null;
  /** What the file says of HTTP jobs. */
  readonly http: HttpWorker;
  /** Other workers of which the file says something: a server has none. */
  readonly otherWorkers: readonly string[];
  /** What somebody should see to, each in whole sentences: secrets that others can read or guess. */
  readonly warnings: readonly string[];
}
