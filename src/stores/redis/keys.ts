/**
 * Every key of a Hatstand cluster on Redis. All have one hash tag, so that they lie in one slot and each step is atomic.
 * Ids in keys, fields and members have 19 digits, so that their order as text is their order as numbers.
 */

/** The hash tag of a cluster's keys, without its braces. */
export const tagOf = (cluster: string): string => `hatstand:${cluster}`;

/** What all keys of a cluster begin with; scripts get it as their one key, which also says in which slot they run. */
export const prefixOf = (cluster: string): string => `{${tagOf(cluster)}}:`;

/** What follows the prefix. A name that ends in a colon is followed by what the comment says. */
const names = {
  /** Hash: `format`, `name` (a random one, by which this data is known again), the newest numbers of messages, turns and nodes, the last id of each server id, `watch`. */
  meta: 'meta',
  /** Hash by id: what changes of a job (record.ts). */
  jobs: 'jobs',
  /** Hash by id: what does not (body.ts). */
  bodies: 'bodies',
  /** Hash by id: the result of the newest attempt that has ended. */
  results: 'results',
  /** Hash by id and `p` or `o`: a payload or an output that is too long to stand in body or result. */
  texts: 'texts',
  /** List by id: earlier attempts, oldest first. */
  attempts: 'attempts:',
  /** Sorted set: all ids, in their order. */
  ids: 'ids',
  /** Sorted set: scheduled jobs, by the time at which they are due. */
  due: 'due',
  /** Sorted set by lane, `worker/queue/1` for manual jobs, else `…/0`: ready jobs, by priority and then by id. */
  lane: 'lane:',
  /** Hash by holder, by operation: the ids of the jobs that the claim began. */
  claims: 'claims:',
  /** Hash by holder and operation: how many of these are no longer held, as long as others are. */
  left: 'left',
  /** Sorted set: jobs held by others than nodes, by the time at which they are lost. */
  deadlines: 'deadlines',
  /** Sorted set by the digit of an end state: the ids of jobs that ended together, by the time of their end. */
  ended: 'ended:',
  /** Hash by line, `worker/queue`: how many jobs are in each state, and how many of the ready ones are manual. */
  counts: 'counts',
  /** Sorted set by worker: its queues with ready jobs, the one served longest ago first. */
  row: 'row:',
  /** Hash by line: how often both lanes had jobs, modulo three. */
  turns: 'turns',
  /** Hash by queue: settings other than an open queue's. */
  queues: 'queues',
  /** Hash by queue: how many of its jobs are held. */
  busy: 'busy',
  /** Hash by queue: the tokens of its rate limit and when they were counted. */
  buckets: 'buckets',
  /** Hash by domain and idempotency key: the id that it made and the digest. */
  keys: 'keys',
  /** Sorted set: idempotency keys, by the time since which they may be forgotten. */
  keyTimes: 'key-times',
  /** Hash by incarnation: live nodes. */
  nodes: 'nodes',
  /** Hash by incarnation: nodes that have left or were buried. */
  gone: 'gone',
  /** List by incarnation: messages that are not acknowledged. */
  inbox: 'inbox:',
  /** Stream: what happened, one entry for each step; Redis numbers them, as `0-1`, `0-2`, …, which it never repeats. */
  events: 'events',
  /** Channel: hints for other nodes. */
  hints: 'hints',
} as const;

export const hintsChannel = (cluster: string): string => prefixOf(cluster) + names.hints;

/** The text with each key put together where it stands. */
export function withKeysInline(text: string): string {
  return Object.entries(names).reduce(
    (all, [name, key]) => all.replaceAll(new RegExp(`\\bkey\\.${name}\\b`, 'g'), `KEYS[1] .. '${key}'`),
    text,
  );
}

/** The names that a script's text uses, each with what is assigned to it. */
export function luaKeys(text: string): ReadonlyMap<string, string> {
  const used = Object.entries(names).filter(([name]) => new RegExp(`\\bkey\\.${name}\\b`).test(text));
  return new Map(used.map(([name, key]) => [name, `${name} = KEYS[1] .. '${key}'`]));
}
