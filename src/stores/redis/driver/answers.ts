/** What the errors that Redis answers mean. In each of them nothing was done, except in a `fault`. */
import { parseRedisUrl, type RedisAddress } from '../../../core/redis-url.ts';

export type Answer =
  /** The server will do it in a moment. */
  | { readonly kind: 'later' }
  /** Not this server, or not any more: find the master anew. `at`: it said where. */
  | { readonly kind: 'elsewhere'; readonly at: RedisAddress | null }
  /** The server does not know the script. */
  | { readonly kind: 'unknown_script' }
  /** No memory is left for what adds. */
  | { readonly kind: 'full' }
  /** It will not do it before something is changed: its replicas, its disk, its users. */
  | { readonly kind: 'refused' }
  /** The command or the script is wrong. */
  | { readonly kind: 'fault' };

const kinds: Readonly<Record<string, Exclude<Answer['kind'], 'elsewhere'>>> = {
  LOADING: 'later',
  BUSY: 'later',
  TRYAGAIN: 'later',
  ASK: 'later',
  NOSCRIPT: 'unknown_script',
  OOM: 'full',
  NOREPLICAS: 'refused',
  MISCONF: 'refused',
  NOAUTH: 'refused',
  WRONGPASS: 'refused',
  NOPERM: 'refused',
};

/** `READONLY`: the master became a replica. `CLUSTERDOWN`: this side of a split may have lost its slots. */
const elsewhere = ['MOVED', 'READONLY', 'MASTERDOWN', 'CLUSTERDOWN'];

export function readAnswer(message: string, asked: RedisAddress): Answer {
  const [code = '', , target] = message.split(' ', 3);
  if (elsewhere.includes(code)) return { kind: 'elsewhere', at: code === 'MOVED' ? movedTo(target ?? '', asked) : null };
  return { kind: kinds[code] ?? 'fault' };
}

/** What a server said, to stand before the full stop of a sentence: some of its errors end with one. */
export const saidText = (message: string): string => message.trim().replace(/[.,]$/, '');

/** `host:port`; without a host it is the host that was asked. */
function movedTo(target: string, asked: RedisAddress): RedisAddress | null {
  const port = target.slice(target.lastIndexOf(':') + 1);
  const host = target.slice(0, target.lastIndexOf(':')).replace(/^\[|\]$/g, '') || asked.host;
  const url = parseRedisUrl(`redis://${host.includes(':') ? `[${host}]` : host}:${port}`);
  return url?.hosts[0] ?? null;
}
