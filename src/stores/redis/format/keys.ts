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
  /**
   * Hash: `format`; `name`, a random one by which this data is known again; the newest numbers of messages (`inbox`), turns
   * (`turn`) and nodes (`join`); the last id of each server id (`id:7`) and a `floor` below them; since when and when last
   * nodes were buried without a gap (`bury`); how far outputs of earlier attempts were cut, and to how many bytes (`outputs`); how many
   * characters events had in all entries there ever were (`told`).
   */
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
  /** Hash by id: what attempts have told of their jobs: how much, and the newest progress (log.ts). */
  logs: 'logs',
  /** List by id: the lines of its log, oldest first (log.ts). */
  lines: 'lines:',
  /** Sorted set: all ids, in their order. */
  ids: 'ids',
  /**
   * Sorted set: scheduled jobs, by the time at which they are due; and `x`, by the first time of those that must begin before one
   * (jobs/expiries.lua), so that a claim looks at one set alone.
   */
  due: 'due',
  /** Sorted set: jobs that must begin before a time or never do, by that time. Those that have begun go when it has come. */
  expiries: 'expiries',
  /** Sorted set by lane, `worker/queue/1` for manual jobs, else `…/0`: ready jobs, by priority and then by id. */
  lane: 'lane:',
  /** Hash by holder, by operation: a list of the ids of the jobs that the claim began. */
  claims: 'claims:',
  /** Hash by holder and operation: how many of these are no longer held, as long as others are. */
  left: 'left',
  /** Sorted set: jobs held by others than nodes, by the time at which they are lost. */
  deadlines: 'deadlines',
  /** Sorted set by the digit of an end state: lists of the ids of jobs that ended together, by the time of their end. */
  ended: 'ended:',
  /** Hash by line, `worker/queue`: how many jobs are in each state (counts.ts). */
  counts: 'counts',
  /** Sorted set by worker: its queues with ready jobs, the one served longest ago first. */
  row: 'row:',
  /** Hash by line: how often both lanes had jobs, modulo three. */
  turns: 'turns',
  /** Hash by queue: settings that are not an open queue's (queues/settings.ts). */
  queues: 'queues',
  /** Hash by queue: how many of its jobs are held. */
  busy: 'busy',
  /** Hash by queue: the tokens of its rate limit and when they were counted. */
  buckets: 'buckets',
  /** Hash by name: limits (limits/settings.ts). */
  limits: 'limits',
  /** Hash by key of jobs: what is left of its limit, and when that was counted. */
  limitBuckets: 'limit-buckets',
  /** There as long as jobs are counted under keys because they run (limits/held.lua). */
  parking: 'parking',
  /** Hash by key of jobs: how many of them run. */
  heldUnder: 'held-under',
  /** Sorted set by key: jobs that wait for it, manual ones first, then by priority and id. */
  parked: 'parked:',
  /** Hash: the keys for which jobs wait. */
  parkedKeys: 'parked-keys',
  /** Sorted set: limits that are paused, by the time at which they are no more. */
  resumes: 'resumes',
  /** Hash: keys for which jobs wait, and of which others may run now. */
  roomy: 'roomy',
  /** Hash by id (core/unreadable.ts): records that nobody can read: when they were set aside, why, and all that was kept of them (frame/aside.lua). */
  unreadable: 'unreadable',
  /** Sorted set: their ids, in their order. */
  unreadableIds: 'unreadable-ids',
  /** By name: a key that was of another type than it has here (frame/careful.lua). */
  aside: 'aside:',
  /** Hash by domain and idempotency key: the id that it made and the digest. */
  keys: 'keys',
  /** Sorted set: idempotency keys, by the time since which they may be forgotten. */
  keyTimes: 'key-times',
  /** Hash by domain and scope: the unique job that there is, how long it lasts, and when it was pushed. */
  uniques: 'uniques',
  /** Hash by the id of such a job: its domain and scope. */
  uniqueScopes: 'unique-scopes',
  /** Hash by the id of a job that waits for others: what their failure does to it, and their ids (jobs/waits.lua). */
  waits: 'waits',
  /** Sorted set by the id of an awaited job: those that wait for it, by their round, in their order. */
  waiting: 'waiting:',
  /** Sorted set: awaited jobs that have ended, `id round`, by the digit of that state, until all that waited in this round have been told. */
  awaitedEnds: 'awaited-ends',
  /** Hash by definition, `kind/domain!!key` (owner.ts): its record (definition.ts). */
  definitions: 'definitions',
  /** Hash by definition: its body. */
  definitionBodies: 'definition-bodies',
  /** Sorted set by kind: definitions that are not removed, in their order. */
  places: 'places:',
  /** Sorted set by kind and group, `trigger/g`: the same, of a group. */
  groups: 'groups:',
  /** Sorted set by kind: definitions, removed ones too, by version. */
  versions: 'versions:',
  /** Sorted set by kind: definitions, by the time at which somebody must look at them. */
  dues: 'dues:',
  /** Sorted set: removed definitions, by the time of their removal. */
  removed: 'removed',
  /** Hash by kind: its newest version; as `trigger swept`, the newest of the removed ones that were swept. */
  kinds: 'kinds',
  /** Hash by kind and group, `trigger/g`: the newest version with which a definition entered it, changed in it, or left it. */
  groupVersions: 'group-versions',
  /** List by definition: what its window has gathered. */
  parts: 'parts:',
  /** Hash by definition: what its jobs did (facts.ts). */
  facts: 'facts',
  /** Sorted set by owner: its jobs, by their class (facts.lua). */
  owned: 'owned:',
  /** Hash by incarnation: live nodes. */
  nodes: 'nodes',
  /** Hash by incarnation: what live nodes serve, as JSON. */
  serves: 'serves',
  /** Hash by incarnation: nodes that have left or were buried. */
  gone: 'gone',
  /** List by incarnation: messages that are not acknowledged. */
  inbox: 'inbox:',
  /** Stream: one entry for each step; Redis numbers them, as `0-1`, `0-2`, …, which it never repeats. */
  journal: 'journal',
  /** Sorted set: numbers of the entries that tell events, by how many characters events had in all entries before. */
  told: 'told',
  /** Hash by domain and the publisher's key: the number of the entry that told the event, and its number there. */
  eventKeys: 'event-keys',
  /** Sorted set: these keys, by the time at which they were published. */
  eventKeyTimes: 'event-key-times',
  /** Hash by name: the number of the newest entry that a reader has seen. */
  followers: 'followers',
  /** Channel: hints for other nodes. */
  hints: 'hints',
} as const;

export const hintsChannel = (cluster: string): string => prefixOf(cluster) + names.hints;

const isName = (name: string): name is keyof typeof names => Object.hasOwn(names, name);

/** Lua's text with `key.name` spelt out, behind a local `prefix`. Throws for a name that no key has. */
export function withKeys(lua: string): string {
  return lua.replaceAll(/\bkey\.(\w+)/g, (_, name: string) => {
    if (!isName(name)) throw new Error(`There is no key ${name} (format/keys.ts).`);
    return `prefix .. '${names[name]}'`;
  });
}
