/** Files of TLS that are not what they should be. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Certificates, makeCertificates } from '../../../../test/support/certificates.ts';
import { parseRedisUrl, type RedisUrl } from '../../../core/redis-url.ts';
import { tlsOf } from './tls.ts';

let certificates: Certificates;
beforeAll(() => {
  certificates = makeCertificates();
});
afterAll(() => certificates.remove());

function url(text: string): RedisUrl {
  const parsed = parseRedisUrl(text);
  if (parsed === undefined) throw new Error(`${text} is no URL.`);
  return parsed;
}

/** Beside the certificates, with which it is removed. */
function file(name: string, text: string): string {
  const path = `${certificates.ca}.${name}`;
  writeFileSync(path, text);
  return path;
}

const textOf = (path: string): string => readFileSync(path, 'utf8');
const plain = url('redis://h');

describe('the files of TLS', () => {
  it('are read as they are, several certificates and words around them too', () => {
    const { ca, clientCert, clientKey, serverCert } = certificates;
    const bundle = file('bundle', `# ours\n${textOf(ca)}\n${textOf(serverCert)}`);
    expect(tlsOf(plain, { ca: bundle, cert: clientCert, key: clientKey })).toEqual({
      ca: textOf(bundle),
      cert: textOf(clientCert),
      key: textOf(clientKey),
    });
    expect([tlsOf(plain, {}), tlsOf(url('rediss://h'), {})]).toEqual([null, {}]);
  });

  it('are named when they are missing', () => {
    expect(() => tlsOf(plain, { ca: '/nowhere.pem' })).toThrow(/^The file \/nowhere\.pem of the store's TLS cannot be read: ENOENT/);
  });

  it('are named when they hold no certificate, or one that is broken', () => {
    const { clientKey } = certificates;
    const noCertificate = /holds no certificate\. It must be PEM/;
    expect(() => tlsOf(plain, { ca: clientKey })).toThrow(`The file ${clientKey} of the store's TLS holds no certificate.`);
    expect(() => tlsOf(plain, { ca: file('empty', '') })).toThrow(noCertificate);
    expect(() => tlsOf(plain, { cert: clientKey, key: clientKey })).toThrow(noCertificate);
    const broken = file('broken', `${textOf(certificates.ca)}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`);
    expect(() => tlsOf(plain, { ca: broken })).toThrow(`The file ${broken} of the store's TLS holds a certificate that cannot be read: `);
  });

  it('are named when they hold no key, or one with a passphrase', () => {
    const { clientCert: cert, clientKey } = certificates;
    const fault = (path: string): string => `The file ${path} of the store's TLS holds no private key that can be read.`;
    expect(() => tlsOf(plain, { cert, key: cert })).toThrow(fault(cert));
    const locked = `${clientKey}.locked`;
    execFileSync('openssl', ['pkey', '-in', clientKey, '-out', locked, '-aes256', '-passout', 'pass:word'], { stdio: 'pipe' });
    expect(() => tlsOf(plain, { cert, key: locked })).toThrow(fault(locked));
  });

  it('are named when the key is that of another certificate', () => {
    const { clientCert: cert, serverKey: key } = certificates;
    expect(() => tlsOf(plain, { cert, key })).toThrow(
      expect.objectContaining({
        code: 'invalid_config',
        message: expect.stringContaining(`The file ${key} of the store's TLS does not belong to the certificate in ${cert}.`),
      }),
    );
  });
});
