/** What a configuration file says of the workers of a node inside a program. */
import { readTable } from '../config/given.ts';
import { fileName, keyNames } from '../config/keys.ts';
import { workerKeys, workerTables } from '../config/worker-tables.ts';
import { HatstandError, messageOf } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import { type Checked, readAs, truth } from './option.ts';
import { type hatstandOptions, workerOptions } from './options.ts';

type Settings = Pick<Checked<typeof hatstandOptions>, 'workers' | 'onlyWorkers'>;
type Setting = false | Checked<typeof workerOptions>;

/** `maxBackoff` is `max_backoff` there. */
const optionOf = new Map(Object.keys(workerOptions).map((name) => [fileName(name), name as keyof typeof workerOptions]));
const known = [...optionOf.keys(), 'off'];

/** What the options say goes before what the file says, worker by worker. Throws `invalid_config` that names everything that is wrong. */
export function withWorkersFile({ workers, onlyWorkers }: Settings, path: string | undefined): Settings {
  if (path === undefined) return { ...(workers === undefined ? {} : { workers }), ...(onlyWorkers === undefined ? {} : { onlyWorkers }) };
  const file = settingsIn(path);
  const only = onlyWorkers ?? file.onlyWorkers;
  const merged =
    workers === false || (workers === undefined && file.workers === false) ? false : new Map([...(file.workers || []), ...(workers ?? [])]);
  return { workers: merged, ...(only === undefined ? {} : { onlyWorkers: only }) };
}

function settingsIn(path: string): Settings {
  const problems: string[] = [];
  const table = readTable(path, problems);
  // A server may have the same file.
  const keys = [...workerKeys, ...keyNames.map(fileName)];
  for (const key of Object.keys(table))
    if (!keys.includes(key)) problems.push(`${path}: there is no key ${JSON.stringify(key)}${didYouMean(key, keys)}`);
  const { workers, onlyWorkers, tables } = workerTables(table, path, problems);
  const settings = new Map([...tables].map(([name, each]) => [name, settingOf(each, `[worker.${name}] of ${path}`, problems)]));
  if (problems.length > 0) throw invalid(problems);
  return { workers: workers ? settings : false, ...(onlyWorkers === null ? {} : { onlyWorkers }) };
}

function settingOf(table: Readonly<Record<string, unknown>>, whose: string, problems: string[]): Setting {
  const read: Record<string, unknown> = {};
  let isOff = false;
  for (const [key, value] of Object.entries(table)) {
    const option = optionOf.get(key);
    try {
      if (key === 'off') isOff = readAs(truth, value, key, whose);
      else if (option === undefined)
        problems.push(`${whose} has no key ${JSON.stringify(key)}${didYouMean(key, known) || `: it has ${known.join(', ')}`}`);
      else read[option] = readAs<unknown>(workerOptions[option].kind, value, key, whose);
    } catch (error) {
      problems.push(messageOf(error));
    }
  }
  return isOff ? false : (read as Checked<typeof workerOptions>);
}

function invalid(problems: readonly string[]): HatstandError {
  const message =
    problems.length === 1
      ? `The configuration is not valid: ${problems[0]}`
      : `The configuration has ${problems.length} faults:\n  ${problems.join('\n  ')}`;
  return new HatstandError('invalid_config', message, { problems });
}
