/** An authority with a certificate for 127.0.0.1 and one for a client, made by openssl in a temporary folder. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Paths of PEM files. */
export interface Certificates {
  readonly ca: string;
  readonly serverCert: string;
  readonly serverKey: string;
  readonly clientCert: string;
  readonly clientKey: string;
  /** What a client of these servers connects with. */
  client(): { readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer };
  remove(): void;
}

export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'hatstand-certificates-'));
  const file = (name: string): string => join(folder, name);
  const keyPair = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const request = (name: string, more: readonly string[]): void => {
    const args = ['req', '-x509', ...keyPair, '-keyout', file(`${name}.key`), '-out', file(`${name}.crt`), '-subj', `/CN=${name}`, ...more];
    execFileSync('openssl', args, { stdio: 'pipe' });
  };
  const signed = ['-CA', file('authority.crt'), '-CAkey', file('authority.key')];
  request('authority', []);
  request('server', [...signed, '-addext', 'subjectAltName=IP:127.0.0.1']);
  request('client', signed);
  const paths = {
    ca: file('authority.crt'),
    serverCert: file('server.crt'),
    serverKey: file('server.key'),
    clientCert: file('client.crt'),
    clientKey: file('client.key'),
  };
  return {
    ...paths,
    client: () => ({ ca: readFileSync(paths.ca), cert: readFileSync(paths.clientCert), key: readFileSync(paths.clientKey) }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
