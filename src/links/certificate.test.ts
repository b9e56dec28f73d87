import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect, it } from 'vitest';
import { fingerprintOf, makeCertificate } from './certificate.ts';

it('a certificate is signed by its own key, valid for good, and another one each time', () => {
  const [one, other] = [makeCertificate(), makeCertificate()];
  const read = new X509Certificate(one.cert);
  expect(read.verify(read.publicKey)).toBe(true);
  expect(read.checkPrivateKey(createPrivateKey(one.key))).toBe(true);
  expect([read.subject, read.issuer, read.validTo]).toEqual(['CN=hatstand', 'CN=hatstand', 'Dec 31 23:59:59 9999 GMT']);
  expect(fingerprintOf(read)).toMatch(/^[0-9a-f]{64}$/);
  expect(fingerprintOf(read)).not.toBe(fingerprintOf(new X509Certificate(other.cert)));
});
