/** Takes connections of other nodes: TLS 1.3 alone, few at once that have not proven who they are. */
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { HatstandError, messageOf } from '../core/errors.ts';
import { linkLimits } from '../core/link.ts';
import type { Certificate } from './certificate.ts';
import type { Refused } from './refusals.ts';

export interface Listener {
  /** Throws `invalid_config`, `address_in_use`. */
  open(): Promise<AddressInfo>;
  /** The connection has proven who it is. */
  proven(socket: TLSSocket): void;
  /** Ends also what has proven nothing. */
  close(): void;
}

export interface ListenerParts {
  readonly host: string;
  readonly port: number;
  readonly certificate: Certificate;
  readonly refused: Refused;
  onSecure(socket: TLSSocket): void;
}

export function makeListener({ host, port, certificate, refused, onSecure }: ListenerParts): Listener {
  const unproven = new Set<Socket>();
  const server = createServer({
    ...certificate,
    minVersion: 'TLSv1.3',
    // Whose certificate it is, its fingerprint says.
    requestCert: true,
    rejectUnauthorized: false,
    handshakeTimeout: linkLimits.proveWithin,
  });
  server.on('connection', (socket: Socket) => {
    socket.on('close', () => unproven.delete(socket));
    if (unproven.size >= linkLimits.unproven) socket.destroy();
    else unproven.add(socket);
  });
  server.on('tlsClientError', (error: Error, socket: TLSSocket) => {
    refused(socket.remoteAddress ?? '', error.message);
    socket.destroy();
  });
  server.on('secureConnection', onSecure);
  return {
    open: () => listening(server, host, port),
    proven(socket) {
      for (const each of unproven)
        if (each.remotePort === socket.remotePort && each.remoteAddress === socket.remoteAddress) unproven.delete(each);
    },
    close() {
      server.close();
      for (const socket of unproven) socket.destroy();
    },
  };
}

function listening(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const place = `${host}:${port}`;
      const code = error.code === 'EADDRINUSE' ? 'address_in_use' : 'invalid_config';
      reject(new HatstandError(code, `The address for links, ${place}, cannot be listened on: ${messageOf(error)}.`, { key: 'link_addr' }));
    });
    server.listen({ host, port }, () => resolve(server.address() as AddressInfo));
  });
}
