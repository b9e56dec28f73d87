/** A connection until both sides have proven who they are, and then its link. */
import type { TLSSocket } from 'node:tls';
import { linkLimits } from '../core/link.ts';
import type { Incarnation } from '../core/node.ts';
import { frameOf, makeFrameReader } from './frames.ts';
import { isBye, type Link, type LinkEvents, makeLink } from './link.ts';
import { type Hello, helloOf, isProven, readHello } from './proof.ts';

export interface Meeting extends LinkEvents {
  readonly socket: TLSSocket;
  readonly key: string;
  readonly role: 'client' | 'server';
  readonly self: Incarnation;
  /** Whether the other side may be who it says; asked once, before its proof is looked at. */
  mayBe(peer: Incarnation): boolean;
  /** Both sides have proven who they are. */
  onLink(link: Link): void;
  /** It has come to nothing. */
  onRefused(why: string): void;
}

/** Once TLS stands. The client, which knows whom it has called by the certificate, proves itself first. */
export function meet({ socket, key, role, self, mayBe, onLink, onRefused, ...events }: Meeting, peer: Incarnation | null): void {
  const other = role === 'client' ? 'server' : 'client';
  const read = makeFrameReader(() => (link === null ? linkLimits.unprovenBytes : linkLimits.frameBytes));
  let link: Link | null = null;
  let isRefused = false;
  const late = setTimeout(() => refuse('it proved nothing in time'), linkLimits.proveWithin);
  late.unref();

  function refuse(why: string): void {
    if (link !== null || isRefused) return;
    isRefused = true;
    clearTimeout(late);
    socket.destroy();
    onRefused(why);
  }

  /** `null`: it is right. */
  function wrongIn(hello: Hello | null): string | null {
    if (hello === null) return 'it said something else than who it is';
    if (hello.to !== self) return 'it looks for another node';
    if (!isProven(key, socket, other, hello)) return 'it has another key';
    return (peer === null || hello.from === peer) && mayBe(hello.from) ? null : 'it is another node, or has another certificate';
  }

  function greet(to: Incarnation): void {
    socket.write(frameOf(helloOf(key, socket, role, self, to)));
  }

  function hear(frame: unknown): void {
    if (link !== null) {
      link.heard(frame);
      return;
    }
    // It has looked who answers here, and wants nothing else.
    if (isBye(frame)) {
      isRefused = true;
      clearTimeout(late);
      socket.destroy();
      return;
    }
    const hello = readHello(frame);
    const wrong = wrongIn(hello);
    if (hello === null || wrong !== null) {
      refuse(wrong ?? '');
      return;
    }
    clearTimeout(late);
    if (role === 'server') greet(hello.from);
    link = makeLink(hello.from, socket, events);
    onLink(link);
  }

  socket.on('data', (chunk: Buffer) => {
    try {
      for (const frame of read(chunk)) if (!isRefused) hear(frame);
    } catch (error) {
      if (link === null) refuse(error instanceof Error ? error.message : String(error));
      else link.end('garbage');
    }
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    if (link === null) refuse('it went away before it had proven itself: one of both may have another key');
    else link.end('lost');
  });
  if (peer !== null) greet(peer);
}
