/**
 * The configuration of distributed-task: one JSON file for distributors, workers and watchers. Its names are kept; intervals are keys of it,
 * in milliseconds.
 */
import {
  type Checked,
  checked,
  type Kind,
  type OptionsOf,
  objectOf,
  orNull,
  host as ownHost,
  refused,
  text,
  textOf,
  truth,
  whole,
} from '../library/option.ts';
import { clusterName } from '../library/stores.ts';

export interface RedisPlace {
  /** Its name or address. Default: `"localhost"`. */
  readonly host?: string | undefined;
  /** Where it listens. Default: 6379. */
  readonly port?: number | undefined;
  /** What it asks for. Default: `null`. */
  readonly password?: string | null | undefined;
  /** The number of the database. Default: 0. */
  readonly db?: number | undefined;
}

export interface DistributedTaskConfig {
  /** What both ends of a link must have, the same in all processes; it is proven, never sent. Default: a key that the store keeps. */
  readonly share_key?: string | undefined;
  /** Path of the PEM file of the private key of `cert`. Default: none. */
  readonly key?: string | undefined;
  /** Path of the PEM file of a certificate, which all processes may have. Default: each start makes its own. */
  readonly cert?: string | undefined;
  /** Where tasks are kept, and where the lists and records of distributed-task are. Default: as below. */
  readonly redis?: RedisPlace | undefined;
  /** The address on which a distributor takes links; workers and watchers, which may have the same file, do not bind it. Default: that by which Redis is reached. */
  readonly host?: string | undefined;
  /** Its port; 0: any free one. Default: 0. */
  readonly port?: number | undefined;
  /** Who is there is found out from Redis: these are checked, and not needed. Default: none. */
  readonly distributors?: readonly (readonly [string, number])[] | undefined;
  /** How often a distributor takes new tasks, and looks at those that it has taken. Default: 1000. */
  readonly loop_interval?: number | undefined;
  /** How often a distributor looks at all tasks. Default: 15000. */
  readonly check_interval?: number | undefined;
  /** A task that tells no `_update` for so long goes on elsewhere; `null`: it need not tell any, since a dead worker is found out without. Default: `null`. */
  readonly task_timeout?: number | null | undefined;
  /** A folder for events that tasks emit to be kept, while Redis is away; processes may share it. Default: none. */
  readonly spool?: string | undefined;
  /** Processes on one Redis with one name belong together, also with those of `hatstand serve`. Default: `"hatstand"`. */
  readonly cluster_name?: string | undefined;
  /** Tells on stderr what happens, beside warnings and errors. Default: `false`. */
  readonly debug?: boolean | undefined;
  /** Tells what happens to links. Default: `false`. */
  readonly debug_netev?: boolean | undefined;
}

const place: Kind<readonly [string, number]> = {
  expected: 'a pair of a host and a port, such as ["localhost", 5000]',
  read: (value) => (Array.isArray(value) && value.length === 2 && isHost(value[0]) && isPort(value[1]) ? [value[0], value[1]] : undefined),
};
const isHost = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';
const isPort = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535;

const places: Kind<readonly (readonly [string, number])[]> = {
  expected: 'a list of pairs of a host and a port',
  read(value, name, whose) {
    if (!Array.isArray(value)) return undefined;
    return value.map((each: unknown, at) => {
      const read = place.read(each, name, whose);
      if (read === undefined) throw refused(`${name}[${at}] of ${whose} must be ${place.expected}.`, name);
      return read;
    });
  },
};

const day = 86_400_000;

export const redisPlace = {
  host: { kind: textOf(1, 253), default: '`"localhost"`' },
  port: { kind: whole(1, 65_535), default: '6379' },
  password: { kind: orNull(text), default: '`null`' },
  db: { kind: whole(0, 1_000_000), default: '0' },
} as const satisfies OptionsOf<RedisPlace>;

export const configOptions = {
  share_key: { kind: textOf(1, 512), default: 'a key that the store keeps' },
  key: { kind: textOf(1, 4_096), default: 'none' },
  cert: { kind: textOf(1, 4_096), default: 'each start makes its own' },
  redis: { kind: objectOf(redisPlace, 'some'), default: 'as below' },
  host: { kind: ownHost, default: 'that by which Redis is reached' },
  port: { kind: whole(0, 65_535), default: '0' },
  distributors: { kind: places, default: 'none' },
  loop_interval: { kind: whole(10, day), default: '1000' },
  check_interval: { kind: whole(10, day), default: '15000' },
  task_timeout: { kind: orNull(whole(1_000, 365 * day)), default: '`null`' },
  spool: { kind: textOf(1, 4_096), default: 'none' },
  cluster_name: { kind: clusterName, default: '`"hatstand"`' },
  debug: { kind: truth, default: '`false`' },
  debug_netev: { kind: truth, default: '`false`' },
} as const satisfies OptionsOf<DistributedTaskConfig>;

export type Config = Checked<typeof configOptions>;

/** Throws `invalid_request`. @param whose who was given it, for errors */
export function readConfig(given: unknown, whose: string): Config {
  if (given === undefined) throw refused(`${whose} needs its configuration, such as require('./config.json').`, 'config');
  const config = checked(given, configOptions, whose);
  if ((config.cert === undefined) !== (config.key === undefined)) throw refused(`cert and key of ${whose} must be set together.`, 'cert');
  return config;
}

/** Where Redis is. */
export function redisOf({ redis = {} }: Config): Required<Checked<typeof redisPlace>> {
  const { host = 'localhost', port = 6379, password = null, db = 0 } = redis;
  return { host, port, password, db };
}
