/** TLS as the URL and the files ask for it. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { HatstandError, messageOf } from '../../../core/errors.ts';
import type { RedisUrl } from '../../../core/redis-url.ts';
import type { DriverOptions } from './options.ts';

/**
 * `null`: none. Servers are always verified, by the system's authorities or by the file's. Throws `invalid_config`, which
 * names the file, since what TLS itself says of a wrong one does not.
 */
export function tlsOf(url: RedisUrl, { ca = null, cert = null, key = null }: NonNullable<DriverOptions['tls']>): ConnectionOptions | null {
  if (!url.tls && ca === null && cert === null && key === null) return null;
  const authorities = ca === null ? null : readCertificates(ca);
  const own = cert === null ? null : readCertificates(cert);
  const ownKey = key === null ? null : readKey(key);
  if (own !== null && ownKey !== null && !own.first.checkPrivateKey(ownKey.key)) {
    throw wrongFile(key, `does not belong to the certificate in ${cert}. Give the key with which that was made`);
  }
  return {
    ...(authorities === null ? {} : { ca: authorities.pem }),
    ...(own === null ? {} : { cert: own.pem }),
    ...(ownKey === null ? {} : { key: ownKey.pem }),
  };
}

const certificatePattern = /-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----.*?-----END \1-----/gs;

/** TLS passes over whatever is no certificate without a word. */
function readCertificates(path: string): { readonly pem: string; readonly first: X509Certificate } {
  const pem = readPem(path);
  try {
    const [first] = (pem.match(certificatePattern) ?? []).map((each) => new X509Certificate(each));
    if (first !== undefined) return { pem, first };
  } catch (error) {
    throw wrongFile(path, `holds a certificate that cannot be read: ${messageOf(error)}`);
  }
  throw wrongFile(path, 'holds no certificate. It must be PEM, which is text with the line -----BEGIN CERTIFICATE-----');
}

function readKey(path: string): { readonly pem: string; readonly key: KeyObject } {
  const pem = readPem(path);
  try {
    return { pem, key: createPrivateKey(pem) };
  } catch (error) {
    throw wrongFile(path, 'holds no private key that can be read. It must be PEM, and have no passphrase', error);
  }
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw wrongFile(path, `cannot be read: ${messageOf(error)}`);
  }
}

const wrongFile = (path: string | null, fault: string, cause?: unknown): HatstandError =>
  new HatstandError('invalid_config', `The file ${path} of the store's TLS ${fault}.`, {}, { cause });
