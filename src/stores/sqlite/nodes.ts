/** Nodes, their leases and inboxes. The leases themselves are kept in memory: they end with this process anyway. */
import type { AttemptRef, Job } from '../../core/job.ts';
import type { NodeRecord } from '../../core/node.ts';
import { loseMoves, type Moves, releaseMoves } from '../../core/transitions.ts';
import { prepareRows } from './database.ts';
import type { Held } from './held.ts';
import type { Mover } from './jobs-move.ts';
import type { Ledger } from './ledger.ts';
import { type Cell, type TapeReader, writeList, writeRow } from './tape.ts';

type Call = (call: TapeReader, reply: Cell[]) => void;

export interface Nodes {
  /** Whether it is a node whose lease has not ended for good. */
  isKnown(incarnation: string): boolean;
  /** Puts a message into the inbox of the job's holder, if that is a node: others learn of a stop when they extend. */
  tellToCancel(job: Job): void;
  readonly calls: Readonly<Record<'join' | 'renew' | 'reconcile' | 'leave' | 'bury' | 'nodes', Call>>;
}

interface Lease {
  readonly node: NodeRecord;
  readonly expiresAt: number;
}

/** So many overdue attempts of outside holders are taken back in one step. */
const overduePerStep = 1_000;

interface Parts {
  readonly ledger: Ledger;
  readonly held: Held;
  readonly mover: Mover;
  readonly leases: Leases;
  readonly tables: Tables;
}

export function makeNodes(ledger: Ledger, held: Held, mover: Mover): Nodes {
  const parts: Parts = { ledger, held, mover, leases: makeLeases(ledger), tables: prepareTables(ledger) };
  const { leases, tables } = parts;
  return {
    calls: { ...makeLifeCalls(parts), ...makeEndCalls(parts) },
    isKnown: (incarnation) => leases.get(incarnation) !== undefined,
    tellToCancel(job) {
      if (leases.get(job.holder) === undefined) return;
      tables.tell(job);
      ledger.journal.inbox(job.holder);
    },
  };
}

/** What a living node calls. */
function makeLifeCalls({
  ledger: { clock },
  held,
  mover,
  leases,
  tables,
}: Parts): Pick<Nodes['calls'], 'join' | 'renew' | 'reconcile' | 'nodes'> {
  return {
    join(call) {
      const [incarnation, name, version] = [call.text(), call.text(), call.text()];
      const now = clock.now();
      const node = leases.get(incarnation)?.node ?? { incarnation, name, version, startedAt: now };
      leases.set(incarnation, { node, expiresAt: now + call.number() });
      tables.keep(node);
    },
    renew(call, reply) {
      const [incarnation, ttl, ack] = [call.text(), call.number(), call.number()];
      const lease = leases.get(incarnation);
      reply.push(lease === undefined ? 0 : 1);
      if (lease === undefined) return;
      leases.set(incarnation, { ...lease, expiresAt: clock.now() + ttl });
      const messages = tables.inbox(incarnation, ack);
      writeList(reply, messages, (message) => writeRow(reply, message));
      reply.push(held.digest(incarnation));
    },
    reconcile(call, reply) {
      const incarnation = call.text();
      const theirs = call.list(() => ({ id: call.text(), fence: call.text() }));
      const pending = new Set(call.list(() => call.text()));
      const { abort, unknown } = compare(theirs, held.of(incarnation), pending);
      for (const job of unknown) handBack(mover, job, releaseMoves);
      for (const refs of [abort, unknown]) writeList(reply, refs, (ref) => reply.push(ref.id, ref.fence));
    },
    nodes(_call, reply) {
      writeList(reply, leases.all(), ({ node }) => reply.push(node.incarnation, node.name, node.version, node.startedAt));
    },
  };
}

/** How leases end for good. */
function makeEndCalls({ ledger: { clock }, held, mover, leases, tables }: Parts): Pick<Nodes['calls'], 'leave' | 'bury'> {
  const watch = makeWatch();
  const end = (incarnation: string, movesOf: (job: Job) => Moves): number => {
    leases.set(incarnation, undefined);
    tables.forget(incarnation);
    const jobs = held.of(incarnation);
    for (const { job } of jobs) handBack(mover, job, movesOf(job));
    return jobs.length;
  };

  return {
    leave(call) {
      const incarnation = call.text();
      if (leases.get(incarnation) !== undefined) end(incarnation, () => releaseMoves);
    },
    bury(call, reply) {
      const [ttl, gap] = [call.number(), call.number()];
      const now = clock.now();
      const expired = watch(now, ttl, gap) ? leases.all().filter((lease) => lease.expiresAt <= now) : [];
      let attempts = 0;
      for (const { node } of expired) attempts += end(node.incarnation, loseMoves);
      const overdue = held.overdue(now, overduePerStep);
      for (const job of overdue) handBack(mover, job, loseMoves(job));
      writeList(reply, expired, ({ node }) => reply.push(node.incarnation));
      reply.push(attempts + overdue.length);
    },
  };
}

interface Leases {
  get(incarnation: string): Lease | undefined;
  /** `undefined` ends it. */
  set(incarnation: string, lease: Lease | undefined): void;
  all(): readonly Lease[];
}

function makeLeases({ journal }: Ledger): Leases {
  const leases = new Map<string, Lease>();
  const put = (incarnation: string, lease: Lease | undefined): void => {
    if (lease === undefined) leases.delete(incarnation);
    else leases.set(incarnation, lease);
  };
  return {
    get: (incarnation) => leases.get(incarnation),
    set(incarnation, lease) {
      const before = leases.get(incarnation);
      journal.onRollback(() => put(incarnation, before));
      put(incarnation, lease);
    },
    all: () => [...leases.values()],
  };
}

/** Moves a job that has lost its holder; every held state has its move there. */
export function handBack(mover: Mover, job: Job, moves: Moves): void {
  const move = moves[job.state];
  if (move !== undefined) mover.move(job, move);
}

/** Whether a burial may happen now: only if this was asked for without a gap for a whole ttl. */
function makeWatch(): (now: number, ttl: number, gap: number) => boolean {
  let since = Number.NaN;
  let last = Number.NaN;
  return (now, ttl, gap) => {
    if (!(now - last <= gap)) since = now;
    last = now;
    return now - since >= ttl;
  };
}

function compare(
  theirs: readonly AttemptRef[],
  ours: ReturnType<Held['of']>,
  pending: ReadonlySet<string>,
): { readonly abort: readonly AttemptRef[]; readonly unknown: readonly Job[] } {
  const fences = new Map(ours.map(({ job }) => [job.id, job.fence]));
  const known = new Map(theirs.map((ref) => [ref.id, ref.fence]));
  return {
    abort: theirs.filter((ref) => fences.get(ref.id) !== ref.fence),
    unknown: ours.filter(({ job, operation }) => known.get(job.id) !== job.fence && !pending.has(operation)).map(({ job }) => job),
  };
}

interface Tables {
  keep(node: NodeRecord): void;
  forget(incarnation: string): void;
  tell(job: Job): void;
  /** Removes the messages up to `ack` and answers the others as (seq, id, fence). */
  inbox(incarnation: string, ack: number): readonly (readonly Cell[])[];
}

function prepareTables({ db }: Ledger): Tables {
  const keep = db.prepare('INSERT OR REPLACE INTO nodes (incarnation, name, version, started_at) VALUES (?, ?, ?, ?)');
  const forget = db.prepare('DELETE FROM nodes WHERE incarnation = ?');
  const empty = db.prepare('DELETE FROM inbox WHERE holder = ?');
  const tell = db.prepare('INSERT INTO inbox (holder, job_id, fence) VALUES (?, ?, ?)');
  const acknowledge = db.prepare('DELETE FROM inbox WHERE holder = ? AND seq <= ?');
  const messages = prepareRows(db, 'SELECT seq, CAST(job_id AS TEXT), CAST(fence AS TEXT) FROM inbox WHERE holder = ? ORDER BY seq');
  return {
    keep: (node) => void keep.run(node.incarnation, node.name, node.version, node.startedAt),
    forget(incarnation) {
      forget.run(incarnation);
      empty.run(incarnation);
    },
    tell: (job) => void tell.run(job.holder, job.id, job.fence),
    inbox(incarnation, ack) {
      if (ack > 0) acknowledge.run(incarnation, ack);
      return messages.all(incarnation);
    },
  };
}
