/**
 * The certificate of a start: an Ed25519 key and its own signature (X.509, RFC 5280; Ed25519 in it, RFC 8410), or one that somebody has
 * made. Others know it by its fingerprint, so nothing in it matters but the key, and that its time has not passed.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { HatstandError, messageOf } from '../core/errors.ts';

export interface Certificate {
  /** PEM. */
  readonly key: string;
  readonly cert: string;
}

/** Paths of PEM files (distributed-task's `cert` and `key`). */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** One value of DER (ITU-T X.690): its tag, its length, its content. */
function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  if (body.length < 0x80) return Buffer.concat([Uint8Array.of(tag, body.length), body]);
  const length = Buffer.from(body.length.toString(16).padStart(4, '0'), 'hex');
  return Buffer.concat([Uint8Array.of(tag, 0x80 | length.length), length, body]);
}

const tags = {
  integer: 0x02,
  bits: 0x03,
  oid: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  time: 0x18,
  sequence: 0x30,
  set: 0x31,
  version: 0xa0,
} as const;
const sequence = (...content: readonly Uint8Array[]): Buffer => der(tags.sequence, ...content);
const bits = (content: Uint8Array): Buffer => der(tags.bits, Uint8Array.of(0), content);

/** 1.3.101.112. */
const ed25519 = sequence(der(tags.oid, Uint8Array.of(0x2b, 0x65, 0x70)));
/** 2.5.4.3. */
const commonName = der(tags.oid, Uint8Array.of(0x55, 0x04, 0x03));
/** As long as there are such dates: it ends with its process (RFC 5280, 4.1.2.5). */
const validity = validUntil('99991231235959Z');
const version3 = der(tags.version, der(tags.integer, Uint8Array.of(2)));

/** @param end as X.509 writes a GeneralizedTime */
export function validUntil(end: string): Buffer {
  return sequence(der(tags.utcTime, Buffer.from('200101000000Z')), der(tags.time, Buffer.from(end)));
}

/** @param time of its validity; a test says another one */
export function makeCertificate(time = validity): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  // Positive, and never the same (RFC 5280, 4.1.2.2).
  const serial = der(tags.integer, Uint8Array.of(0x01), randomBytes(15));
  const name = sequence(der(tags.set, sequence(commonName, der(tags.utf8, Buffer.from('hatstand')))));
  const signed = sequence(version3, serial, ed25519, name, time, name, publicKey.export({ type: 'spki', format: 'der' }));
  const certificate = sequence(signed, ed25519, bits(sign(null, signed, privateKey)));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: new X509Certificate(certificate).toString(),
  };
}

export const fingerprintOf = (certificate: X509Certificate): string => certificate.fingerprint256.replaceAll(':', '').toLowerCase();

/** Whether now is in the time of a certificate. */
export const isTimely = ({ validFromDate, validToDate }: X509Certificate, now: number): boolean =>
  validFromDate.getTime() <= now && now <= validToDate.getTime();

/** One that somebody has made. Throws `invalid_config`, which names the file. */
export function readCertificate({ cert, key }: CertificateFiles, now: number): Certificate {
  const [certPem, keyPem] = [readPem(cert), readPem(key)];
  const [read, own] = [parsed(cert, 'certificate', () => new X509Certificate(certPem)), privateKey(key, keyPem)];
  if (!read.checkPrivateKey(own))
    throw wrongFile(key, `does not belong to the certificate in ${cert}. Give the key with which that was made`);
  if (!isTimely(read, now))
    throw wrongFile(cert, `holds a certificate for the time from ${read.validFrom} to ${read.validTo}, which is not now`);
  return { cert: certPem, key: keyPem };
}

const privateKey = (path: string, pem: string): KeyObject => parsed(path, 'private key without a passphrase', () => createPrivateKey(pem));

function parsed<T>(path: string, what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw wrongFile(path, `holds no ${what} that can be read. It must be PEM`, error);
  }
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw wrongFile(path, `cannot be read: ${messageOf(error)}`, error);
  }
}

const wrongFile = (path: string, fault: string, cause?: unknown): HatstandError =>
  new HatstandError('invalid_config', `The file ${path} for links ${fault}.`, { file: path }, { cause });
