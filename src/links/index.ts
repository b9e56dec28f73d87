/**
 * Links to all other nodes. Of two nodes the one with the greater incarnation makes the link, and makes it again when it has ended; both
 * have it then. certificate.ts what a start is known by · listener.ts, meeting.ts, proof.ts how a connection becomes a link · link.ts, frames.ts
 * a link · address.ts who answers at the address of a node · probe.ts, process-id.ts what has become of a peer whose link was closed
 */
import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { messageOf } from '../core/errors.ts';
import type { NodeLink, Probe, ProcessId } from '../core/link.ts';
import type { Incarnation } from '../core/node.ts';
import type { Links, LostPeer, Peer } from '../ports/links.ts';
import type { Logger } from '../ports/logger.ts';
import { answersAt, dial, fingerprintAt } from './address.ts';
import { type CertificateFiles, fingerprintOf, isTimely, makeCertificate, readCertificate } from './certificate.ts';
import type { Link, LinkEnd } from './link.ts';
import { makeListener } from './listener.ts';
import { meet } from './meeting.ts';
import { probePeer } from './probe.ts';
import { ownProcess, probeProcess } from './process-id.ts';
import { makeRefusals } from './refusals.ts';

export interface LinkOptions {
  /** An address of this machine. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Somebody has said where it listens: what fails there is an error. */
  readonly isChosen: boolean;
  /** What others call the host. */
  readonly reachedAt: string;
  /** Asks what has become of a peer whose link was closed; else its lease alone decides. */
  readonly takeover: boolean;
  /** What both sides must have instead of the cluster's key; `null`: that. */
  readonly shareKey: string | null;
  /** `null`: it makes a certificate of its own. */
  readonly certificate: CertificateFiles | null;
  readonly log: Logger;
}

/** Throws `invalid_config` for a certificate that cannot be used. */
export function makeLinks(options: LinkOptions): Links {
  const { log, shareKey } = options;
  const certificate = options.certificate === null ? makeCertificate() : readCertificate(options.certificate, Date.now());
  const own = ownProcess();
  const links = new Map<Incarnation, Link>();
  const calling = new Set<Incarnation>();
  /** Of those that are linked: whether their address has led to them from here, so that it tells something when it refuses. */
  const reached = new Map<Incarnation, boolean>();
  /** Of calls of which no link has come yet, or that only look. */
  const sockets = new Set<TLSSocket>();
  const refused = makeRefusals(log);
  const listener = makeListener({ ...options, certificate, refused, onSecure: (socket) => void answer(socket) });
  let peers: ReadonlyMap<Incarnation, Peer> = new Map();
  let self: Incarnation | null = null;
  let keyOf: () => Promise<string> = () => Promise.reject(new Error('it is not open'));
  let tell: (peer: LostPeer) => void = () => {};
  let hear: (from: Incarnation, message: unknown) => void = () => {};
  let ended: (peer: Incarnation, hasLeft: boolean) => void = () => {};
  let away = false;
  const isAway = (): boolean => away;
  const onMessage = (link: Link, message: unknown): void => hear(link.peer, message);

  function onLink(link: Link): void {
    // It was stopped meanwhile.
    if (self === null) {
      link.leave();
      return;
    }
    links.get(link.peer)?.end('closed');
    links.set(link.peer, link);
    log.info('link.made', { node: link.peer });
  }

  function onEnd(link: Link, why: LinkEnd): void {
    if (links.get(link.peer) !== link) return;
    links.delete(link.peer);
    const isReached = reached.get(link.peer) === true;
    reached.delete(link.peer);
    ended(link.peer, why === 'left');
    const peer = peers.get(link.peer);
    if (why !== 'left' && why !== 'closed' && peer !== undefined) void ask(peer, isReached, why);
  }

  /** Once for each link that its peer has made. */
  async function lookFor({ incarnation, link }: Peer): Promise<void> {
    if (reached.has(incarnation)) return;
    reached.set(incarnation, false);
    const made = links.get(incarnation);
    const leads = await answersAt(dialed(link), link.fingerprint);
    if (links.get(incarnation) === made) reached.set(incarnation, leads);
    log.debug('link.looked', { node: incarnation, leads });
  }

  function dialed(link: NodeLink): TLSSocket {
    const socket = dial(link, certificate);
    sockets.add(socket);
    return socket.once('close', () => sockets.delete(socket));
  }

  /** What has become of it. */
  async function ask({ incarnation, link }: Peer, isReached: boolean, end: LinkEnd): Promise<void> {
    const look = (process: ProcessId | null): Probe => probeProcess(process, own);
    const { isDead, why } = options.takeover ? await probePeer(link, isReached, look) : unasked;
    log.warn('link.lost', { node: incarnation, end, dead: isDead, why });
    tell({ incarnation, isDead, why });
  }

  /** Somebody has called. */
  async function answer(socket: TLSSocket): Promise<void> {
    const from = socket.remoteAddress ?? '';
    socket.on('error', () => undefined);
    const [key, me] = [await keyOf().catch(() => null), self];
    if (key === null || me === null) return void socket.destroy();
    if (hasExpired(socket)) {
      refused(from, expired);
      return void socket.destroy();
    }
    meet(
      {
        ...{ socket, key, role: 'server', self: me, onMessage, onEnd, isAway, onRefused: (why) => refused(from, why) },
        // One that has just joined is not known yet: it has the key.
        mayBe: (peer) => (peers.get(peer)?.link.fingerprint ?? fingerprintAt(socket)) === fingerprintAt(socket),
        onLink(link) {
          listener.proven(socket);
          onLink(link);
        },
      },
      null,
    );
  }

  async function call({ incarnation, link }: Peer, me: Incarnation): Promise<void> {
    if (calling.has(incarnation)) return;
    calling.add(incarnation);
    const done = (): void => void calling.delete(incarnation);
    const from = `${link.host}:${link.port}`;
    const key = await keyOf().catch(() => null);
    if (key === null) return done();
    if (self !== me) return done();
    const socket = dialed(link).setNoDelay(true).setKeepAlive(true, 30_000).once('close', done);
    socket.once('secureConnect', () => {
      socket.setTimeout(0);
      const isOther = fingerprintAt(socket) !== link.fingerprint;
      if (isOther || hasExpired(socket)) {
        refused(from, isOther ? 'it has another certificate than the node tells' : expired);
        return void socket.destroy();
      }
      const onRefused = (why: string): void => refused(from, why);
      const linked = (made: Link): void => {
        done();
        sockets.delete(socket);
        onLink(made);
        if (links.get(incarnation) === made) reached.set(incarnation, true);
      };
      meet({ socket, key, role: 'client', self: me, mayBe: () => true, onLink: linked, onMessage, onEnd, isAway, onRefused }, incarnation);
    });
  }

  return {
    async open(key) {
      keyOf = shareKey === null ? key : async () => shareKey;
      const opened = await listener.open().catch((error: unknown) => {
        if (options.isChosen) throw error;
        log.warn('links.not_taken', { error: messageOf(error) });
        return null;
      });
      if (opened === null) return null;
      const { port } = opened;
      const fingerprint = fingerprintOf(new X509Certificate(certificate.cert));
      return { host: options.reachedAt, port, fingerprint, process: own };
    },
    keep(me, all) {
      if (self !== null && self !== me) for (const link of [...links.values()]) link.end('closed');
      self = me;
      const before = peers;
      peers = new Map(all.filter(({ incarnation }) => incarnation !== me).map((peer) => [peer.incarnation, peer]));
      // One that nobody has told of yet has just joined.
      for (const link of [...links.values()]) if (before.has(link.peer) && !peers.has(link.peer)) link.end('closed');
      for (const peer of peers.values()) {
        const isLinked = links.has(peer.incarnation);
        if (me > peer.incarnation && !isLinked) void call(peer, me);
        else if (me < peer.incarnation && isLinked) void lookFor(peer);
      }
    },
    onLost(listener) {
      tell = listener;
    },
    linked: () => [...links.keys()],
    sayAway(isAway) {
      away = isAway;
    },
    away: () => [...links.values()].flatMap((link) => (link.isAway ? link.peer : [])),
    send: (to, message) => links.get(to)?.send(message) ?? false,
    onMessage(listener) {
      hear = listener;
    },
    onEnd(listener) {
      ended = listener;
    },
    async close() {
      self = null;
      for (const link of [...links.values()]) link.leave();
      for (const socket of sockets) socket.destroy();
      listener.close();
    },
  };
}

const expired = 'its certificate has expired, or is not valid yet';

/** One without a certificate is told apart by its fingerprint. */
function hasExpired(socket: TLSSocket): boolean {
  const certificate = socket.getPeerX509Certificate();
  return certificate !== undefined && !isTimely(certificate, Date.now());
}

const unasked = { isDead: false, why: 'nobody takes over' } as const;
