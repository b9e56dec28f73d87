import { type Command, Option } from 'commander';
import { build } from '../../build.ts';
import type { Server } from '../../compose.ts';
import { flagName, keyNames, keys } from '../../config/keys.ts';
import type { Config, Settings } from '../../config.ts';
import { HatstandError, messageOf } from '../../core/errors.ts';
import type { Log } from '../../system/log.ts';
import { refuseEmpty } from './empty-values.ts';
import { withExamples } from './examples.ts';
import { boundOldHeap, giveBackHeap, holdYoungHeap } from './serve-heap.ts';
import { catchSignals } from './serve-signals.ts';
import { note, paint, printLine } from './terminal.ts';

interface ServeOptions {
  readonly configFile?: string;
  readonly printAddress?: boolean;
}

export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .description('start the server')
    .option('-c, --config-file <file>', 'the TOML file (else HATSTAND_CONFIG, HQ_CONFIG, /etc/hatstand/hatstand.toml)')
    .option('--print-address', 'print http://host:port on a line of its own once it serves; for scripts, with --addr 127.0.0.1:0');
  for (const name of keyNames) {
    command.addOption(optionOf(name));
    const { synonym } = keys[name];
    if (synonym !== undefined) command.addOption(new Option(`--${synonym.flag} <text>`, `the same as ${flagName(name)}`).hideHelp());
  }
  withExamples(command, [
    'hatstand serve                            on this machine, data in ./hatstand-data',
    'hatstand serve -c hatstand.toml -l debug',
    'hatstand serve --ephemeral --addr 127.0.0.1:0 --print-address',
    'hatstand serve --store redis://10.0.0.5:6379    a node of the cluster on that Redis',
  ]).action(() => serve(command));
}

/** Every key of the configuration is a flag. */
function optionOf(name: keyof Settings): Option {
  const { kind, short, brief } = keys[name];
  const flag = `${short === undefined ? '' : `-${short}, `}${flagName(name)}`;
  const value = { boolean: '', integer: ' <n>', duration: ' <duration>', string: ' <text>' }[kind.label] ?? ' <list>';
  const option = new Option(`${flag}${value}`, flag.startsWith('--no-') ? `don't ${brief}` : brief);
  return name === 'idEpoch' ? option.hideHelp() : option;
}

async function serve(command: Command): Promise<void> {
  // Also as HQ's command.
  refuseEmpty(command);
  boundOldHeap();
  const letYoungHeapGrow = holdYoungHeap();
  const stop = catchSignals();
  // Loaded here, so that the other commands start without the server.
  const [{ loadConfig }, { openLog }] = await Promise.all([import('../../config.ts'), import('../../system/log.ts')]);
  const options = command.opts<ServeOptions>();
  const terminal = process.stdout.isTTY;
  const config = loadConfig({ env: process.env, flags: givenFlags(command), configFile: options.configFile });
  const log = openLog({ level: config.logLevel, file: config.logFile, accessFile: config.accessLogFile, terminal });
  process.on('SIGUSR1', () => log.reopen());
  whenAborted(stop, () => {
    log.logger.info('server.stopping', { signal: stop.reason, shutdown_timeout: config.shutdownTimeout });
  });
  try {
    const { serve: start } = await import('../../compose.ts');
    const server = await start(config, log, stop);
    letYoungHeapGrow();
    giveBackHeap();
    whenAborted(stop, () => stopServer(server, log, config.shutdownTimeout));
    tell(config, server, log);
    if (terminal) await printLine(welcome(config, server));
    if (options.printAddress === true) await printLine(server.address);
    await server.done.catch((error: unknown) => {
      log.logger.error('server.failed', { error: messageOf(error) });
      throw error;
    });
    log.logger.info('server.stopped');
  } catch (error) {
    const wasStopped = stop.aborted && isStopped(error);
    if (wasStopped) log.logger.info('server.stopped');
    await log.close();
    // What a server that failed leaves running must not keep the process; it ends as soon as main has told the error.
    setImmediate(() => endProcess(error));
    if (wasStopped) return;
    throw error;
  }
  await log.close();
  setTimeout(endProcess, endWithin).unref();
}

/** What a server leaves behind, such as a connection that does not close, keeps the process no longer than this (ms). */
const endWithin = 1_000;

function whenAborted(signal: AbortSignal, call: () => void): void {
  if (signal.aborted) call();
  else signal.addEventListener('abort', call, { once: true });
}

function stopServer(server: Server, log: Log, shutdownTimeout: number): void {
  if (process.stderr.isTTY) note(`Stopping; running jobs get ${shutdownTimeout} s to end. Press Ctrl-C again to end at once.`);
  // What goes wrong here also ends server.done, which is waited for.
  server.stop().catch((error: unknown) => log.logger.error('server.not_stopped', { error: messageOf(error) }));
}

/** Told to stop while it started: that it does not serve is what was asked for. */
const isStopped = (error: unknown): boolean => error instanceof HatstandError && error.code === 'shutting_down';

/** An exit waits for all threads, and would wait for ever for one whose disk does not answer. */
function endProcess(error?: unknown): void {
  if (error instanceof HatstandError && error.details['hangs'] === true) process.kill(process.pid, 'SIGKILL');
  process.exit();
}

/** Keys and their synonyms, without what commander fills in by itself. */
function givenFlags(command: Command): Readonly<Record<string, unknown>> {
  const given = Object.keys(command.opts()).filter((name) => command.getOptionValueSource(name) === 'cli');
  return Object.fromEntries(given.map((name) => [name, command.getOptionValue(name)]));
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.');

function tell(config: Config, { address, store }: Server, { logger }: Log): void {
  const { addr, token, configFile, dispatchers, warnings } = config;
  logger.info('server.listening', {
    address,
    data: store.location,
    durability: store.durability.profile,
    config: configFile,
    version: build.version,
    node: process.versions.node,
  });
  if (token === null && !isLoopback(addr.host)) {
    logger.warn('server.has_no_token', {
      addr: `${addr.host}:${addr.port}`,
      effect: 'other machines are answered 401; set token to let them in',
    });
  }
  for (const warning of warnings) logger.warn('config.at_risk', { warning });
  if (dispatchers === 0) logger.warn('server.runs_nothing', { dispatchers, effect: 'jobs are kept and none is run' });
}

/** What a person wants to know first. */
function welcome(config: Config, { address, store }: Server): string {
  const { token, ui, uiBasename, ephemeral } = config;
  const job = '{"url": "http://localhost:8000/", "payload": {"message": "Hello world!"}}';
  const login = token === null ? '' : ` -H "authorization: Bearer $HATSTAND_TOKEN"`;
  const rows = [
    ['API', address],
    ...(ui ? [['UI', `${address}${uiBasename}`]] : []),
    ['Data', `${store.location}${ephemeral ? ' (removed at the end)' : ''}`],
    ['Kept', store.durability.survives],
    ['Access', token === null ? 'this machine, no token' : 'with the token'],
    ['Try it', `curl ${address}/v1/jobs${login} -H 'content-type: application/json' -d '${job}'`],
  ];
  const lines = rows.map(([name = '', text = '']) => `  ${paint('dim', name.padEnd(8))}${text}`);
  return [`${paint('bold', `Hatstand ${build.version}`)}  node ${process.versions.node}  pid ${process.pid}`, ...lines, ''].join('\n');
}
