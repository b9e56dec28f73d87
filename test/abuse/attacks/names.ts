/** Who asks is not who it says: names of others, forwarded requests, pages of other origins, requests within requests. */
import type { Attack, Came, Target } from '../attack.ts';
import { type Answer, send, sendRaw, statusesIn } from '../sending.ts';

/** Of none of these is this server; 127.0.0.1 and localhost stand in all places where they do not count. */
const hosts = [
  ...['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', 'evil.example:80', 'evil-localhost', 'xlocalhost'],
  ...['localhost.evil', '127.0.0.1.nip.io', '127-0-0-1.example', '10.0.0.1', '192.168.1.1', '169.254.169.254', '0.0.0.0', '0'],
  ...['127.0.0.256', '127.1', '0x7f.0.0.1', '0x7f000001', '2130706433', '017700000001', '128.0.0.1', '[::2]', '[::]'],
  ...['[::ffff:10.0.0.1]', '[fe80::1]', '127.0.0.1@evil.example', 'localhost@evil.example', 'evil.example#localhost'],
  ...['evil.example/localhost', 'localhost,evil.example', 'localhost:80:evil', '[::1', '::1]evil', 'localhost..'],
];

const forwards = {
  'x-forwarded-for': '127.0.0.1',
  forwarded: 'for=127.0.0.1;host=localhost',
  via: '1.1 proxy',
  'x-real-ip': '127.0.0.1',
  'x-forwarded-host': 'localhost',
  'x-forwarded-proto': 'https',
};

const paths = ['/job', '/v1/jobs?limit=1', '/ui/internal/job', '/readyz', '/nowhere'];

/** A refusal that says why, to those who can read. */
const inWords = ({ came, text }: Answer): string => (/"(?:error|detail)":\s*"[^"]{20,}/.test(text) ? `${came} in words` : came);

async function asked(came: Came, { server }: Target, all: readonly Readonly<Record<string, string>>[]): Promise<void> {
  for (const path of paths)
    for (const answer of await Promise.all(all.map((headers) => send(server.address, { path, headers })))) came.add(inWords(answer));
}

const hostForms: Attack = {
  name: 'names of other hosts',
  comes: /^(403 in words|400 in words)$/,
  play: (target, came) =>
    asked(
      came,
      target,
      hosts.map((host) => ({ host })),
    ),
};

const forwarded: Attack = {
  name: 'forwarded requests, true and forged',
  comes: /^401 in words$/,
  play: (target, came) =>
    asked(
      came,
      target,
      Object.entries(forwards).map(([name, value]) => ({ [name]: value })),
    ),
};

const pages: Attack = {
  name: 'pages of other origins',
  comes: /^403 in words$/,
  async play(target, came) {
    const { port } = new URL(target.server.address);
    const host = `127.0.0.1:${port}`;
    const origins = [
      ...['http://evil.example', 'null', 'http://127.0.0.1', 'http://127.0.0.1:1', `http://localhost:${port}`, `https://${host}`],
      ...[`http://${host}.evil.example`, `http://127.0.0.1@evil.example`, `file://${host}`, 'chrome-extension://abc'],
    ];
    const sites = ['cross-site', 'same-site'].map((site) => ({ host, 'sec-fetch-site': site }));
    await asked(came, target, [...origins.map((origin) => ({ host, origin })), ...sites]);
  },
};

const inner =
  'POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{"url":"smuggled"  }';
const post = (fields: readonly string[], body: string): string =>
  `POST /job HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n${body}`;
const chunked = `0\r\n\r\n${inner}`;
const long = `Content-Length: ${chunked.length}`;

/** A proxy before this server might see one request, or end it elsewhere. */
const smuggled: readonly string[] = [
  post(['Content-Length: 5', 'Transfer-Encoding: chunked'], chunked),
  post(['Transfer-Encoding: chunked', long], chunked),
  post(['Transfer-Encoding: chunked, identity', long], chunked),
  post(['Transfer-Encoding: identity, chunked', long], chunked),
  post(['Transfer-Encoding: identity', long], chunked),
  post(['Transfer-Encoding: xchunked', long], chunked),
  post(['Transfer-Encoding : chunked', long], chunked),
  post(['Transfer-Encoding:\x0bchunked', long], chunked),
  post(['X: y\r\n Transfer-Encoding: chunked', long], chunked),
  post(['X: y\nTransfer-Encoding: chunked', long], chunked),
  post(['X: y\rTransfer-Encoding: chunked', 'Transfer-Encoding: chunked', long], chunked),
  post(['Transfer-Encoding: chunked', 'Transfer-Encoding: identity', long], chunked),
  post(['Content-Length: 0', long], chunked),
  post([long, 'Content-Length: 0'], chunked),
  post(['Content-Length: 0, 5'], chunked),
  post(['Content-Length: +5'], inner),
  post(['Content-Length: 0x5'], inner),
  post(['Content-Length: -0'], inner),
  post(['Content-Length : 0', long], chunked),
  post(['Content-Length: '], inner),
  post(['Transfer-Encoding: chunked'], `0_\r\n\r\n${inner}`),
  post(['Transfer-Encoding: chunked'], `0x0\r\n\r\n${inner}`),
  post(['Transfer-Encoding: chunked'], `-1\r\n\r\n${inner}`),
  post(['Transfer-Encoding: chunked'], `FFFFFFFFFFFFFFFF1\r\n\r\n${inner}`),
  post(['Transfer-Encoding: chunked'], `1;a\nb\r\nx\r\n0\r\n\r\n${inner}`),
  post(['Transfer-Encoding: chunked'], `5\nhello\n0\n\n${inner}`),
  post(['Transfer-Encoding: chunked'], `2\r\n{}xx0\r\n\r\n${inner}`),
  post(['Host: evil.example', long], chunked),
  `POST /job HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n${long}\r\n\r\n${chunked}`,
  `GET /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`,
  `GET http://evil.example/v1/jobs HTTP/1.1\r\nHost: evil.example\r\n\r\n`,
  `GET /v1/jobs\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  `GET /v1/jobs HTTP/1.1\r\nHost: localhost\r\n\x00: a\r\n\r\n`,
  `GET /v1/jobs HTTP/9.9\r\nHost: localhost\r\n\r\n`,
  `CONNECT evil.example:80 HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`,
];

const smuggling: Attack = {
  name: 'requests within requests',
  comes: /^(4\d\d|cut off)$/,
  async play({ server }, came) {
    const answers = await Promise.all(smuggled.map((bytes) => sendRaw(server.address, bytes)));
    for (const [n, answer] of answers.entries()) {
      const statuses = statusesIn(answer);
      // What was within is never answered: it would be behind the first answer.
      came.add(statuses.length > 1 ? `${statuses.join(' and ')} to ${JSON.stringify(smuggled[n])}` : (statuses[0] ?? 'cut off'));
    }
  },
};

export const nameAttacks: readonly Attack[] = [hostForms, forwarded, pages, smuggling];
