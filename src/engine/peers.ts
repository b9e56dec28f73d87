/**
 * The other nodes of the cluster: those that have not renewed their lease are buried; one whose link has ended is, at once, when it is dead
 * beyond doubt. Links change how soon, never who: whoever is buried wrongly is fenced off as ever.
 */
import { messageOf } from '../core/errors.ts';
import { type Incarnation, leaseTimes } from '../core/node.ts';
import type { Links, LostPeer, Peer } from '../ports/links.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store/store.ts';
import type { Face } from './face.ts';
import type { LiveLinks } from './live-links.ts';
import type { TellNodes } from './node-events.ts';
import type { Phase } from './phase.ts';

export interface Peers {
  /** Takes back what dead nodes held, and outside holders that said nothing in time. */
  bury(): Promise<void>;
  /** Makes the links that are missing. */
  link(): Promise<void>;
  /** Sends a message to a node that is linked. `false`: it is not. */
  send(to: Incarnation, message: object): boolean;
  /** Who is linked to this node. */
  linked(): readonly Incarnation[];
  /**
   * Whether every other node that was live when the store was heard of last has said that it does not hear of it either, so that none takes
   * anything over. Where this node makes no links nobody can be asked: then it is taken for true.
   */
  allAway(): boolean;
  /** What this node tells them. */
  sayAway(isAway: boolean): void;
  /** Ends all links, telling the others that this node leaves. */
  stop(): Promise<void>;
}

export interface PeersParts {
  readonly store: Store;
  readonly log: Logger;
  readonly phase: Phase;
  readonly ttl: number;
  /** `null`: this node makes no links. */
  readonly links: (() => Promise<Links>) | null;
  /** What both sides of a link must have. */
  key(anew: boolean): Promise<string>;
  incarnation(): Incarnation;
  readonly face: Face;
  readonly tellNodes: TellNodes;
  readonly liveLinks: Pick<LiveLinks, 'heard' | 'ended'>;
  /** There may be something to claim. */
  wake(): void;
}

/** Burials asked for at greater distances than this left a gap, in which nodes may have been unable to renew. */
const longestGap = leaseTimes.buryEvery * 4;

export function makePeers(parts: PeersParts): Peers {
  const { store, log, phase, wake } = parts;
  /** Known to be dead, and perhaps not buried yet. */
  const dead = new Set<Incarnation>();
  /** Live when the store was heard of last, and neither dead nor gone since. */
  let others = new Set<Incarnation>();
  /** Those of them that take links. */
  let known: readonly Peer[] = [];
  let links: Links | null = null;

  async function bury(): Promise<void> {
    const named = [...dead];
    const { incarnations, attempts } = await store.nodes.bury(parts.ttl, longestGap, named);
    for (const incarnation of named) dead.delete(incarnation);
    void parts.tellNodes('bury', incarnations);
    if (incarnations.length > 0) log.warn('node.buried', { incarnations, attempts });
    // Held outside: whoever held them has said nothing in time.
    else if (attempts > 0) log.warn('attempt.lost', { attempts });
    if (attempts > 0) wake();
  }

  async function open(openLinks: () => Promise<Links>): Promise<Links> {
    const opened = await openLinks();
    opened.onLost(lost);
    opened.onMessage(parts.liveLinks.heard);
    opened.onEnd((peer, hasLeft) => {
      if (hasLeft) others.delete(peer);
      parts.liveLinks.ended(peer);
    });
    parts.face.linksAt(await opened.open(() => parts.key(false)));
    return opened;
  }

  function lost({ incarnation, isDead }: LostPeer): void {
    if (!isDead || !phase.may('be ready')) return;
    dead.add(incarnation);
    others.delete(incarnation);
    // What fails is tried again by the duty.
    void bury().catch((error) => log.warn('bury.failed', { error: messageOf(error) }));
  }

  return {
    bury,
    async link() {
      if (parts.links === null) return;
      links ??= await open(parts.links);
      if (!phase.may('be ready')) return;
      const self = parts.incarnation();
      try {
        const live = (await store.nodes.list()).filter(({ state }) => state === 'live');
        others = new Set(live.flatMap(({ incarnation }) => (incarnation === self ? [] : incarnation)));
        known = live.flatMap(({ incarnation, link }) => (link === null ? [] : [{ incarnation, link }]));
      } finally {
        // Links that end while the store is away are made again, too.
        links.keep(
          self,
          known.filter(({ incarnation }) => incarnation === self || others.has(incarnation)),
        );
      }
    },
    linked: () => links?.linked() ?? [],
    allAway() {
      if (links === null) return true;
      const away = new Set(links.away());
      return [...others].every((incarnation) => away.has(incarnation));
    },
    sayAway: (isAway) => links?.sayAway(isAway),
    send: (to, message) => links?.send(to, message) ?? false,
    stop: async () => links?.close(),
  };
}
