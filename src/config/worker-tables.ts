/**
 * What a configuration file says of workers: `workers`, `only_workers` and a table `[worker.<name>]` for each. A node inside a program
 * takes it for its functions (library/workers-file.ts), a server for its HTTP jobs.
 */

export interface WorkerTables {
  /** `false`: no worker runs here. */
  readonly workers: boolean;
  /** The only ones that run here; `null`: all may. */
  readonly onlyWorkers: readonly string[] | null;
  /** By name, with what their tables say, as TOML gives it. */
  readonly tables: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

/** The keys of the file that are about workers. */
export const workerKeys: readonly string[] = ['workers', 'only_workers', 'worker'];

export const noWorkerTables: WorkerTables = { workers: true, onlyWorkers: null, tables: new Map() };

type Table = Readonly<Record<string, unknown>>;

/** What is wrong is added to `problems`. */
export function workerTables(file: Table, path: string, problems: string[]): WorkerTables {
  const { workers = true, only_workers: only = null, worker = {} } = file;
  if (typeof workers !== 'boolean')
    problems.push(`${path}: workers must be true or false; what one worker is given stands in [worker.<name>]`);
  const isList = only === null || (Array.isArray(only) && only.every((name) => typeof name === 'string'));
  if (!isList) problems.push(`${path}: only_workers must be a list of names of workers`);
  const tables = new Map<string, Table>();
  if (!isTable(worker)) problems.push(`${path}: worker must be tables such as [worker.mail]`);
  else for (const [name, table] of Object.entries(worker)) takeTable(name, table);
  return { workers: workers !== false, onlyWorkers: isList ? (only as readonly string[] | null) : null, tables };

  function takeTable(name: string, table: unknown): void {
    if (isTable(table)) tables.set(name, table);
    else problems.push(`${path}: worker.${name} must be a table: [worker.${name}] and its keys below`);
  }
}

const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** What of it a server does: it runs HTTP jobs alone. */
export interface HttpWorker {
  readonly isOff: boolean;
  /** `null`: it is not said. */
  readonly concurrency: number | null;
}

const mostConcurrency = 100_000;

/** What is wrong is added to `problems`. */
export function httpWorker({ workers, onlyWorkers, tables }: WorkerTables, path: string, problems: string[]): HttpWorker {
  const { off = false, concurrency = null, ...rest } = tables.get('http') ?? {};
  const isWhole = typeof concurrency === 'number' && Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= mostConcurrency;
  if (typeof off !== 'boolean') problems.push(`${path}: [worker.http] off must be true or false`);
  if (concurrency !== null && !isWhole)
    problems.push(`${path}: [worker.http] concurrency must be a whole number from 1 to ${mostConcurrency}`);
  for (const key of Object.keys(rest))
    problems.push(
      `${path}: [worker.http] has no key ${JSON.stringify(key)} in a server, whose HTTP jobs say the rest themselves; it has off and concurrency`,
    );
  const isListed = onlyWorkers === null || onlyWorkers.includes('http');
  return { isOff: !workers || off === true || !isListed, concurrency: isWhole ? concurrency : null };
}
