/**
 * How far a redirect may lead. The web app chooses where, and it is followed from inside this network: it may not come to this
 * server, which trusts its own machine, nor from a public address to one that only this network or this machine reaches.
 */
import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';

/** `any`: what a job names itself. `others`: not this server. `public`: public addresses, and not this server. */
export type Reach = 'any' | 'others' | 'public';

export interface ReachRules {
  /** The ports on which this process listens; filled as it does. */
  readonly ownPorts: ReadonlySet<number>;
  /** Whether only some network reaches an address. Default: those that IANA lists as such. */
  readonly isPrivate?: (address: string) => boolean;
}

export class RefusedAddress extends Error {
  readonly code = 'ERR_REFUSED_ADDRESS';
}

/** Answers what a connection to this port may not be made to, and why; `null`: it may. */
type Refusal = (address: string) => RefusedAddress | null;

export function refusalFor(reach: Reach, port: number, { ownPorts, isPrivate = isPrivateAddress }: ReachRules): Refusal {
  if (reach === 'any') return () => null;
  return (address) => {
    if (ownPorts.has(port) && isOfThisMachine(address)) return new RefusedAddress('the redirect leads back to this server');
    if (reach === 'others' || !isPrivate(address)) return null;
    return new RefusedAddress(`the redirect leads from a public address to ${address}, which is a private one`);
  };
}

/** Resolves as usual, and fails when any address of the name is refused. */
export const lookupUnless =
  (refusal: Refusal): LookupFunction =>
  (hostname, options, callback) => {
    lookup(hostname, options, (error, found: string | LookupAddress[], family?: number) => {
      callback(error ?? refusalOfAny(found, refusal), found, family);
    });
  };

function refusalOfAny(found: string | readonly LookupAddress[], refusal: Refusal): RefusedAddress | null {
  if (typeof found === 'string') return refusal(found);
  return found.map(({ address }) => refusal(address)).find((refused) => refused !== null) ?? null;
}

/** A host that is an address is never looked up. */
export function refusalOfHost(host: string, refusal: Refusal): RefusedAddress | null {
  const address = host.replace(/^\[(.*)\]$/, '$1');
  return isIP(address) === 0 ? null : refusal(address);
}

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
