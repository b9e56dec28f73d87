/** One link, once both sides have proven who they are: each says now and then that it is there, and hears when the other is not. */
import type { TLSSocket } from 'node:tls';
import { linkLimits } from '../core/link.ts';
import type { Incarnation } from '../core/node.ts';
import { frameOf } from './frames.ts';

/** `left`: the peer has said that it leaves; `closed`: this side has ended it; the others are questions. */
export type LinkEnd = 'left' | 'closed' | 'lost' | 'silent' | 'garbage';

export interface Link {
  readonly peer: Incarnation;
  /** The peer has said in its newest check that it does not hear of the store. */
  readonly isAway: boolean;
  /** A frame of the peer. */
  heard(frame: unknown): void;
  /** `false`: the peer does not take what it was sent, or the link is over. */
  send(message: object): boolean;
  /** It is over; the first reason counts. */
  end(why: LinkEnd): void;
  /** Says that this node leaves, and ends it. */
  leave(): void;
}

const checks = { usual: frameOf({ check: true }), away: frameOf({ check: true, away: true }) };
export const bye = frameOf({ bye: true });
export const isBye = (frame: unknown): boolean => typeof frame === 'object' && frame !== null && 'bye' in frame;

export interface LinkEvents {
  onMessage(link: Link, message: unknown): void;
  /** Called once. */
  onEnd(link: Link, why: LinkEnd): void;
  /** Whether this node does not hear of the store: each check says it. */
  isAway(): boolean;
}

/** Of a peer that takes nothing, so many bytes wait at most. */
const mostWaiting = 16 * linkLimits.frameBytes;

export function makeLink(peer: Incarnation, socket: TLSSocket, { onMessage, onEnd, isAway }: LinkEvents): Link {
  let isOver = false;
  let isPeerAway = false;
  let quiet = 0;

  // Rounds are counted, not time: whoever stood still itself has not listened meanwhile.
  const checking = setInterval(() => {
    quiet += 1;
    if (quiet > linkLimits.silentChecks) link.end('silent');
    else if (socket.writableLength < linkLimits.frameBytes) socket.write(isAway() ? checks.away : checks.usual);
  }, linkLimits.checkEvery);
  checking.unref();

  const link: Link = {
    peer,
    get isAway() {
      return isPeerAway;
    },
    heard(frame) {
      quiet = 0;
      if (typeof frame !== 'object' || frame === null) return;
      if ('check' in frame) isPeerAway = 'away' in frame;
      if ('bye' in frame) link.end('left');
      else if ('message' in frame) onMessage(link, frame.message);
    },
    send(message) {
      if (isOver || socket.writableLength > mostWaiting) return false;
      socket.write(frameOf({ message }));
      return true;
    },
    end(why) {
      if (isOver) return;
      isOver = true;
      clearInterval(checking);
      socket.destroy();
      onEnd(link, why);
    },
    leave() {
      if (isOver) return;
      isOver = true;
      clearInterval(checking);
      socket.end(bye);
      onEnd(link, 'closed');
    },
  };
  return link;
}
