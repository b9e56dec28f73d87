/** All that the memory store knows. What may be done with it stands in the files beside, one verb each. */
import { randomUUID } from 'node:crypto';
import type { Definition, DefinitionKind } from '../../core/definition.ts';
import { type IdSource, type JobId, makeIdSource } from '../../core/id.ts';
import type { LimitSettings } from '../../core/limit.ts';
import type { BurialsAsked, InboxMessage, Incarnation, NewNode, NodeFace, NodeLoad, NodeMode, NodeRecord } from '../../core/node.ts';
import type { OwnedFacts } from '../../core/owned.ts';
import { openQueue, type QueueSettings, type RateBucket } from '../../core/queue.ts';
import type { Unique } from '../../core/unique.ts';
import type { UnreadableId } from '../../core/unreadable.ts';
import type { JournalEntry } from '../../ports/store/journal.ts';
import type { UnreadableRecord } from '../../ports/store/upkeep.ts';
import { Expiries } from './expiries.ts';
import { Records } from './records.ts';
import { Waits } from './waits.ts';

export interface Queue {
  settings: QueueSettings;
  bucket: RateBucket | undefined;
}

export interface Node extends Omit<NewNode, keyof NodeFace> {
  face: NodeFace;
  readonly serverId: number;
  readonly startedAt: number;
  mode: NodeMode;
  load: NodeLoad;
  heardAt: number;
  leaseUntil: number;
  inbox: readonly InboxMessage[];
}

export interface GoneNode {
  readonly node: Node;
  readonly state: Exclude<NodeRecord['state'], 'live'>;
}

export interface Key {
  readonly id: JobId;
  readonly digest: string;
  readonly createdAt: number;
  /** When it was made, or last found with a job that had not ended: by the time of intervals. */
  readonly at: number;
}

export interface UniqueJob {
  readonly id: JobId;
  readonly until: Unique['until'];
  /** When it was pushed, by the time of intervals. */
  readonly since: number;
}

/** The event that was told under a key. */
export interface EventKey {
  readonly seq: number;
  readonly number: number;
  /** By the time of intervals. */
  readonly at: number;
}

export interface KeptDefinition extends Omit<Definition, 'owned'> {
  /** What its window has gathered. */
  readonly parts: readonly string[];
  readonly facts: OwnedFacts;
}

export interface State {
  /** By which places in its journal are known. */
  readonly name: string;
  readonly records: Records;
  readonly idSource: IdSource;
  /** Scheduled jobs that wait for so long, not until a time. */
  readonly delayed: Set<JobId>;
  readonly queues: Map<string, Queue>;
  readonly limits: Map<string, LimitSettings>;
  /** By key of jobs. */
  readonly buckets: Map<string, RateBucket>;
  /** Keys for which jobs wait parked, and of which others may run now. */
  readonly roomy: Set<string>;
  /** By owner, removed ones too. */
  readonly definitions: Map<string, KeptDefinition>;
  /** By kind, of the newest put or removal. */
  readonly versions: Map<DefinitionKind, number>;
  /** By kind and group, `trigger/g`, of the newest that concerned it. */
  readonly groupVersions: Map<string, number>;
  /** By kind, the newest of the removed ones that were swept. */
  readonly sweptVersions: Map<DefinitionKind, number>;
  /** Live ones, in the order of their joining. */
  readonly nodes: Map<Incarnation, Node>;
  /** The latest to be heard of comes first. */
  gone: readonly GoneNode[];
  /** By domain and key, in the order of `at`. */
  readonly keys: Map<string, Key>;
  readonly expiries: Expiries;
  readonly waits: Waits;
  /** By domain and scope. */
  readonly uniques: Map<string, UniqueJob>;
  /** By domain and the publisher's key, in the order of `at`. */
  readonly eventKeys: Map<string, EventKey>;
  /** By name, up to which entry it has seen the journal. */
  readonly followers: Map<string, number>;
  /** Oldest first. */
  readonly journal: JournalEntry[];
  /** Of the newest entry. */
  journalSeq: number;
  /** Of the newest inbox message. */
  inboxSeq: number;
  /** The fewest bytes to which a sweep has cut the outputs of earlier attempts. */
  historyOutput: number;
  burials: BurialsAsked | null;
  readonly unreadable: Map<UnreadableId, UnreadableRecord>;
}

export function newState(serverId: number): State {
  return {
    name: randomUUID(),
    records: new Records(),
    idSource: makeIdSource(serverId),
    delayed: new Set(),
    queues: new Map(),
    limits: new Map(),
    buckets: new Map(),
    roomy: new Set(),
    definitions: new Map(),
    versions: new Map(),
    groupVersions: new Map(),
    sweptVersions: new Map(),
    nodes: new Map(),
    gone: [],
    keys: new Map(),
    expiries: new Expiries(),
    waits: new Waits(),
    uniques: new Map(),
    eventKeys: new Map(),
    followers: new Map(),
    journal: [],
    journalSeq: 0,
    inboxSeq: 0,
    historyOutput: Number.POSITIVE_INFINITY,
    burials: null,
    unreadable: new Map(),
  };
}

/** A queue exists as soon as it is named. */
export function queueOf(state: State, name: string): Queue {
  let queue = state.queues.get(name);
  if (queue === undefined) {
    queue = { settings: openQueue, bucket: undefined };
    state.queues.set(name, queue);
  }
  return queue;
}
