/**
 * Who is at the other end: each side proves that it has the key, by a MAC over what this TLS session alone exports (RFC 8446, 7.5), so that
 * a proof is worth nothing elsewhere, and the key is never sent.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { linkProofText } from '../core/link.ts';
import type { Incarnation } from '../core/node.ts';

type Role = Parameters<typeof linkProofText>[0];

/** What each side tells first. */
export interface Hello {
  readonly from: Incarnation;
  readonly to: Incarnation;
  readonly proof: string;
}

const label = 'EXPORTER-hatstand-link';
const exported = 32;

function macOf(key: string, socket: TLSSocket, role: Role, from: string, to: string): string {
  const session = socket.exportKeyingMaterial(exported, label, Buffer.alloc(0));
  return createHmac('sha256', key)
    .update(linkProofText(role, from, to))
    .update(session)
    .digest('base64url');
}

export const helloOf = (key: string, socket: TLSSocket, role: Role, from: Incarnation, to: Incarnation): Hello => ({
  ...{ from, to },
  proof: macOf(key, socket, role, from, to),
});

/** `null`: it is none. */
export function readHello(frame: unknown): Hello | null {
  if (typeof frame !== 'object' || frame === null) return null;
  const { from, to, proof } = frame as Readonly<Record<string, unknown>>;
  return typeof from === 'string' && typeof to === 'string' && typeof proof === 'string' ? { from, to, proof } : null;
}

export function isProven(key: string, socket: TLSSocket, role: Role, { from, to, proof }: Hello): boolean {
  const [expected, given] = [Buffer.from(macOf(key, socket, role, from, to)), Buffer.from(proof)];
  return expected.length === given.length && timingSafeEqual(expected, given);
}
