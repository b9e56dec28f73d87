/** Every key of the configuration, once: file, environment, flags and docs/reference/config.md are made from this table. */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { maxServerId } from '../core/id.ts';
import { jobLimits } from '../core/new-job.ts';
import { exactly, type Kind, listOf, oneOf, parseAddress, text, truth, whole } from './kinds.ts';
import { logLevels, type Settings } from './settings.ts';

export interface Key<T> {
  readonly kind: Kind<T>;
  readonly default: T;
  /** The default as the reference shows it, where it is not the same on every machine. */
  readonly defaultText?: string;
  /** Environment variables of HQ's that are heard too, after ours. */
  readonly hqEnv?: readonly string[];
  /** The flag's short form. */
  readonly short?: string;
  /** Never shown in messages. */
  readonly secret?: true;
  readonly meaning: string;
}

const defaultFolder = 'hatstand-data';
const path = (written: string): string => resolve(written);
const optionalPath = text<string | null>('a path', (written) => (written === '' ? null : path(written)));
const ownPaths = ['job', 'stats', 'v1', 'livez', 'readyz', 'metrics'];

function basename(written: string): string | undefined {
  const trimmed = written.replace(/\/+$/, '');
  const first = trimmed.split('/')[1] ?? '';
  return /^(\/[A-Za-z0-9._~-]+)+$/.test(trimmed) && !ownPaths.includes(first) ? trimmed : undefined;
}

const isHostName = (name: string): boolean => /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(:\d{1,5})?$/.test(name);
/** What RFC 6750 allows in a bearer token. */
const asToken = (written: string): string | null | undefined =>
  written === '' ? null : /^[A-Za-z0-9._~+/-]+=*$/.test(written) && written.length <= 512 ? written : undefined;

const century = 3_155_760_000;
const mebibyte = 1024 * 1024;

export const keys: { readonly [K in keyof Settings]: Key<Settings[K]> } = {
  serverId: {
    kind: whole(0, maxServerId),
    default: 0,
    meaning: 'Part of every job id. Give each server its own number when ids must differ between servers.',
  },
  addr: {
    kind: text('an address such as "127.0.0.1:19900", ":19900" or "[::1]:19900"', parseAddress),
    default: { host: '127.0.0.1', port: 19_900 },
    defaultText: '"127.0.0.1:19900"',
    meaning:
      'The address to listen on. `":19900"` is every IPv4 address of the machine, port 0 any free port. HQ listens on `0.0.0.0:19900` by default; here other machines are let in only when this is set, and need `token`.',
  },
  dataDir: {
    kind: text('a path', (written) => path(written === '' ? defaultFolder : written)),
    default: path(defaultFolder),
    defaultText: '"./hatstand-data"',
    meaning: 'The folder of all data; made when missing. HQ uses a temporary folder by default: see `ephemeral`.',
  },
  ephemeral: {
    kind: truth,
    default: false,
    meaning:
      "Keeps the data in a temporary folder that is removed at a clean exit, as HQ does without `data_dir`. `data_dir` isn't used then.",
  },
  logLevel: {
    kind: oneOf(logLevels, { warning: 'warn' }),
    default: 'info',
    hqEnv: ['HQ_LOG_LEVEL', 'SKYFORGE_LOG_LEVEL'],
    short: 'l',
    meaning: 'The least important messages to log: debug, info, warn, error or off.',
  },
  logFile: {
    kind: optionalPath,
    default: null,
    meaning: 'The log file, opened anew on SIGUSR1. Empty: stdout.',
  },
  accessLogFile: {
    kind: optionalPath,
    default: null,
    meaning:
      "The access log, one line per request in HQ's format, opened anew on SIGUSR1. Empty: stdout; on a terminal only with `log_level` debug.",
  },
  queues: {
    kind: whole(0, 2_147_483_647),
    default: 8_192,
    meaning: "The size of HQ's in-memory queue. Only `queueUsage` in `/stats` still knows it: a full queue refuses nothing.",
  },
  dispatchers: {
    kind: whole(0, 10_000),
    default: availableParallelism(),
    defaultText: 'the number of CPUs',
    meaning: 'Times `max_workers` (at least 1): how many HTTP jobs run at once. 0: this server runs none.',
  },
  maxWorkers: {
    kind: whole(0, 100_000),
    default: 0,
    meaning: 'How many jobs each dispatcher runs at once. 0 is the same as 1.',
  },
  shutdownTimeout: {
    kind: whole(0, 86_400),
    default: 10,
    meaning: 'Seconds that running jobs get to end when the server stops; what is left goes back to its queue without losing an attempt.',
  },
  jobLifetime: {
    kind: whole(0, century),
    default: 2_419_200,
    meaning: 'Seconds for which a job is kept after its end. 0: for good. (28 days by default; HQ counts from the creation.)',
  },
  jobListDefaultLimit: {
    kind: whole(0, 1_000_000),
    default: 0,
    meaning: 'How many jobs `GET /job` lists when its `limit` is 0 or missing. 0: all.',
  },
  ui: { kind: truth, default: true, meaning: 'Serves the web page.' },
  uiBasename: {
    kind: text(`a path such as "/ui" that does not begin with ${ownPaths.map((own) => `/${own}`).join(', ')}`, basename),
    default: '/ui',
    meaning: 'Where the web page is served.',
  },
  token: {
    kind: text('at most 512 letters, digits or any of . _ ~ + / - (RFC 6750)', asToken),
    default: null,
    secret: true,
    meaning:
      'What clients must send as `Authorization: Bearer <token>`. Without it only this machine is served. Set it in the file or the environment: flags can be seen by other users of the machine.',
  },
  allowedHosts: {
    kind: listOf('a list of host names, with or without a port', isHostName),
    default: [],
    defaultText: '[]',
    meaning: 'Names that `Host` and `Origin` of a request may have besides those of this machine and of `addr`.',
  },
  payloadLimit: {
    kind: whole(1, jobLimits.payloadBytes),
    default: jobLimits.payloadBytes,
    meaning: 'The largest payload of a job in bytes (4 MiB, which is also the most).',
  },
  outputLimit: {
    kind: whole(0, 16 * mebibyte),
    default: jobLimits.outputBytes,
    meaning: 'How many bytes of the answer of a web app are kept as the output (1 MiB); a longer one is cut and marked so.',
  },
  idEpoch: {
    kind: exactly([2019, 1, 1]),
    default: [2019, 1, 1],
    defaultText: '[2019, 1, 1]',
    meaning: "The day from which ids count their time. HQ's hidden key, accepted with HQ's default only.",
  },
};

/** All names, in the order of the table. */
export const keyNames = Object.keys(keys) as readonly (keyof Settings)[];

/** As the file writes it: `dataDir` is `data_dir`. */
export const fileName = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** `dataDir` is `HATSTAND_DATA_DIR`. */
export const envName = (name: string): string => `HATSTAND_${fileName(name).toUpperCase()}`;

/** `dataDir` is `--data-dir`; a key that is on by default is switched off: `--no-ui`. */
export function flagName(name: keyof Settings): string {
  const dashed = fileName(name).replaceAll('_', '-');
  return keys[name].default === true ? `--no-${dashed}` : `--${dashed}`;
}
