/** Every key of the configuration, once: file, environment, flags and docs/reference/config.md are made from this table. */
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { hostNamesExpected, isHostName } from '../core/host-name.ts';
import { maxServerId } from '../core/id.ts';
import { hideLogin } from '../core/login.ts';
import { jobLimits } from '../core/new-job.ts';
import { redisProfileNames } from '../core/redis-profile.ts';
import { parseRedisUrl, redisUrlForms } from '../core/redis-url.ts';
import { exactly, type Kind, listOf, oneOf, parseAddress, seconds, text, truth, whole, wholeOrNone } from './kinds.ts';
import { logLevels, type Settings } from './settings.ts';

export interface Key<T> {
  readonly kind: Kind<T>;
  readonly default: T;
  /** The default as the reference shows it, where it is not the same on every machine. */
  readonly defaultText?: string;
  /** HQ's environment variables for it, which count when ours is not set. */
  readonly hqEnv?: readonly string[];
  /** Another flag for the same key, named as another program names it. */
  readonly synonym?: {
    readonly flag: string;
    /** Translates that flag's text into the key's. */
    asText(text: string): string;
  };
  /** The flag's short form. */
  readonly short?: string;
  /** Not shown in messages, or only as this function shows it. */
  readonly secret?: true | ((written: string) => string);
  /** A phrase, for the flag's help. */
  readonly brief: string;
  /** Whole sentences, for the reference. */
  readonly more: string;
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

/** What RFC 6750 allows in a bearer token. */
const asToken = (written: string): string | null | undefined =>
  written === '' ? null : /^[A-Za-z0-9._~+/-]+=*$/.test(written) && written.length <= 512 ? written : undefined;

/** The URL as it is written; the driver reads it again. */
const asStore = (written: string): string | null | undefined =>
  written === '' ? null : parseRedisUrl(written) === undefined ? undefined : written;
const optionalText = text<string | null>('text', (written) => (written === '' ? null : written));
const isName = (written: string): boolean => /^[A-Za-z0-9._-]{1,128}$/.test(written);
const nameWords = '1 to 128 letters, digits, dots, dashes or underscores';

const century = 3_155_760_000;
const mebibyte = 1024 * 1024;

export const keys: { readonly [K in keyof Settings]: Key<Settings[K]> } = {
  serverId: {
    kind: whole(0, maxServerId),
    default: null,
    defaultText: 'the lowest from 1 that no live node has; 0 on the embedded store',
    brief: 'a number that is part of every job id',
    more: 'Give each server on an embedded store its own when ids must differ between servers. Nodes of a cluster need none: the store hands them out, and refuses one that a live node has.',
  },
  nodeName: {
    kind: text(nameWords, (written) => (written === '' ? hostname() : isName(written) ? written : undefined)),
    default: hostname(),
    defaultText: 'the name of the machine',
    brief: 'what people call this node',
    more: 'Two nodes with one name are told apart, and reported.',
  },
  addr: {
    kind: text('an address such as "127.0.0.1:19900", ":19900" or "[::1]:19900"', parseAddress),
    default: { host: '127.0.0.1', port: 19_900 },
    defaultText: '"127.0.0.1:19900"',
    brief: 'host and port to listen on',
    more: '`":19900"` is every IPv4 address of the machine, port 0 any free port. HQ listens on `0.0.0.0:19900` by default; here other machines are served only when this and `token` are set.',
  },
  dataDir: {
    kind: text('a path', (written) => path(written === '' ? defaultFolder : written)),
    default: path(defaultFolder),
    defaultText: '"./hatstand-data"',
    brief: 'the folder of all data, made when missing',
    more: 'HQ uses a temporary folder by default: see `ephemeral`.',
  },
  ephemeral: {
    kind: truth,
    default: false,
    brief: 'keep the data in a temporary folder that is removed at a clean exit',
    more: 'As HQ does without `data_dir`, which is not used then.',
  },
  store: {
    kind: text(`empty, or ${redisUrlForms}`, asStore),
    default: null,
    secret: hideLogin,
    synonym: { flag: 'redis-address', asText: (address) => (address.includes('://') ? address : `redis://${address}`) },
    brief: 'the Redis or Valkey that several nodes share, such as redis://host:6379',
    more: 'Empty: the embedded store in `data_dir`, for one process. `redis+sentinel` asks sentinels for the master, `redis+cluster` keeps everything in one slot of a Redis Cluster.',
  },
  storeUsername: {
    kind: optionalText,
    default: null,
    brief: "the user of the store, instead of the URL's",
    more: '',
  },
  storePassword: {
    kind: optionalText,
    default: null,
    secret: true,
    synonym: { flag: 'redis-password', asText: (password) => password },
    brief: "the password of the store, instead of the URL's",
    more: 'Better set in the file or the environment: other users of the machine can see flags.',
  },
  storeSentinelUsername: {
    kind: optionalText,
    default: null,
    brief: 'the user of the sentinels, where they have users of their own',
    more: '',
  },
  storeSentinelPassword: {
    kind: optionalText,
    default: null,
    secret: true,
    brief: 'the password of the sentinels (requirepass in their sentinel.conf)',
    more: 'Empty: they are tried with the login of the store, and without one when they refuse it. Better set in the file or the environment: other users of the machine can see flags.',
  },
  storeTlsCa: {
    kind: optionalPath,
    default: null,
    brief: "the PEM file of the authorities that sign the store's certificate",
    more: "Empty: the system's. Any of the three files makes TLS, as `rediss://` does.",
  },
  storeTlsCert: { kind: optionalPath, default: null, brief: "the PEM file of this node's certificate for the store", more: '' },
  storeTlsKey: { kind: optionalPath, default: null, brief: 'the PEM file of its private key', more: '' },
  clusterName: {
    kind: text(nameWords, (written) => (isName(written) ? written : undefined)),
    default: 'hatstand',
    brief: 'nodes with the same store and this name are one cluster',
    more: 'Several clusters can share a Redis.',
  },
  durability: {
    kind: {
      ...text(`empty, or one of ${redisProfileNames.join(', ')}`, (written) =>
        written === '' ? null : redisProfileNames.find((name) => name === written),
      ),
      words: redisProfileNames,
    },
    default: null,
    brief: 'what a Redis store must give, or the server does not start',
    more: 'Empty: whatever it gives is told and taken. See [what a 2xx survives](../cluster.md#what-a-2xx-survives).',
  },
  logLevel: {
    kind: oneOf(logLevels, { warning: 'warn' }),
    default: 'info',
    hqEnv: ['HQ_LOG_LEVEL', 'SKYFORGE_LOG_LEVEL'],
    short: 'l',
    brief: 'the least important messages to log: debug, info, warn, error or off',
    more: '',
  },
  logFile: {
    kind: optionalPath,
    default: null,
    brief: 'the log file, opened anew on SIGUSR1',
    more: 'Empty: stdout. Lines are JSON, except on a terminal.',
  },
  accessLogFile: {
    kind: optionalPath,
    default: null,
    brief: "the access log with a line per request as HQ's, opened anew on SIGUSR1",
    more: 'Empty: stdout; on a terminal only with `log_level` debug. Where the log is JSON and goes to the same place, so are these lines. Health checks are not in it.',
  },
  queues: {
    kind: whole(0, 2_147_483_647),
    default: 8_192,
    brief: "the size of HQ's in-memory queue",
    more: 'Only `queueUsage` in `/stats` still knows it: a full queue refuses nothing.',
  },
  dispatchers: {
    kind: whole(0, 10_000),
    default: 32,
    brief: 'times max_workers (at least 1): how many HTTP jobs run at once',
    more: '0: this server runs none. They wait for web apps more than they compute, so the processors say little about how many there may be; but whoever sets max_workers alone means it as HQ does.',
  },
  maxWorkers: {
    kind: whole(0, 100_000),
    default: 0,
    brief: 'how many jobs each dispatcher runs at once',
    more: '0 is the same as 1.',
  },
  shutdownTimeout: {
    kind: seconds(0, 86_400),
    default: 10,
    brief: 'how long running jobs get to end when the server stops, in seconds',
    more: 'What is left goes back to its queue without losing an attempt.',
  },
  links: {
    kind: truth,
    default: true,
    brief: 'link this node to the others of its cluster, so that they hear at once when it dies',
    more: 'Only with a `store` that nodes share. See [links](../cluster.md#links).',
  },
  linkAddr: {
    kind: text('empty, or an address such as "10.0.0.7:19901"', (written) => (written === '' ? null : parseAddress(written))),
    default: null,
    defaultText: '""',
    brief: 'host and port on which this node takes links',
    more: 'Empty: the address by which this machine reaches the store, and any free port. Others must be able to reach it; where they cannot, leases alone decide who is dead.',
  },
  linkTakeover: {
    kind: truth,
    default: true,
    brief: 'take over at once from a node whose link tells that it is dead',
    more: 'Without it every node that is gone is waited for until its lease has run out.',
  },
  shareKey: {
    kind: text('empty, or 1 to 512 characters', (written) => (written === '' ? null : written.length <= 512 ? written : undefined)),
    default: null,
    secret: true,
    brief: 'what both ends of a link must have, the same on all nodes',
    more: "Empty: a key that the store keeps. It is proven, never sent. Better set in the file or the environment: other users of the machine can see flags. (distributed-task's `share_key`.)",
  },
  linkCert: {
    kind: optionalPath,
    default: null,
    brief: 'the PEM file of the certificate by which this node is known to those it is linked to',
    more: "Empty: each start makes its own. All nodes may have the same. It must be valid, and links to who shows one that has expired are refused. (distributed-task's `cert`.)",
  },
  linkKey: { kind: optionalPath, default: null, brief: 'the PEM file of its private key', more: "(distributed-task's `key`.)" },
  cpuThreshold: {
    kind: wholeOrNone(100_000),
    default: null,
    defaultText: '0',
    brief: 'the load of the machine, in percent of its processors, above which this node is critical; 0: none',
    more: 'The load is that of one minute, as `uptime` tells it: 100 for each processor that had something to run, so that 200 means that half of the work waited. A critical node claims nothing and gives its tasks to others until it is 5 points below. See [critical nodes](../guide.md#critical-nodes).',
  },
  memoryThreshold: {
    kind: wholeOrNone(100),
    default: null,
    defaultText: '0',
    synonym: { flag: 'mem-threshold', asText: (percent) => percent },
    brief: 'the memory in use on the machine, in percent, above which this node is critical; 0: none',
    more: 'In a container with a limit, that of the container.',
  },
  healthInterval: {
    kind: seconds(1, 3_600),
    default: 5,
    brief: 'how often the node looks at its machine, in seconds',
    more: 'It tells the others what it sees when it renews its lease, and at once when it becomes critical or recovers.',
  },
  jobLifetime: {
    kind: seconds(0, century),
    default: 2_419_200,
    brief: 'how long a job is kept after its end, in seconds',
    more: '0: for good. The default is 28 days. (HQ counts from the creation.)',
  },
  jobListDefaultLimit: {
    kind: whole(0, 1_000_000),
    default: 0,
    brief: 'how many jobs GET /job lists when its limit is 0 or missing',
    more: '0: all.',
  },
  ui: { kind: truth, default: true, brief: 'serve the web page', more: '' },
  uiBasename: {
    kind: text(`a path such as "/ui" that does not begin with ${ownPaths.map((own) => `/${own}`).join(', ')}`, basename),
    default: '/ui',
    brief: 'where the web page is served',
    more: '',
  },
  token: {
    kind: text('at most 512 letters, digits or any of . _ ~ + / - (RFC 6750)', asToken),
    default: null,
    secret: true,
    brief: 'what clients must send as "Authorization: Bearer <token>"',
    more: 'Without it only this machine is served. A token of less than 16 characters is told at the start: `openssl rand -hex 24` makes a good one. Better set in the file or the environment: other users of the machine can see flags.',
  },
  allowedHosts: {
    kind: listOf(hostNamesExpected, isHostName),
    default: [],
    defaultText: '[]',
    brief: 'names under which browsers may reach the server',
    more: 'Such as "jobs.example.com", "jobs.example.com:8443" or "https://jobs.example.com": what `Host` and `Origin` of a request may be besides names of this machine and of `addr`. An `Origin` must have the scheme and port named here, or the usual ones.',
  },
  payloadLimit: {
    kind: whole(1, jobLimits.payloadBytes),
    default: jobLimits.payloadBytes,
    brief: 'the largest payload of a job in bytes',
    more: '4 MiB by default, which is also the most.',
  },
  outputLimit: {
    kind: whole(0, 16 * mebibyte),
    default: jobLimits.outputBytes,
    brief: 'how many bytes of the answer of a web app are kept',
    more: '1 MiB by default. A longer output is cut and marked so.',
  },
  historyOutputLimit: {
    kind: whole(0, mebibyte),
    default: jobLimits.historyOutput,
    brief: 'how many bytes of the output of each earlier attempt are kept',
    more: '16 KiB by default, 1 MiB at most. The newest attempt keeps its output whole until a later one ends or the job is restarted; what is cut is marked so. A smaller number also cuts what is kept already, in the background. At most 100 earlier attempts of a job are kept.',
  },
  idEpoch: {
    kind: exactly([2019, 1, 1]),
    default: [2019, 1, 1],
    defaultText: '[2019, 1, 1]',
    brief: 'the day from which ids count their time',
    more: "HQ's hidden key, taken with HQ's default only.",
  },
};

/** All names, in the order of the table. */
export const keyNames = Object.keys(keys) as readonly (keyof Settings)[];

/** As the file writes it: `dataDir` is `data_dir`. */
export const fileName = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** `dataDir` is `HATSTAND_DATA_DIR`. */
export const envName = (name: string): string => `HATSTAND_${fileName(name).toUpperCase()}`;

/** The variable for a default that stands in the place of the built-in one. */
export const defaultEnvName = (name: string): string => `HATSTAND_DEFAULT_${fileName(name).toUpperCase()}`;

/** `dataDir` is `--data-dir`; a key that is on by default is switched off: `--no-ui`. */
export function flagName(name: keyof Settings): string {
  const dashed = fileName(name).replaceAll('_', '-');
  return keys[name].default === true ? `--no-${dashed}` : `--${dashed}`;
}
