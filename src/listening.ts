/** Where an HTTP face listens: of the server, and of a node inside another program. */
import { hostname } from 'node:os';
import type { FastifyInstance } from 'fastify';
import type { ListenAddress } from './config/settings.ts';
import { HatstandError, messageOf } from './core/errors.ts';

export interface Listening {
  /** `http://host:port` as it can be reached from this machine. */
  readonly address: string;
  /** The same from others: one that listens on all addresses is reached by the name of its machine. */
  readonly reached: string;
  readonly port: number;
}

/** What the caller calls the address, in errors. */
export interface AddressOption {
  /** Completes "Choose another with". */
  readonly choose: string;
  /** Completes "must be". */
  readonly what: string;
  /** The error's: a key of the configuration, or a field of the call. */
  readonly details: { readonly key: string } | { readonly field: string };
}

const anyAddress = ['0.0.0.0', '::'];

/**
 * Throws `address_in_use`, or `invalid_config` for an address on which this process may not listen.
 *
 * @param said where the caller says the address
 */
export async function listenOn(app: FastifyInstance, { host, port }: ListenAddress, said: AddressOption): Promise<Listening> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    const place = `${host}:${port}`;
    if (inUse) throw new HatstandError('address_in_use', `${place} is in use: ${messageOf(error)}. Choose another with ${said.choose}.`);
    throw new HatstandError(
      'invalid_config',
      `${said.what} must be an address of this machine on which this user may listen, not ${place}: ${messageOf(error)}.`,
      said.details,
    );
  }
  const bound = app.addresses()[0];
  const boundPort = typeof bound === 'object' ? bound.port : port;
  const shown = host.includes(':') ? `[${host}]` : host === '0.0.0.0' ? '127.0.0.1' : host;
  const address = `http://${shown}:${boundPort}`;
  return { address, reached: anyAddress.includes(host) ? `http://${hostname()}:${boundPort}` : address, port: boundPort };
}
