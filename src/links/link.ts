/** One link, once both sides have proven who they are: each says now and then that it is there, and hears when the other is not. */
import type { TLSSocket } from 'node:tls';
import { linkLimits } from '../core/link.ts';
import type { Incarnation } from '../core/node.ts';
import { frameOf } from './frames.ts';

/** `left`: the peer has said that it leaves; `closed`: this side has ended it; the others are questions. */
export type LinkEnd = 'left' | 'closed' | 'lost' | 'silent' | 'garbage';

export interface Link {
  readonly peer: Incarnation;
  /** A frame of the peer. */
  heard(frame: unknown): void;
  /** `false`: the peer does not take what it was sent, or the link is over. */
  send(message: object): boolean;
  /** It is over; the first reason counts. */
  end(why: LinkEnd): void;
  /** Says that this node leaves, and ends it. */
  leave(): void;
}

const check = frameOf({ check: true });
export const bye = frameOf({ bye: true });
export const isBye = (frame: unknown): boolean => typeof frame === 'object' && frame !== null && 'bye' in frame;

export interface LinkEvents {
  onMessage(link: Link, message: unknown): void;
  /** Called once. */
  onEnd(link: Link, why: LinkEnd): void;
}

/** Of a peer that takes nothing, so many bytes wait at most. */
const mostWaiting = 16 * linkLimits.frameBytes;

export function makeLink(peer: Incarnation, socket: TLSSocket, { onMessage, onEnd }: LinkEvents): Link {
  let isOver = false;
  let quiet = 0;

  // Rounds are counted, not time: whoever stood still itself has not listened meanwhile.
  const checks = setInterval(() => {
    quiet += 1;
    if (quiet > linkLimits.silentChecks) link.end('silent');
    else if (socket.writableLength < linkLimits.frameBytes) socket.write(check);
  }, linkLimits.checkEvery);
  checks.unref();

  const link: Link = {
    peer,
    heard(frame) {
      quiet = 0;
      if (typeof frame !== 'object' || frame === null) return;
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
      clearInterval(checks);
      socket.destroy();
      onEnd(link, why);
    },
    leave() {
      if (isOver) return;
      isOver = true;
      clearInterval(checks);
      socket.end(bye);
      onEnd(link, 'closed');
    },
  };
  return link;
}
