/** Who answers at the address that a node tells: 127.0.0.1 is another machine for each who calls it, and so may be any private address. */
import { connect, type TLSSocket } from 'node:tls';
import { linkLimits, type NodeLink } from '../core/link.ts';
import { type Certificate, fingerprintOf } from './certificate.ts';
import { bye } from './link.ts';

/** Calls it, and gives up when nobody has answered for a while. */
export function dial({ host, port }: Pick<NodeLink, 'host' | 'port'>, own: Certificate): TLSSocket {
  const socket = connect({ host, port, ...own, minVersion: 'TLSv1.3', rejectUnauthorized: false });
  socket.setTimeout(linkLimits.proveWithin, () => socket.destroy());
  return socket.on('error', () => undefined);
}

/** Of the certificate that it shows; `''`: it shows none. */
export function fingerprintAt(socket: TLSSocket): NodeLink['fingerprint'] {
  const certificate = socket.getPeerX509Certificate();
  return certificate === undefined ? '' : fingerprintOf(certificate);
}

/** Whether the node with this certificate answers; then goes again. */
export function answersAt(socket: TLSSocket, fingerprint: NodeLink['fingerprint']): Promise<boolean> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve(false));
    socket.once('secureConnect', () => {
      resolve(fingerprintAt(socket) === fingerprint);
      socket.end(bye);
    });
  });
}
