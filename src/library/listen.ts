/** The HTTP face of a node inside another program: the same API, page and command line as the server's. */
import { build } from '../build.ts';
import { HatstandError } from '../core/errors.ts';
import { hostNamesExpected, isHostName } from '../core/host-name.ts';
import type { JobOptions, NewJob } from '../core/job.ts';
import { jobLimits } from '../core/new-job.ts';
import type { TaskChange } from '../core/new-task.ts';
import { tokenWarning } from '../core/token.ts';
import type { Engine } from '../engine/engine.ts';
import type { HttpOptions } from '../faces/http/options.ts';
import { type AddressOption, listenOn } from '../listening.ts';
import type { Logger } from '../ports/logger.ts';
import { type Checked, checked, host, type Kind, listOf, type OptionsOf, orNull, truth, whole } from './option.ts';
import { defaults } from './options.ts';

export interface ListenOptions {
  /** 0: any free one. Default: 19900. */
  readonly port?: number | undefined;
  /** The address to listen on; `0.0.0.0` is every IPv4 address of this machine. Default: `"127.0.0.1"`. */
  readonly host?: string | undefined;
  /** What clients must send as `Authorization: Bearer <token>`; `null`: only this machine is served. Default: `null`. */
  readonly token?: string | null | undefined;
  /** Names, beside those of this machine, under which browsers may reach it, such as `"jobs.example.com"`. Default: `[]`. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Whether the page is served, at `/ui`. Default: `true`. */
  readonly ui?: boolean | undefined;
  /**
   * How many HTTP jobs this node runs at once, which are POSTed to their urls; 0: none. Where several addresses are listened on,
   * one call says it. Default: 32.
   */
  readonly httpConcurrency?: number | undefined;
}

/** A node that is reached over HTTP. */
export interface Listening {
  /** `http://host:port` as it is reached from this machine. */
  readonly address: string;
  /** Requests under way are answered first. `stop` does the same. */
  close(): Promise<void>;
}

const token: Kind<string> = {
  expected: '1 to 512 letters, digits or any of . _ ~ + / - (RFC 6750)',
  read: (value) => (typeof value === 'string' && value.length <= 512 && /^[A-Za-z0-9._~+/-]+=*$/.test(value) ? value : undefined),
};

const hostName: Kind<string> = {
  expected: 'a host name, with or without a scheme and a port',
  read: (value) => (typeof value === 'string' && isHostName(value) ? value : undefined),
};

export const listenOptions = {
  port: { kind: whole(0, 65_535), default: '19900' },
  host: { kind: host, default: '`"127.0.0.1"`' },
  token: { kind: orNull(token), default: '`null`' },
  allowedHosts: { kind: listOf(hostNamesExpected, hostName), default: '`[]`' },
  ui: { kind: truth, default: '`true`' },
  httpConcurrency: { kind: whole(0, 100_000), default: String(defaults.httpConcurrency) },
} as const satisfies OptionsOf<ListenOptions>;

export interface Listeners {
  /**
   * Throws `invalid_request`, `address_in_use`, `invalid_config` for a host on which it cannot listen, `shutting_down`, and
   * `conflict` for an `httpConcurrency` other than the one that counts.
   */
  listen(options: ListenOptions | undefined): Promise<Listening>;
  /** Closes all, and refuses further ones. */
  close(): Promise<void>;
}

export interface ListenersParts {
  readonly engine: Engine;
  readonly log: Logger;
  /** What the jobs of a function get, where a push does not say it; `undefined`: none is registered under the name. */
  usualOf(worker: string): JobOptions | undefined;
  /** The same of tasks. */
  usualTaskOf(worker: string): TaskChange | undefined;
  /** A job that came over HTTP, as its worker takes it. Throws when it takes none such, or none from there. */
  admit(job: NewJob, isAdmin: boolean, what?: 'all' | 'worker'): Promise<NewJob>;
}

export function makeListeners(parts: ListenersParts): Listeners {
  const { engine, log } = parts;
  const all = new Set<Promise<Listening>>();
  const ownPorts = new Set<number>();
  /** Several addresses may have the same port. */
  const bounds = new Set<{ readonly port: number }>();
  /** One begins to listen after the other, so that each knows what the one before has said. */
  let turn: Promise<unknown> = Promise.resolve();
  let isClosed = false;
  let httpJobs: number | null = null;

  async function open(given: Checked<typeof listenOptions>): Promise<Listening> {
    const { port = 19_900, host = '127.0.0.1', token = null, httpConcurrency = defaults.httpConcurrency } = given;
    checkHttpJobs(given.httpConcurrency);
    // Who has the token administers; without one, anybody on this machine is let in.
    const admit: NonNullable<HttpOptions['admit']> = (job, what) => parts.admit(job, token !== null, what);
    const { usualOf, usualTaskOf } = parts;
    // Loaded here, so that who serves nothing does not wait for it.
    const [{ makeApp }, { makeHttpExecutor }] = await Promise.all([import('../faces/http/app.ts'), import('../executors/http.ts')]);
    const app = makeApp(engine, { ...httpOptions(given, host, httpConcurrency, log), usualOf, usualTaskOf, admit });
    try {
      const bound = await listenOn(app, { host, port }, saidAsOptions);
      const free = take(bound);
      runHttpJobs(httpConcurrency, makeHttpExecutor);
      engine.reachedAt(bound.reached);
      log.info('http.listening', { address: bound.address });
      const warning = token === null ? null : tokenWarning(token);
      if (warning !== null) log.warn('http.at_risk', { warning });
      if (token === null && !isThisMachine(host)) log.warn('http.has_no_token', { address: bound.address, effect: noTokenEffect });
      const close = async (): Promise<void> => {
        await app.close();
        free();
      };
      return { address: bound.address, close };
    } catch (error) {
      // Nobody else could: a stop meanwhile, which refuses the worker, has nothing yet to close.
      await app.close();
      throw error;
    }
  }

  /** Answers how it is given up again, which may be done twice. */
  function take(bound: { readonly port: number }): () => void {
    bounds.add(bound);
    ownPorts.add(bound.port);
    return () => {
      bounds.delete(bound);
      if (![...bounds].some(({ port }) => port === bound.port)) ownPorts.delete(bound.port);
    };
  }

  /** What was said cannot be changed, and is not forgotten without a word. */
  function checkHttpJobs(asked: number | undefined): void {
    if (asked === undefined || asked === 0 || asked === httpJobs) return;
    if (httpJobs !== null) throw conflict(`this node runs ${httpJobs} HTTP jobs at once already, as an earlier listen said`);
    if (parts.usualOf('http') !== undefined) throw conflict('a function is registered under the name http, which runs these jobs');
  }

  function runHttpJobs(concurrency: number, makeHttpExecutor: MakeHttpExecutor): void {
    if (concurrency === 0 || httpJobs !== null || parts.usualOf('http') !== undefined) return;
    const reach = { ownPorts, nodes: engine.nodes.list };
    const executor = makeHttpExecutor({ version: build.version, outputBytes: jobLimits.outputBytes, reach });
    engine.addWorker({ name: 'http', executor, concurrency, queues: 'any' });
    httpJobs = concurrency;
  }

  return {
    async listen(options) {
      if (isClosed) throw new HatstandError('shutting_down', 'This node was stopped and does not listen any more. Make a new one.');
      const given = checked(options, listenOptions, 'listen');
      const opening = turn.then(() => open(given));
      turn = opening.catch(() => undefined);
      all.add(opening);
      opening.catch(() => all.delete(opening));
      return opening;
    },
    async close() {
      isClosed = true;
      const opened = await Promise.allSettled(all);
      await Promise.all(opened.map((each) => (each.status === 'fulfilled' ? each.value.close() : undefined)));
    },
  };
}

type MakeHttpExecutor = typeof import('../executors/http.ts')['makeHttpExecutor'];

function httpOptions(given: Checked<typeof listenOptions>, host: string, httpConcurrency: number, log: Logger): HttpOptions {
  return {
    token: given.token ?? null,
    allowedHosts: given.allowedHosts ?? [],
    listenHost: host,
    uiBasename: given.ui === false ? null : '/ui',
    // What HQ's figures show: one dispatcher for each job that may run.
    hq: { queues: 8_192, dispatchers: httpConcurrency, maxWorkers: 1, listDefaultLimit: 0 },
    payloadBytes: jobLimits.payloadBytes,
    onAccess: null,
    onFault: (error) => log.error('http.fault', { error }),
  };
}

const saidAsOptions: AddressOption = { choose: 'the options port and host of listen', what: 'host of listen', details: { field: 'host' } };

const isThisMachine = (host: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host);
const conflict = (why: string): HatstandError =>
  new HatstandError('conflict', `httpConcurrency of listen must be left out: ${why}.`, { field: 'httpConcurrency' });

const noTokenEffect = 'other machines are answered 401; give listen a token to let them in';
