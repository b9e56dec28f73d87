import type { NodeLink } from '../core/link.ts';
import type { Incarnation } from '../core/node.ts';

export interface Peer {
  readonly incarnation: Incarnation;
  readonly link: NodeLink;
}

/** A link that has ended without a word. */
export interface LostPeer {
  readonly incarnation: Incarnation;
  /** It is dead beyond doubt. */
  readonly isDead: boolean;
  /** For the log. */
  readonly why: string;
}

/** Connections to the other nodes of the cluster. */
export interface Links {
  /**
   * Listens, and answers what others need to link to this node; `null`: it cannot listen at an address that nobody has chosen, and makes links to
   * others alone. Throws for one that somebody has.
   *
   * @param key what both sides of a link must have; asked for at each link
   */
  open(key: () => Promise<string>): Promise<NodeLink | null>;
  /** Who this node is, and who else is there: links to all of those are made, and made again; links to others end. */
  keep(self: Incarnation, peers: readonly Peer[]): void;
  /** The listener hears of each peer that was linked and is not any more, once it was asked what has become of it. */
  onLost(listener: (peer: LostPeer) => void): void;
  linked(): readonly Incarnation[];
  /** From now on the peers hear, within a check, that this node does not hear of the store, or does again. */
  sayAway(isAway: boolean): void;
  /** Those of the linked peers that have said it last. */
  away(): readonly Incarnation[];
  /** Sends JSON to a peer. `false`: it is not linked, or takes nothing; it may be lost all the same when the link ends. */
  send(to: Incarnation, message: object): boolean;
  /** The listener hears of each message, in the order in which its peer has sent them. It is not checked. */
  onMessage(listener: (from: Incarnation, message: unknown) => void): void;
  /** The listener hears at once that a link has ended, whatever the reason; also when the peer has said that it leaves. */
  onEnd(listener: (peer: Incarnation, hasLeft: boolean) => void): void;
  /** Tells the others that this node leaves, and ends all links. */
  close(): Promise<void>;
}
