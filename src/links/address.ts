/** Whether the address that a node tells leads to it from here: 127.0.0.1 is another machine for each, and so may be any private address. */
import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { linkLimits, type NodeLink } from '../core/link.ts';
import { type Certificate, fingerprintOf } from './certificate.ts';
import { bye } from './link.ts';

/** Connects, looks whose certificate answers, and goes again. */
export function leadsTo({ host, port, fingerprint }: NodeLink, own: Certificate): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, ...own, minVersion: 'TLSv1.3', rejectUnauthorized: false });
    socket.setTimeout(linkLimits.proveWithin, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.once('close', () => resolve(false));
    socket.once('secureConnect', () => {
      const { raw } = socket.getPeerCertificate();
      resolve(raw !== undefined && fingerprintOf(new X509Certificate(raw)) === fingerprint);
      socket.end(bye);
    });
  });
}
