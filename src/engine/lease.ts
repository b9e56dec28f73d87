/**
 * This node's lease: renewed in one step however many attempts run; the reply brings messages and a digest of what the store
 * thinks this node holds. When that differs twice in a row from what it does hold (once may be a result on its way), one
 * reconcile step brings the two together.
 */
import type { Millis } from '../core/duration.ts';
import { HatstandError } from '../core/errors.ts';
import { maxServerId } from '../core/id.ts';
import {
  digestOf,
  type InboxMessage,
  type Incarnation,
  leaseTimes,
  type NewNode,
  type NodeFace,
  type NodeLoad,
  type NodeMode,
} from '../core/node.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Joined, Renewed } from '../ports/store/nodes.ts';
import type { Store } from '../ports/store/store.ts';
import type { Held } from './held.ts';
import type { TellNodes } from './node-events.ts';
import type { Phase } from './phase.ts';

export interface Lease {
  incarnation(): Incarnation;
  /** Takes a first lease. Throws `invalid_config` when the server id that was configured belongs to another node. */
  join(): Promise<void>;
  /** One renewal, with all that follows from its reply; or another try to join. */
  tick(): Promise<void>;
  /** How long ago its lease was renewed, at most: by this node itself, or by the thread beside it. */
  age(): Millis;
  /** Has this node, which stops, shown as draining where others can see it. */
  showDraining(): void;
  /** Hands everything back, for good. Does nothing for a node that has not joined. */
  leave(): Promise<void>;
}

export interface LeaseParts {
  readonly store: Store;
  readonly held: Held;
  readonly clock: Clock;
  readonly log: Logger;
  readonly phase: Phase;
  readonly ttl: Millis;
  /** What this node tells of itself. */
  node(): Omit<NewNode, 'incarnation' | keyof NodeFace>;
  /** The same object as long as nothing has changed. */
  face(): NodeFace;
  load(): NodeLoad;
  newIncarnation(): Incarnation;
  /** What has become of this node. */
  readonly tellNodes: TellNodes;
  /** This node may claim, perhaps for the first time. */
  wake(): void;
  /** Operations of claims that are under way. */
  pending(): readonly string[];
}

/** What begins and ends with one incarnation. */
interface Own {
  readonly incarnation: Incarnation;
  /** The one before it was drained when it was buried: this one is drained as soon as it has joined. */
  readonly isDrained: boolean;
  /** The greatest `seq` of a message that was handled. */
  acknowledged: number;
  /** The last renewal brought another digest than that of what is held here. */
  differed: boolean;
  renewedAt: Millis;
  /** When the newest renewal that was answered was sent: since then the lease has gone on for a whole ttl. */
  provenAt: Millis;
  /** What the store was told last. */
  told: NodeFace | null;
}

export function makeLease(parts: LeaseParts): Lease {
  const { store, held, clock, log, phase } = parts;
  let own = begin(false);

  function begin(isDrained: boolean): Own {
    return { incarnation: parts.newIncarnation(), isDrained, acknowledged: 0, differed: false, renewedAt: 0, provenAt: 0, told: null };
  }

  async function join(): Promise<void> {
    const asking = own;
    const { incarnation } = asking;
    const node = parts.node();
    const face = parts.face();
    const sentAt = clock.monotonic();
    const joined = await store.nodes.join({ ...node, ...face, incarnation }, parts.ttl);
    if (joined.kind !== 'joined') throw refusal(node, joined);
    if (asking.isDrained) await store.nodes.steer(incarnation, 'draining');
    // It was stopped meanwhile, and its leave may have overtaken this.
    if (phase.now() === 'left') await store.nodes.leave(incarnation);
    // Or it was told to stop, or another try was answered before this one.
    if (asking !== own || phase.now() !== 'joining') return;
    phase.follow('join');
    if (asking.isDrained) phase.follow('drain');
    own.renewedAt = clock.monotonic();
    own.provenAt = sentAt;
    own.told = face;
    store.keeper?.keep(incarnation, parts.ttl, leaseTimes.renewEvery);
    log.info('node.joined', { name: node.name, incarnation, serverId: joined.serverId });
    void parts.tellNodes('join', [incarnation], { name: node.name, version: node.version, address: face.address });
    if (joined.namesakes.length > 0) log.warn('node.namesakes', { name: node.name, others: joined.namesakes, hint: namesakeHint });
    parts.wake();
  }

  async function renewed({ mode, inbox, digest }: Renewed): Promise<void> {
    turn(mode);
    for (const message of inbox) handle(message);
    const differs = digest !== digestOf(held.refs());
    if (differs && own.differed) await reconcile();
    own.differed = differs;
  }

  function turn(mode: NodeMode): void {
    const before = phase.now();
    phase.follow(mode === 'draining' ? 'drain' : 'resume');
    if (phase.now() === 'stopping' && mode === 'active') showDraining();
    if (phase.now() === before) return;
    log.info('node.mode', { incarnation: own.incarnation, mode });
    parts.wake();
  }

  /** For people who look at the nodes; nothing depends on it. What the store refuses is told again at the next renewal. */
  function showDraining(): void {
    if (store.shared) void store.nodes.steer(own.incarnation, 'draining').catch(() => undefined);
  }

  /** The main loop was held up, or the store was away; a longer time may end the lease. */
  function tellLate(): void {
    const late = clock.monotonic() - own.renewedAt;
    own.renewedAt = clock.monotonic();
    if (late < parts.ttl / 2) return;
    log.warn('node.late', { incarnation: own.incarnation, seconds: Math.round(late / 1_000), ttl: parts.ttl / 1_000 });
  }

  /** Others took back what this incarnation held. Unless the node stops, it goes on as a new one. */
  async function buried(): Promise<void> {
    log.error('node.buried', { incarnation: own.incarnation, held: held.size() });
    for (const attempt of held.all()) attempt.stop('lost');
    const before = phase.now();
    phase.follow('bury');
    if (before === 'stopping') return;
    phase.follow('start');
    own = begin(before === 'draining');
    await join();
  }

  function handle(message: InboxMessage): void {
    held.get(message)?.stop('canceled');
    own.acknowledged = Math.max(own.acknowledged, message.seq);
  }

  async function reconcile(): Promise<void> {
    const { abort, released } = await store.nodes.reconcile(own.incarnation, held.refs(), parts.pending());
    // What the store does not know because it has just been settled needs no stopping.
    const lost = abort.map((ref) => held.get(ref)).filter((attempt) => attempt?.isRunning());
    for (const attempt of lost) attempt?.stop('lost');
    if (lost.length + released.length > 0) log.warn('node.reconciled', { aborted: lost.length, released: released.length });
  }

  return {
    incarnation: () => own.incarnation,
    join,
    age: () => Math.min(clock.monotonic() - own.provenAt, store.keeper?.renewedAgo() ?? Number.POSITIVE_INFINITY),
    async tick() {
      if (phase.now() === 'joining') return join();
      if (!phase.can('renew')) return;
      const asking = own;
      const face = parts.face();
      const changed = face === asking.told ? [] : [face];
      const sentAt = clock.monotonic();
      const reply = await store.nodes.renew(asking.incarnation, parts.ttl, asking.acknowledged, parts.load(), ...changed);
      // Two renewals may be under way, and the first to be answered has joined again; or this node has left meanwhile.
      if (asking !== own || !phase.can('renew')) return;
      asking.told = face;
      own.provenAt = Math.max(own.provenAt, sentAt);
      tellLate();
      return reply.kind === 'buried' ? buried() : renewed(reply);
    },
    showDraining,
    async leave() {
      const isKnown = phase.follow('leave');
      await Promise.all([isKnown ? store.nodes.leave(own.incarnation) : undefined, store.keeper?.release()]);
      if (isKnown) await parts.tellNodes('leave', [own.incarnation], { name: parts.node().name });
    },
  };
}

const namesakeHint = 'Nodes are told apart by their incarnations; give each its own name to tell them apart yourself.';

function refusal(node: Pick<NewNode, 'serverId'>, joined: Exclude<Joined, { readonly kind: 'joined' }>): HatstandError {
  if (joined.kind === 'full') {
    return new HatstandError('invalid_config', `No server id is free: ${maxServerId} nodes use this store. Stop one of them.`);
  }
  return new HatstandError(
    'invalid_config',
    `The server id ${node.serverId} belongs to the node ${joined.by}, whose lease has not ended. If that node is dead, try again in some seconds; else give this one another id, or none: the store then hands one out.`,
    { field: 'server_id', serverId: node.serverId, node: joined.by },
  );
}
