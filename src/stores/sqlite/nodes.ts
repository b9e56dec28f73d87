/** Nodes: their life from joining to leaving or burial, and what becomes of what they hold. */
import type { AttemptRef, Job } from '../../core/job.ts';
import { goneNodes, noLoad } from '../../core/node.ts';
import { loseMoves, type Moves, releaseMoves } from '../../core/transitions.ts';
import type { Held } from './held.ts';
import type { Mover } from './jobs-move.ts';
import { type Lease, type Leases, makeLeases } from './leases.ts';
import type { Ledger } from './ledger.ts';
import { makeNodesTable, type NodeEnding, type NodesTable, nodeModes } from './nodes-table.ts';
import { type Cell, type TapeReader, writeList, writeRow } from './tape.ts';

type Call = (call: TapeReader, reply: Cell[]) => void;
type CallOf = 'join' | 'renew' | 'reconcile' | 'leave' | 'forget' | 'steer' | 'bury' | 'nodes';

export interface Nodes {
  /** Whether it is a node that may claim: its lease has not ended for good, and it is not draining. */
  mayClaim(incarnation: string): boolean;
  /** Puts a message into the inbox of the job's holder, if that is a node: others learn of a stop when they extend. */
  tellToCancel(job: Job): void;
  readonly calls: Readonly<Record<CallOf, Call>>;
}

/** So many overdue attempts of outside holders are taken back in one step. */
const overduePerStep = 1_000;

interface Parts {
  readonly ledger: Ledger;
  readonly held: Held;
  readonly mover: Mover;
  readonly leases: Leases;
  readonly table: NodesTable;
}

export function makeNodes(ledger: Ledger, held: Held, mover: Mover): Nodes {
  const parts: Parts = { ledger, held, mover, leases: makeLeases(ledger), table: makeNodesTable(ledger) };
  const { leases, table } = parts;
  return {
    calls: { ...makeLifeCalls(parts), ...makeLookCalls(parts), ...makeEndCalls(parts) },
    mayClaim: (incarnation) => leases.get(incarnation)?.mode === 'active',
    tellToCancel(job) {
      if (leases.get(job.holder) === undefined) return;
      table.tell(job);
      ledger.journal.inbox(job.holder);
    },
  };
}

/** What a living node calls. */
function makeLifeCalls({ ledger, held, mover, leases, table }: Parts): Pick<Nodes['calls'], 'join' | 'renew' | 'reconcile'> {
  const { clock, serverId } = ledger;
  return {
    join(call, reply) {
      const asked = { incarnation: call.text(), name: call.text(), version: call.text(), address: call.text() };
      const now = clock.now();
      const lease = leases.get(asked.incarnation);
      const known = lease ?? { ...asked, startedAt: now, mode: 'active', load: noLoad };
      leases.set({ ...known, heardAt: now, expiresAt: now + call.number() });
      if (lease === undefined) table.keep(known);
      const namesakes = leases.all().filter((other) => other.name === known.name && other.incarnation !== known.incarnation);
      reply.push(serverId);
      writeList(reply, namesakes, (other) => reply.push(other.incarnation));
    },
    renew(call, reply) {
      const [incarnation, ttl, ack] = [call.text(), call.number(), call.number()];
      const load = { running: call.number(), slots: call.number() };
      const lease = leases.get(incarnation);
      reply.push(lease === undefined ? 0 : 1);
      if (lease === undefined) return;
      const now = clock.now();
      leases.set({ ...lease, load, heardAt: now, expiresAt: now + ttl });
      reply.push(nodeModes.indexOf(lease.mode));
      const messages = table.inbox(incarnation, ack);
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
  };
}

/** What people call. */
function makeLookCalls({ ledger, leases, table }: Parts): Pick<Nodes['calls'], 'steer' | 'nodes'> {
  const { clock, journal } = ledger;
  return {
    steer(call, reply) {
      const name = call.text();
      const mode = nodeModes[call.number()] ?? 'active';
      const steered = leases.all().filter((lease) => lease.name === name || lease.incarnation === name);
      for (const lease of steered) {
        leases.set({ ...lease, mode });
        table.steer(lease.incarnation, mode);
        journal.inbox(lease.incarnation);
      }
      // What a node leaves alone, another may take; and a node that goes on may take what has waited for it.
      if (steered.length > 0) journal.readyAnyway();
      writeList(reply, steered, (lease) => reply.push(lease.incarnation));
    },
    nodes(_call, reply) {
      const now = clock.now();
      writeList(reply, leases.all(), (lease) => writeLive(reply, lease, ledger.serverId, now));
      writeList(reply, table.gone(now - goneNodes.shownFor), (row) => {
        writeRow(reply, row.slice(0, -1));
        reply.push(now - Number(row.at(-1)));
      });
    },
  };
}

function writeLive(reply: Cell[], lease: Lease, serverId: number, now: number): void {
  const { incarnation, name, version, address, startedAt, mode, load, heardAt, expiresAt } = lease;
  reply.push(incarnation, name, version, address, serverId, startedAt, nodeModes.indexOf(mode));
  reply.push(load.running, load.slots, now - heardAt, Math.max(0, expiresAt - now));
}

/** How leases end for good. */
function makeEndCalls({ ledger: { clock }, held, mover, leases, table }: Parts): Pick<Nodes['calls'], 'leave' | 'forget' | 'bury'> {
  const watch = makeWatch();
  const handAllBack = (incarnation: string, movesOf: (job: Job) => Moves): number => {
    const jobs = held.of(incarnation);
    for (const { job } of jobs) handBack(mover, job, movesOf(job));
    return jobs.length;
  };
  const end = ({ incarnation }: Lease, how: NodeEnding, heardAt: number): void => {
    leases.end(incarnation);
    table.end(incarnation, how, heardAt);
  };

  return {
    leave(call) {
      const lease = leases.get(call.text());
      if (lease === undefined) return;
      end(lease, 'left', clock.now());
      handAllBack(lease.incarnation, () => releaseMoves);
    },
    forget(call, reply) {
      const incarnation = call.text();
      leases.end(incarnation);
      const known = table.remove(incarnation);
      reply.push(known ? 1 : 0);
      if (known) reply.push(handAllBack(incarnation, loseMoves));
    },
    bury(call, reply) {
      const [ttl, gap] = [call.number(), call.number()];
      const now = clock.now();
      const expired = watch(now, ttl, gap) ? leases.all().filter((lease) => lease.expiresAt <= now) : [];
      let attempts = 0;
      for (const lease of expired) {
        end(lease, 'buried', lease.heardAt);
        attempts += handAllBack(lease.incarnation, loseMoves);
      }
      const overdue = held.overdue(now, overduePerStep);
      for (const job of overdue) handBack(mover, job, loseMoves(job));
      writeList(reply, expired, ({ incarnation }) => reply.push(incarnation));
      reply.push(attempts + overdue.length);
    },
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
