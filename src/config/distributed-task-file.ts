/**
 * distributed-task's JSON file, which a server reads in the place of its own: what it says of Redis and of links, in our words. Its
 * intervals, and what else its three roles alone need, say nothing to a server.
 */
import { isIPv6 } from 'node:net';
import { didYouMean } from '../core/nearest.ts';

type Table = Readonly<Record<string, unknown>>;

/** Keys that are called otherwise here. */
const renamed: Readonly<Record<string, string>> = {
  share_key: 'share_key',
  cluster_name: 'cluster_name',
  cert: 'link_cert',
  key: 'link_key',
};
const read = ['redis', 'host', 'debug'];
/** A server takes links at any free port, as a worker does: a distributor of the same file may have the other one. */
const unused = ['port', 'distributors', 'loop_interval', 'check_interval', 'task_timeout', 'spool', 'debug_netev'];
export const distributedTaskKeys: readonly string[] = [...Object.keys(renamed), ...read, ...unused];

/** JSON, which TOML never begins as; a byte order mark may stand before it. */
export const isDistributedTask = (text: string): boolean => text.trimStart().startsWith('{');

/** As a file of ours would say it. What is wrong is added to `problems`. */
export function ofDistributedTask(text: string, path: string, problems: string[]): Table {
  const file = objectOf(text, path, problems);
  const ours: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(file)) {
    const name = renamed[key];
    if (name !== undefined) ours[name] = value;
    else if (!distributedTaskKeys.includes(key))
      problems.push(`${path}: distributed-task's file has no key ${JSON.stringify(key)}${didYouMean(key, distributedTaskKeys)}`);
  }
  const { redis = {}, host, debug, port } = file;
  if (debug === true) ours['log_level'] = 'debug';
  if (typeof host === 'string' && isHost(host)) ours['link_addr'] = `${bracketed(host)}:0`;
  else if (host !== undefined) problems.push(`${path}: host must be an address or a name of this machine`);
  for (const key of ['debug', 'debug_netev'])
    if (!['undefined', 'boolean'].includes(typeof file[key])) problems.push(`${path}: ${key} must be true or false`);
  if (port !== undefined && !(Number.isInteger(port) && Number(port) >= 0 && Number(port) <= 65_535))
    problems.push(`${path}: port must be a whole number from 0 to 65535`);
  return { ...ours, ...storeOf(redis, path, problems) };
}

/** A name, or an address without brackets. */
const isHost = (host: string): boolean => (host.includes(':') ? isIPv6(host) : /^[^/@?#\s]+$/.test(host));
const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

function objectOf(text: string, path: string, problems: string[]): Table {
  try {
    const value: unknown = JSON.parse(text.trimStart());
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch (error) {
    problems.push(`${path}: it begins as distributed-task's JSON file, and is no JSON (${String(error)}); a file of ours is TOML`);
    return {};
  }
}

function storeOf(redis: unknown, path: string, problems: string[]): Table {
  if (typeof redis !== 'object' || redis === null || Array.isArray(redis)) {
    problems.push(`${path}: redis must be an object with host, port, password and db`);
    return {};
  }
  const { host = 'localhost', port = 6379, password = null, db = 0, ...others }: Record<string, unknown> = { ...redis };
  for (const key of Object.keys(others)) problems.push(`${path}: redis has no key ${JSON.stringify(key)}: it has host, port, password, db`);
  const isPlace = typeof host === 'string' && isHost(host) && Number.isInteger(port) && Number.isInteger(db);
  if (!isPlace) problems.push(`${path}: redis must have a name or an address as host, and whole numbers as port and db`);
  return {
    store: `redis://${bracketed(String(host))}:${String(port)}/${String(db)}`,
    ...(password === null ? {} : { store_password: password }),
  };
}
