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
  /** It is over; the first reason counts. */
  end(why: LinkEnd): void;
  /** Says that this node leaves, and ends it. */
  leave(): void;
}

const check = frameOf({ check: true });
const bye = frameOf({ bye: true });

/** @param onEnd called once */
export function makeLink(peer: Incarnation, socket: TLSSocket, onEnd: (link: Link, why: LinkEnd) => void): Link {
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
      if (typeof frame === 'object' && frame !== null && 'bye' in frame) link.end('left');
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
