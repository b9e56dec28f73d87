import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectPlain, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { until } from '../../test/support/until.ts';
import { linkLimits, type NodeLink } from '../core/link.ts';
import type { Links, LostPeer, Peer } from '../ports/links.ts';
import { type Certificate, type CertificateFiles, makeCertificate, validUntil } from './certificate.ts';
import { frameOf } from './frames.ts';
import { type LinkOptions, makeLinks } from './index.ts';
import { helloOf } from './proof.ts';

interface Node {
  readonly name: string;
  readonly links: Links;
  readonly link: NodeLink;
  readonly lost: LostPeer[];
  readonly warn: ReturnType<typeof vi.fn>;
  readonly debug: ReturnType<typeof vi.fn>;
}

let nodes: Node[] = [];
afterEach(async () => {
  await Promise.all(nodes.map(({ links }) => links.close()));
  nodes = [];
});

async function start(name: string, key = 'the key of the cluster', otherwise: Partial<LinkOptions> = {}): Promise<Node> {
  const [warn, debug] = [vi.fn(), vi.fn()];
  const log = { debug, info() {}, warn, error() {} };
  const links = makeLinks({
    host: '127.0.0.1',
    port: 0,
    isChosen: true,
    reachedAt: '127.0.0.1',
    takeover: true,
    shareKey: null,
    certificate: null,
    log,
    ...otherwise,
  });
  const lost: LostPeer[] = [];
  links.onLost((peer) => void lost.push(peer));
  const link = (await links.open(async () => key)) ?? expect.fail('it listens');
  const node = { name, links, link, lost, warn, debug };
  nodes.push(node);
  return node;
}

const peerOf = ({ name, link }: Node): Peer => ({ incarnation: name, link });

const refusals = (warn: Node['warn']): readonly unknown[] =>
  warn.mock.calls.filter(([event]) => event === 'link.refused').map(([, told]) => told);

/** All know all, as after a look at the store. */
function meetAll(...all: readonly Node[]): void {
  for (const { name, links } of all) links.keep(name, all.map(peerOf));
}

const linkedTo = (node: Node, ...names: readonly string[]): Promise<void> =>
  until(`${node.name} is linked to ${names}`, () => String(node.links.linked().toSorted()) === String(names));

describe('links', () => {
  it('are made once between each two nodes, and made again when they end', async () => {
    const [a, b, c] = [await start('a'), await start('b'), await start('c')];
    meetAll(a, b, c);
    await Promise.all([linkedTo(a, 'b', 'c'), linkedTo(b, 'a', 'c'), linkedTo(c, 'a', 'b')]);
    b.links.keep('b', [peerOf(a)]);
    await Promise.all([linkedTo(b, 'a'), linkedTo(c, 'a')]);
    meetAll(a, b, c);
    await Promise.all([linkedTo(b, 'a', 'c'), linkedTo(c, 'a', 'b')]);
  });

  it('tell whether the peer hears of the store', async () => {
    const [a, b, c] = [await start('a'), await start('b'), await start('c')];
    meetAll(a, b, c);
    await linkedTo(a, 'b', 'c');
    b.links.sayAway(true);
    await until('b has said it', () => String(a.links.away()) === 'b');
    c.links.sayAway(true);
    b.links.sayAway(false);
    await until('both have said it', () => String(a.links.away()) === 'c');
  });

  it('end without a question when a node leaves', async () => {
    const [a, b] = [await start('a'), await start('b')];
    meetAll(a, b);
    await Promise.all([linkedTo(a, 'b'), linkedTo(b, 'a')]);
    await b.links.close();
    await linkedTo(a);
    expect([a.lost, b.lost]).toEqual([[], []]);
  });

  it('are made by nobody who has another key, and nothing of the key is sent', async () => {
    const [a, b] = [await start('a'), await start('b', 'another key')];
    meetAll(a, b);
    await until('a has refused it', () => a.warn.mock.calls.length > 0);
    expect(a.warn).toHaveBeenCalledWith('link.refused', { from: '127.0.0.1', why: 'it has another key', connections: 1 });
    expect([a.links.linked(), b.links.linked()]).toEqual([[], []]);
  });

  it('take the key that is configured instead of the cluster’s', async () => {
    const [a, b] = [await start('a', 'one', { shareKey: 'x' }), await start('b', 'two', { shareKey: 'x' })];
    meetAll(a, b);
    await Promise.all([linkedTo(a, 'b'), linkedTo(b, 'a')]);
  });

  it('have certificates that somebody has made, as long as their time is', async () => {
    const files = (name: string, made: Certificate): CertificateFiles => {
      const [cert, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
      writeFileSync(cert, made.cert);
      writeFileSync(key, made.key);
      return { cert, key };
    };
    const folder = mkdtempSync(join(tmpdir(), 'hatstand-links-'));
    const certificate = files('shared', makeCertificate(validUntil('20991231235959Z')));
    const [a, b] = [await start('a', undefined, { certificate }), await start('b', undefined, { certificate })];
    expect(a.link.fingerprint).toBe(b.link.fingerprint);
    meetAll(a, b);
    await Promise.all([linkedTo(a, 'b'), linkedTo(b, 'a')]);
    // The time of both passes.
    const later = vi.spyOn(Date, 'now').mockReturnValue(Date.parse('2100-01-02'));
    b.links.keep('another', []);
    b.links.keep('b', [peerOf(a)]);
    await until('somebody has refused it', () => [a, b].some(({ warn }) => refusals(warn).length > 0));
    later.mockRestore();
    expect([...refusals(a.warn), ...refusals(b.warn)][0]).toMatchObject({ why: 'its certificate has expired, or is not valid yet' });

    const [expired, other] = [files('old', makeCertificate(validUntil('20210101000000Z'))), files('other', makeCertificate())];
    const wrong: readonly [CertificateFiles, RegExp][] = [
      [expired, /old\.pem for links holds a certificate for the time .* which is not now/],
      [{ cert: certificate.cert, key: other.key }, /other\.key for links does not belong to the certificate in .*shared\.pem/],
      [{ cert: certificate.key, key: certificate.key }, /holds no certificate/],
      [{ cert: certificate.cert, key: certificate.cert }, /holds no private key/],
      [{ cert: join(folder, 'none'), key: certificate.key }, /none for links cannot be read/],
    ];
    for (const [pair, told] of wrong) await expect(start('c', undefined, { certificate: pair })).rejects.toThrow(told);
    rmSync(folder, { recursive: true });
  });

  it('are not made to who has another certificate than the node tells', async () => {
    const [a, b, c] = [await start('a'), await start('b'), await start('c')];
    b.links.keep('b', [{ incarnation: 'a', link: { ...a.link, port: c.link.port } }]);
    c.links.keep('c', []);
    await until('b has refused it', () => b.warn.mock.calls.length > 0);
    expect(b.warn).toHaveBeenCalledWith('link.refused', expect.objectContaining({ why: 'it has another certificate than the node tells' }));
    // Nor does who is known take the link of one that only has the key.
    a.links.keep('a', [{ incarnation: 'b', link: { ...b.link, fingerprint: c.link.fingerprint } }]);
    b.links.keep('b', [peerOf(a)]);
    await until('a has refused it', () => a.warn.mock.calls.length > 0);
    expect(a.links.linked()).toEqual([]);
  });

  it.each([
    ['garbage', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a frame too long for who has proven nothing', frameOf('x'.repeat(linkLimits.unprovenBytes))],
    ['something else than who it is', frameOf({ from: 'b' })],
    ['a proof that is none', frameOf({ from: 'b', to: 'a', proof: 'x' })],
    ['a greeting for somebody else', frameOf({ from: 'b', to: 'c', proof: 'x' })],
  ])('are closed to who says %s', async (_, bytes) => {
    const a = await start('a');
    a.links.keep('a', []);
    const socket = connect({ host: a.link.host, port: a.link.port, rejectUnauthorized: false });
    let answer = 0;
    socket.on('data', (chunk) => {
      answer += chunk.length;
    });
    await once(socket, 'secureConnect');
    socket.write(bytes);
    await once(socket, 'close');
    expect(answer).toBe(0);
    expect(a.warn).toHaveBeenCalledOnce();
  });

  it.each([
    ['no JSON', Buffer.from([0, 0, 0, 1, 0x7b])],
    ['a frame that is too long', Buffer.from([0, 0x10, 0, 1])],
  ])('end with who has proven itself and says %s', async (_, bytes) => {
    const a = await start('a', 'k');
    a.links.keep('a', []);
    const socket = connect({ host: a.link.host, port: a.link.port, rejectUnauthorized: false, ...makeCertificate() });
    socket.on('error', () => undefined).resume();
    await once(socket, 'secureConnect');
    socket.write(frameOf(helloOf('k', socket, 'client', 'b', 'a')));
    await linkedTo(a, 'b');
    socket.write(bytes);
    await Promise.all([once(socket, 'close'), linkedTo(a)]);
  });

  it('are closed to who speaks no TLS, or an older one', async () => {
    const a = await start('a');
    a.links.keep('a', []);
    const plain = connectPlain(a.link);
    plain.on('error', () => undefined).write('hello, hello, hello');
    await once(plain, 'close');
    const old = connect({ host: a.link.host, port: a.link.port, rejectUnauthorized: false, maxVersion: 'TLSv1.2' });
    const [error] = (await once(old, 'error')) as [Error];
    expect(error.message).toMatch(/protocol version/i);
  });
});

/** Where nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Something between two nodes, which ends the connections through it. */
async function startProxy(port: number) {
  const sockets = new Set<{ resetAndDestroy(): unknown }>();
  const proxy = createServer((socket) => {
    const to = connectPlain({ host: '127.0.0.1', port });
    for (const each of [socket, to]) {
      sockets.add(each);
      each.on('error', () => undefined).on('close', () => [socket, to].map((other) => other.destroy()));
    }
    socket.pipe(to).pipe(socket);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    reset(): void {
      for (const socket of sockets) socket.resetAndDestroy();
      sockets.clear();
    },
    close: () => proxy.close(),
  };
}

it('an address that somebody has chosen must be there; another one is done without', async () => {
  const warn = vi.fn();
  const options = {
    host: '203.0.113.7',
    port: 0,
    reachedAt: 'n',
    takeover: true,
    shareKey: null,
    certificate: null,
    log: { debug() {}, info() {}, warn, error() {} },
  };
  await expect(makeLinks({ ...options, isChosen: true }).open(async () => '')).rejects.toMatchObject({ code: 'invalid_config' });
  expect(await makeLinks({ ...options, isChosen: false }).open(async () => '')).toBeNull();
  expect(warn).toHaveBeenCalledWith('links.not_taken', expect.anything());
});

describe('a link that ends without a word', () => {
  it('takes over nothing from a node that lives, and is made again', async () => {
    const [a, b] = [await start('a'), await start('b')];
    const proxy = await startProxy(a.link.port);
    for (const process of [a.link.process, null]) {
      const through: Peer = { incarnation: 'a', link: { ...a.link, port: proxy.port, process } };
      a.links.keep('a', [peerOf(b)]);
      b.links.keep('b', [through]);
      await Promise.all([linkedTo(a, 'b'), linkedTo(b, 'a')]);
      const before = b.lost.length;
      proxy.reset();
      await until('both have asked', () => b.lost.length > before && a.lost.length > 0);
      expect(b.lost.at(-1)).toEqual({
        incarnation: 'a',
        isDead: false,
        why: process === null ? 'its address is alive' : 'its process is there',
      });
    }
    proxy.close();
  });

  it('tells that a node is dead when its process is gone, or its machine refuses, and only then', async () => {
    const b = await start('b');
    const gone = { machine: b.link.process?.machine ?? '', pid: process.pid, startedAt: '1' };
    for (const [process, isDead, why] of [
      [gone, true, 'its process is gone'],
      [null, true, 'its machine refuses'],
      [b.link.process, false, 'its process is there'],
    ] as const) {
      const a = await start('a');
      a.links.keep('a', [peerOf(b)]);
      b.links.keep('b', [{ incarnation: 'a', link: { ...a.link, process } }]);
      await Promise.all([linkedTo(a, 'b'), linkedTo(b, 'a')]);
      const before = b.lost.length;
      // Its listener is gone, and so are its links, without a word.
      nodes = nodes.filter((node) => node !== a);
      a.links.keep('another', []);
      await a.links.close();
      await until('it has asked', () => b.lost.length > before);
      expect(b.lost.at(-1)).toEqual({ incarnation: 'a', isDead, why });
      b.links.keep('b', []);
    }
  });

  it('is believed to be a death, by who was called, when the address that refuses has led to the node before', async () => {
    for (const [leads, why] of [
      [true, 'its machine refuses'],
      [false, 'its address has never led to it from here'],
    ] as const) {
      const [a, b] = [await start('a'), await start('b')];
      const port = leads ? b.link.port : await closedPort();
      a.links.keep('a', [{ incarnation: 'b', link: { ...b.link, port, process: null } }]);
      b.links.keep('b', [peerOf(a)]);
      await linkedTo(a, 'b');
      a.links.keep('a', [{ incarnation: 'b', link: { ...b.link, port, process: null } }]);
      await until('it has looked', () => a.debug.mock.calls.length > 0);
      expect(a.debug).toHaveBeenCalledWith('link.looked', { node: 'b', leads });
      nodes = nodes.filter((node) => node !== b);
      b.links.keep('another', []);
      await b.links.close();
      await until('it has asked', () => a.lost.length > 0);
      expect(a.lost).toEqual([{ incarnation: 'b', isDead: leads, why }]);
      expect(refusals(b.warn)).toEqual([]);
    }
  });

  it('asks nobody where nobody takes over', async () => {
    const [a, b] = [await start('a'), await start('b', undefined, { takeover: false })];
    meetAll(a, b);
    await Promise.all([linkedTo(a, 'b'), linkedTo(b, 'a')]);
    a.links.keep('another', []);
    await until('it is told', () => b.lost.length > 0);
    expect(b.lost).toEqual([{ incarnation: 'a', isDead: false, why: 'nobody takes over' }]);
  });
});
