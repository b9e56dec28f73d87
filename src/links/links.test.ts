import { once } from 'node:events';
import { connect as connectPlain, createServer } from 'node:net';
import { connect } from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { until } from '../../test/support/until.ts';
import { linkLimits, type NodeLink } from '../core/link.ts';
import type { Links, LostPeer, Peer } from '../ports/links.ts';
import { frameOf } from './frames.ts';
import { type LinkOptions, makeLinks } from './index.ts';

interface Node {
  readonly name: string;
  readonly links: Links;
  readonly link: NodeLink;
  readonly lost: LostPeer[];
  readonly warn: ReturnType<typeof vi.fn>;
}

let nodes: Node[] = [];
afterEach(async () => {
  await Promise.all(nodes.map(({ links }) => links.close()));
  nodes = [];
});

async function start(name: string, key = 'the key of the cluster', otherwise: Partial<LinkOptions> = {}): Promise<Node> {
  const warn = vi.fn();
  const log = { debug() {}, info() {}, warn, error() {} };
  const links = makeLinks({
    host: '127.0.0.1',
    port: 0,
    isChosen: true,
    reachedAt: '127.0.0.1',
    takeover: true,
    shareKey: null,
    log,
    ...otherwise,
  });
  const lost: LostPeer[] = [];
  links.onLost((peer) => void lost.push(peer));
  const link = (await links.open(async () => key)) ?? expect.fail('it listens');
  const node = { name, links, link, lost, warn };
  nodes.push(node);
  return node;
}

const peerOf = ({ name, link }: Node): Peer => ({ incarnation: name, link });

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

  it('asks nobody where nobody takes over', async () => {
    const [a, b] = [await start('a'), await start('b', undefined, { takeover: false })];
    meetAll(a, b);
    await Promise.all([linkedTo(a, 'b'), linkedTo(b, 'a')]);
    a.links.keep('another', []);
    await until('it is told', () => b.lost.length > 0);
    expect(b.lost).toEqual([{ incarnation: 'a', isDead: false, why: 'nobody takes over' }]);
  });
});
