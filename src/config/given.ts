/** What the file, the environment and the flags say, before it is known whether it is right. */
import { existsSync, readFileSync } from 'node:fs';
import { parse, TomlError } from 'smol-toml';
import { messageOf } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import { isDistributedTask, ofDistributedTask } from './distributed-task-file.ts';
import { defaultEnvName, envName, fileName, flagName, keyNames, keys } from './keys.ts';
import type { Settings } from './settings.ts';
import { noWorkerTables, type WorkerTables, workerKeys, workerTables } from './worker-tables.ts';

export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** By key or synonym in camelCase; texts, or booleans for switches. Names that are neither are not looked at. */
  readonly flags?: Readonly<Record<string, unknown>>;
  /** From `--config-file`; it must exist. */
  readonly configFile?: string | undefined;
  /** Read when no file is named and it exists. Default: `/etc/hatstand/hatstand.toml`. */
  readonly systemFile?: string;
}

export interface Given {
  readonly name: keyof Settings;
  /** The value, as TOML would give it. */
  readonly raw: unknown;
  /** Where it stands and what it is called there; completes "… must be". */
  readonly where: string;
}

export const systemConfigFile = '/etc/hatstand/hatstand.toml';

/** The file to read; `null`: none. */
export function configFileOf(sources: ConfigSources): string | null {
  const named = sources.configFile || sources.env['HATSTAND_CONFIG'] || sources.env['HQ_CONFIG'];
  if (named) return named;
  const system = sources.systemFile ?? systemConfigFile;
  return existsSync(system) ? system : null;
}

export function givenByFile(path: string | null, problems: string[]): readonly Given[] {
  if (path === null) return [];
  const table = readTable(path, problems);
  const known = new Map(keyNames.map((name) => [fileName(name), name]));
  return Object.entries(table).flatMap(([key, raw]) => {
    const name = known.get(key);
    if (name !== undefined) return [{ name, raw, where: `${path}: ${key}` }];
    if (!workerKeys.includes(key))
      problems.push(`${path}: there is no key ${JSON.stringify(key)}${didYouMean(key, [...known.keys(), ...workerKeys])}`);
    return [];
  });
}

/** What the file says of workers. */
export const workersByFile = (path: string | null, problems: string[]): WorkerTables =>
  path === null ? noWorkerTables : workerTables(readTable(path, []), path, problems);

/** Of a file of ours, or of distributed-task's. What is wrong is added to `problems`. */
export function readTable(path: string, problems: string[]): Readonly<Record<string, unknown>> {
  try {
    const text = readFileSync(path, 'utf8');
    return isDistributedTask(text) ? ofDistributedTask(text, path, problems) : parse(text);
  } catch (error) {
    if (error instanceof TomlError) {
      const [reason] = error.message.replace(/^Invalid TOML document: /, '').split('\n');
      problems.push(`${path}: line ${error.line}, column ${error.column}: ${reason}`);
    } else {
      problems.push(`${path}: the file cannot be read (${messageOf(error)})`);
    }
    return {};
  }
}

/** Defaults of whoever packed Hatstand (an image, a unit): unlike other variables, the file overrules these. */
export function givenByPackage(env: ConfigSources['env']): readonly Given[] {
  return keyNames.flatMap((name) => {
    const variable = defaultEnvName(name);
    const text = env[variable] ?? '';
    return text === '' ? [] : [{ name, raw: keys[name].kind.fromText(text), where: variable }];
  });
}

/** Empty variables count as not set. Other `HATSTAND_…` variables are left alone: container platforms set some. */
export function givenByEnv(env: ConfigSources['env']): readonly Given[] {
  return keyNames.flatMap((name) => {
    const variable = [envName(name), ...(keys[name].hqEnv ?? [])].find((each) => (env[each] ?? '') !== '');
    return variable === undefined ? [] : [{ name, raw: keys[name].kind.fromText(env[variable] ?? ''), where: variable }];
  });
}

/** The key's own flag overrules its synonym. */
export function givenByFlags(flags: ConfigSources['flags'] = {}): readonly Given[] {
  return keyNames.flatMap((name) => {
    const { kind, synonym } = keys[name];
    const meant = synonym === undefined ? undefined : flags[camelCase(synonym.flag)];
    const value = flags[name];
    return [
      ...(typeof meant === 'string' ? [{ name, raw: kind.fromText(synonym?.asText(meant) ?? meant), where: `--${synonym?.flag}` }] : []),
      ...(value === undefined ? [] : [{ name, raw: typeof value === 'string' ? kind.fromText(value) : value, where: flagName(name) }]),
    ];
  });
}

const camelCase = (flag: string): string => flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
