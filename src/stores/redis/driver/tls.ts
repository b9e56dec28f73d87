/** TLS as the URL and the files ask for it. */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { HatstandError, messageOf } from '../../../core/errors.ts';
import type { RedisUrl } from '../../../core/redis-url.ts';
import type { DriverOptions } from './options.ts';

/** `null`: none. Servers are always verified, by the system's authorities or by the file's. */
export function tlsOf(url: RedisUrl, { ca = null, cert = null, key = null }: NonNullable<DriverOptions['tls']>): ConnectionOptions | null {
  if (!url.tls && ca === null && cert === null && key === null) return null;
  return {
    ...(ca === null ? {} : { ca: readPem(ca) }),
    ...(cert === null ? {} : { cert: readPem(cert) }),
    ...(key === null ? {} : { key: readPem(key) }),
  };
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new HatstandError('invalid_config', `The file ${path} of the store's TLS cannot be read: ${messageOf(error)}.`);
  }
}
