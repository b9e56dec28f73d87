/** What a server says about itself. */
import type { Millis } from '../../../core/duration.ts';
import { type Connection, refused } from './connection.ts';

/** `null`: the server does not tell. */
export interface ServerFacts {
  /** As Redis counts, `7.0.15`; Valkey and others say which Redis they are like. */
  readonly version: string | null;
  readonly role: 'master' | 'replica' | null;
  /** It is still reading its data and answers nothing else. */
  readonly loading: boolean;
  /** The append-only file is on. */
  readonly appendOnly: boolean | null;
  readonly appendFsync: 'always' | 'everysec' | 'no' | null;
  /** Snapshots are saved by themselves. */
  readonly snapshots: boolean | null;
  readonly evictionPolicy: string | null;
  /** Bytes; 0: no limit. */
  readonly maxMemory: number | null;
  /** That are connected and in step. */
  readonly replicas: number | null;
  /** With fewer, the master takes no writes. */
  readonly minReplicas: number | null;
  /** In words, what it was asked and refused. */
  readonly refused: readonly string[];
}

const configKeys = ['appendfsync', 'save', 'maxmemory-policy', 'maxmemory', 'min-replicas-to-write'];

/** Asks with INFO and, where the user may, CONFIG GET. Throws `store_unusable` without a login, `store_unavailable` without a reply. */
export async function readFacts(connection: Connection, within: Millis): Promise<ServerFacts> {
  const asked = [connection.send('INFO', [], within), connection.send('CONFIG', ['GET', ...configKeys], within)] as const;
  const [info, config] = (await Promise.all(asked)).map((sent) => {
    if (sent.kind === 'reply') return { reply: sent.reply, refusal: null };
    if (sent.kind !== 'error') throw connection.failure();
    if (/^(NOAUTH|BUSY|LOADING) /.test(sent.message)) throw refused(connection.address, sent.message);
    return { reply: null, refusal: sent.message };
  });
  const refusals = [
    ...(info?.refusal == null ? [] : [`INFO (${info.refusal})`]),
    ...(config?.refusal == null ? [] : [`CONFIG GET (${config.refusal})`]),
  ];
  return { ...factsOf(new Map(infoFields(info?.reply)), new Map(pairs(config?.reply))), refused: refusals };
}

function factsOf(info: ReadonlyMap<string, string>, config: ReadonlyMap<string, string>): Omit<ServerFacts, 'refused'> {
  const number = (text: string | undefined): number | null => (text === undefined ? null : Number(text));
  const flag = (text: string | undefined): boolean | null => (text === undefined ? null : text === '1');
  const role = info.get('role');
  const save = config.get('save');
  return {
    version: info.get('redis_version') ?? null,
    role: role === undefined ? null : role === 'master' ? 'master' : 'replica',
    loading: info.get('loading') === '1',
    appendOnly: flag(info.get('aof_enabled')),
    appendFsync: fsyncOf(config.get('appendfsync')),
    snapshots: save === undefined ? null : save !== '',
    evictionPolicy: config.get('maxmemory-policy') ?? info.get('maxmemory_policy') ?? null,
    maxMemory: number(config.get('maxmemory') ?? info.get('maxmemory')),
    replicas: info.has('connected_slaves') ? onlineReplicas(info) : null,
    minReplicas: number(config.get('min-replicas-to-write')),
  };
}

/** `slave0:ip=…,port=…,state=online,…`; one that still copies confirms nothing. */
function onlineReplicas(info: ReadonlyMap<string, string>): number {
  return [...info].filter(([name, value]) => /^slave\d+$/.test(name) && value.includes('state=online')).length;
}

function fsyncOf(text: string | undefined): ServerFacts['appendFsync'] {
  return text === 'always' || text === 'everysec' || text === 'no' ? text : null;
}

/** `name:value` lines. */
function infoFields(info: unknown): readonly (readonly [string, string])[] {
  return String(info ?? '')
    .split('\r\n')
    .flatMap((line) => {
      const colon = line.indexOf(':');
      return colon < 1 ? [] : [[line.slice(0, colon), line.slice(colon + 1)] as const];
    });
}

/** `[name, value, name, value, …]`. */
function pairs(reply: unknown): readonly (readonly [string, string])[] {
  const list = Array.isArray(reply) ? reply.map(String) : [];
  return list.flatMap((name, at) => (at % 2 === 0 ? [[name, list[at + 1] ?? ''] as const] : []));
}
