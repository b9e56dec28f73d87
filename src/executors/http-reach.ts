/**
 * How far a redirect may lead. The web app chooses where, and it is followed from inside this network: it may not come to this
 * server, which trusts its own machine, as do the nodes of its cluster that are there, nor from a public address to one that only
 * this network or this machine reaches.
 */
import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import type { NodeRecord } from '../core/node.ts';

/** `any`: what a job names itself. `others`: not this server, nor a node of its cluster on this machine. `public`: of these, public addresses. */
export type Reach = 'any' | 'others' | 'public';

export interface ReachRules {
  /** The ports on which this process listens; filled as it does. */
  readonly ownPorts: ReadonlySet<number>;
  /** The nodes of its cluster; asked when a redirect leads to this machine. Default: there are no others. */
  readonly nodes?: () => Promise<readonly Pick<NodeRecord, 'state' | 'address'>[]>;
  /** Whether only some network reaches an address. Default: those that IANA lists as such. */
  readonly isPrivate?: (address: string) => boolean;
}

export class RefusedAddress extends Error {
  readonly code = 'ERR_REFUSED_ADDRESS';
}

/** Answers what a connection to this port may not be made to, and why; `null`: it may. */
type Refusal = (address: string) => Promise<RefusedAddress | null>;

export function refusalFor(reach: Exclude<Reach, 'any'>, port: number, rules: ReachRules): Refusal {
  const { ownPorts, isPrivate = isPrivateAddress } = rules;
  return async (address) => {
    if (isOfThisMachine(address)) {
      if (ownPorts.has(port)) return new RefusedAddress('the redirect leads back to this server');
      if (await isOfCluster(port, rules)) return new RefusedAddress('the redirect leads to another node of this cluster');
    }
    if (reach === 'others' || !isPrivate(address)) return null;
    return new RefusedAddress(`the redirect leads from a public address to ${address}, which is a private one`);
  };
}

/** Whether a node of the cluster listens on this port of this machine. One that the store cannot tell cannot do anything either. */
async function isOfCluster(port: number, { nodes }: ReachRules): Promise<boolean> {
  const all = (await nodes?.().catch(() => [])) ?? [];
  return all.some(({ state, address }) => state === 'live' && portHere(address) === port);
}

/** The port of this machine that an address of a node names; `null`: it names another machine, or none. */
function portHere(address: string): number | null {
  if (!URL.canParse(address)) return null;
  const { hostname: host, port } = new URL(address);
  const literal = literalOf(host);
  const isHere = isIP(literal) === 0 ? host === 'localhost' || host === hostname().toLowerCase() : isOfThisMachine(literal);
  return isHere ? Number(port === '' ? 80 : port) : null;
}

/** Resolves as usual, and fails when any address of the name is refused. */
export const lookupUnless =
  (refusal: Refusal): LookupFunction =>
  (hostname, options, callback) => {
    lookup(hostname, options, (error, found: string | LookupAddress[], family?: number) => {
      if (error !== null) callback(error, found, family);
      else void refusalOfAny(found, refusal).then((refused) => callback(refused, found, family));
    });
  };

async function refusalOfAny(found: string | readonly LookupAddress[], refusal: Refusal): Promise<RefusedAddress | null> {
  if (typeof found === 'string') return refusal(found);
  const all = await Promise.all(found.map(({ address }) => refusal(address)));
  return all.find((refused) => refused !== null) ?? null;
}

/** A host that is an address is never looked up. */
export async function refusalOfHost(host: string, refusal: Refusal): Promise<RefusedAddress | null> {
  const address = literalOf(host);
  return isIP(address) === 0 ? null : refusal(address);
}

/** An address of IPv6 stands in brackets. */
const literalOf = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4');

/** A list knows an IPv4 address in its IPv6 forms too. */
function isOfThisMachine(address: string): boolean {
  if (ofThisMachine.check(address, familyOf(address))) return true;
  const own = new BlockList();
  for (const each of Object.values(networkInterfaces()).flatMap((all) => all ?? [])) own.addAddress(each.address, familyOf(each.address));
  return own.check(address, familyOf(address));
}

const ofThisMachine = blockListOf(['0.0.0.0/8', '127.0.0.0/8', '::/128', '::1/128']);

export const isPrivateAddress = (address: string): boolean => privateAddresses.check(address, familyOf(address));

/** The blocks of IANA's special-purpose registries (RFC 6890) that are not globally reachable, and those for many receivers. */
const privateAddresses = blockListOf([
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24'],
  ...['192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ...['::/128', '::1/128', '64:ff9b:1::/48', '100::/64', '2001:db8::/32', '2002::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
]);

function blockListOf(blocks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const block of blocks) {
    const [net = '', prefix] = block.split('/');
    list.addSubnet(net, Number(prefix), familyOf(net));
  }
  return list;
}
