/**
 * This node's lease: renewed in one step however many attempts run; the reply brings the inbox and a digest of what the
 * store thinks we hold. When that differs twice in a row from what we do hold (once may be a result on its way), one
 * reconcile step brings the two together.
 */
import type { Millis } from '../core/duration.ts';
import { HatstandError } from '../core/errors.ts';
import { maxServerId } from '../core/id.ts';
import { digestOf, type InboxMessage, type Incarnation, leaseTimes, type NewNode, type NodeLoad, type NodeMode } from '../core/node.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Joined } from '../ports/store/nodes.ts';
import type { Store } from '../ports/store/store.ts';
import type { Held } from './held.ts';

export interface Lease {
  incarnation(): Incarnation;
  /** As the store told it last: a draining node claims nothing. */
  mode(): NodeMode;
  hasJoined(): boolean;
  /** Takes a first lease. Throws `invalid_config` when the server id that was configured belongs to another node. */
  join(): Promise<void>;
  /** One renewal, with all that follows from its reply; or another try to join. */
  tick(): Promise<void>;
  /** This node stops: it is shown as draining until it leaves, also when somebody resumes it. */
  drain(): void;
  /** Hands everything back, for good. */
  leave(): Promise<void>;
}

export interface LeaseParts {
  readonly store: Store;
  readonly held: Held;
  readonly clock: Clock;
  readonly log: Logger;
  readonly ttl: Millis;
  /** What this node tells of itself. */
  node(): Omit<NewNode, 'incarnation'>;
  load(): NodeLoad;
  newIncarnation(): Incarnation;
  /** The mode is another one than before. */
  onMode(mode: NodeMode): void;
  /** Operations of claims that are under way. */
  pending(): readonly string[];
}

export function makeLease(parts: LeaseParts): Lease {
  const { store, held, clock, log } = parts;
  let incarnation = parts.newIncarnation();
  let acknowledged = 0;
  let differedBefore = false;
  let mode: NodeMode = 'active';
  let stopping = false;
  let standing: 'outside' | 'joined' | 'left' = 'outside';
  let renewedAt = 0;

  async function join(): Promise<void> {
    const node = parts.node();
    const joined = await store.nodes.join({ ...node, incarnation }, parts.ttl);
    if (joined.kind !== 'joined') throw refusal(node, joined);
    // What somebody asked of this node holds for its next incarnation too.
    if (mode === 'draining') await store.nodes.steer(incarnation, mode);
    // It was told to leave meanwhile.
    if (standing === 'left') return;
    standing = 'joined';
    renewedAt = clock.monotonic();
    store.keeper?.keep(incarnation, parts.ttl, leaseTimes.renewEvery);
    log.info('node.joined', { name: node.name, incarnation, serverId: joined.serverId });
    if (joined.namesakes.length > 0) log.warn('node.namesakes', { name: node.name, others: joined.namesakes, hint: namesakeHint });
  }

  function turn(now: NodeMode): void {
    if (stopping && now === 'active') tellDraining();
    if (stopping || now === mode) return;
    mode = now;
    log.info('node.mode', { incarnation, mode });
    parts.onMode(mode);
  }

  /** For people who look at the nodes; nothing depends on it. What the store refuses is told again at the next renewal. */
  function tellDraining(): void {
    void store.nodes.steer(incarnation, 'draining').catch(() => undefined);
  }

  /** The main loop was held up, or the store was away; a longer time may end the lease. */
  function tellLate(): void {
    const late = clock.monotonic() - renewedAt;
    renewedAt = clock.monotonic();
    if (late >= parts.ttl / 2) log.warn('node.late', { incarnation, seconds: Math.round(late / 1_000), ttl: parts.ttl / 1_000 });
  }

  async function rejoin(): Promise<void> {
    log.error('node.buried', { incarnation, held: held.size() });
    for (const attempt of held.all()) attempt.stop('lost');
    incarnation = parts.newIncarnation();
    acknowledged = 0;
    standing = 'outside';
    await join();
  }

  function handle(message: InboxMessage): void {
    held.get(message)?.stop('canceled');
    acknowledged = Math.max(acknowledged, message.seq);
  }

  async function reconcile(): Promise<void> {
    const { abort, released } = await store.nodes.reconcile(incarnation, held.refs(), parts.pending());
    // What the store does not know because it has just been settled needs no stopping.
    const lost = abort.map((ref) => held.get(ref)).filter((attempt) => attempt?.isRunning());
    for (const attempt of lost) attempt?.stop('lost');
    if (lost.length + released.length > 0) log.warn('node.reconciled', { aborted: lost.length, released: released.length });
  }

  return {
    incarnation: () => incarnation,
    mode: () => mode,
    hasJoined: () => standing === 'joined',
    join,
    async tick() {
      if (standing === 'left') return;
      if (standing === 'outside') return join();
      const asked = incarnation;
      const reply = await store.nodes.renew(asked, parts.ttl, acknowledged, parts.load());
      // Two renewals may be under way, and the first to be answered has joined again; or this node has left meanwhile.
      if (asked !== incarnation || standing !== 'joined') return;
      tellLate();
      if (reply.kind === 'buried') return rejoin();
      turn(reply.mode);
      for (const message of reply.inbox) handle(message);
      const differs = reply.digest !== digestOf(held.refs());
      if (differs && differedBefore) await reconcile();
      differedBefore = differs;
    },
    drain() {
      stopping = true;
      mode = 'draining';
      tellDraining();
    },
    async leave() {
      standing = 'left';
      await Promise.all([store.nodes.leave(incarnation), store.keeper?.release()]);
    },
  };
}

const namesakeHint = 'Nodes are told apart by their incarnations; give each its own name to tell them apart yourself.';

function refusal(node: Omit<NewNode, 'incarnation'>, joined: Exclude<Joined, { readonly kind: 'joined' }>): HatstandError {
  if (joined.kind === 'full') {
    return new HatstandError('invalid_config', `No server id is free: ${maxServerId} nodes use this store. Stop one of them.`);
  }
  return new HatstandError(
    'invalid_config',
    `The server id ${node.serverId} belongs to the node ${joined.by}, whose lease has not ended. If that node is dead, try again in some seconds; else give this one another id, or none: the store then hands one out.`,
    { field: 'server_id', serverId: node.serverId, node: joined.by },
  );
}
