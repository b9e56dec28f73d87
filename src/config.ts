/** A server's configuration: defaults, then the TOML file, then the environment, then the flags; the later one counts. An image or a unit has defaults of its own. */

import { availableParallelism } from 'node:os';
import { contradictions } from './config/contradictions.ts';
import {
  type ConfigSources,
  configFileOf,
  type Given,
  givenByEnv,
  givenByFile,
  givenByFlags,
  givenByPackage,
  workersByFile,
} from './config/given.ts';
import { type Key, keyNames, keys } from './config/keys.ts';
import { risksOf } from './config/risks.ts';
import type { Config, Settings } from './config/settings.ts';
import { httpWorker } from './config/worker-tables.ts';
import { HatstandError } from './core/errors.ts';
import { hideLogins } from './core/login.ts';
import { didYouMean } from './core/nearest.ts';

export type { ConfigSources } from './config/given.ts';
export type { Config, Settings } from './config/settings.ts';

/** Throws one `invalid_config` that names everything that is wrong, wherever it stands. */
export function loadConfig(sources: ConfigSources): Config {
  const problems: string[] = [];
  const configFile = configFileOf(sources);
  const given = [
    ...givenByPackage(sources.env),
    ...givenByFile(configFile, problems),
    ...givenByEnv(sources.env),
    ...givenByFlags(sources.flags),
  ];
  const values = new Map<keyof Settings, unknown>(keyNames.map((name) => [name, keys[name].default]));
  for (const each of given) {
    const read = keys[each.name].kind.read(each.raw);
    if (read === null) problems.push(problemOf(each));
    else values.set(each.name, read.value);
  }
  // HQ has a dispatcher for each processor.
  const isGiven = (name: keyof Settings): boolean => given.some((each) => each.name === name);
  if (values.get('maxWorkers') !== 0 && !isGiven('dispatchers')) values.set('dispatchers', availableParallelism());
  // The table has an entry of the right type for every key of Settings (config/keys.ts).
  const settings = Object.fromEntries(values) as unknown as Settings;
  problems.push(...contradictions(settings));
  const { tables, ...workers } = workersByFile(configFile, problems);
  const http = httpWorker({ tables, ...workers }, configFile ?? '', problems);
  const otherWorkers = [...tables.keys()].filter((name) => name !== 'http');
  if (problems.length > 0) throw invalid(problems);
  const config = { ...settings, configFile, http, otherWorkers };
  return { ...config, warnings: risksOf(config, given) };
}

function problemOf({ name, raw, where }: Given): string {
  const { kind, secret } = keys[name];
  const meant = kind.words === undefined || typeof raw !== 'string' ? '' : didYouMean(raw.toLowerCase(), kind.words);
  return `${where} must be ${kind.expected}${cameText(raw, secret)}${meant}`;
}

/** What came, for the message; of a secret only its type, or the part of it that may be shown. */
function cameText(raw: unknown, secret: Key<unknown>['secret']): string {
  if (secret === undefined) return `, not ${shown(raw)}`;
  if (typeof raw !== 'string') return `, not a ${kindOf(raw)}`;
  return secret === true ? '' : `, not ${shown(secret(raw))}`;
}

function kindOf(raw: unknown): string {
  if (Array.isArray(raw)) return 'list';
  if (raw instanceof Date) return 'date';
  return typeof raw === 'object' ? 'table' : typeof raw;
}

function shown(raw: unknown): string {
  const text = hideLogins(JSON.stringify(raw));
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function invalid(problems: readonly string[]): HatstandError {
  const message =
    problems.length === 1
      ? `The configuration is not valid: ${problems[0]}`
      : `The configuration has ${problems.length} faults:\n${problems.map((problem) => `  ${problem}`).join('\n')}`;
  return new HatstandError('invalid_config', message, { problems });
}
