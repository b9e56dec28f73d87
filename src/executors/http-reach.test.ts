import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { isPrivateAddress, lookupUnless, RefusedAddress, refusalFor } from './http-reach.ts';

describe('addresses', () => {
  it.each([
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '127.0.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
  ])('%s is private, in IPv6 too', (address) => {
    expect([isPrivateAddress(address), isPrivateAddress(`::ffff:${address}`)]).toEqual([true, true]);
  });
  it.each(['::1', '::', 'fd00::1', 'fe80::1', 'fec0::1', 'ff02::1', '64:ff9b:1::1', '2002:a00:1::1'])('%s is private', (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });
  it.each(['8.8.8.8', '::ffff:8.8.8.8', '172.32.0.1', '100.128.0.1', '11.0.0.1', '2606:4700::1111', '64:ff9b::808:808'])(
    '%s is public',
    (address) => {
      expect(isPrivateAddress(address)).toBe(false);
    },
  );
});

describe('a refusal', () => {
  const rules = { ownPorts: new Set([19_900]) };

  it('is by port and machine of this server, and by what is private after a public address', async () => {
    const told = async (reach: 'others' | 'public', port: number, address: string): Promise<string | null> =>
      (await refusalFor(reach, port, rules)(address))?.message ?? null;
    expect(await told('others', 19_900, '::1')).toBe('the redirect leads back to this server');
    expect(await told('others', 19_901, '127.0.0.1')).toBeNull();
    expect(await told('others', 19_900, '10.0.0.77')).toBeNull();
    expect(await told('public', 80, '10.0.0.77')).toContain('from a public address to 10.0.0.77');
    expect(await told('public', 80, '8.8.8.8')).toBeNull();
  });

  it.each([
    ['http://127.0.0.1:19901', 'live', '127.0.0.1', true],
    ['http://[::1]:19901', 'live', '::1', true],
    ['http://localhost:19901', 'live', '::ffff:127.0.0.1', true],
    [`http://${hostname()}:19901`, 'live', '127.0.0.1', true],
    ['http://127.0.0.1:19901', 'live', '10.0.0.77', false],
    ['http://127.0.0.1:19902', 'live', '127.0.0.1', false],
    ['http://127.0.0.1:19901', 'left', '127.0.0.1', false],
    ['http://elsewhere.example:19901', 'live', '127.0.0.1', false],
    ['http://10.0.0.77:19901', 'live', '127.0.0.1', false],
    ['', 'live', '127.0.0.1', false],
  ] as const)('is by nodes of the cluster on this machine: one at %s that is %s, and a redirect to %s', async (address, state, to, is) => {
    const refused = await refusalFor('others', 19_901, { ...rules, nodes: async () => [{ address, state }] })(to);
    expect(refused?.message ?? null).toBe(is ? 'the redirect leads to another node of this cluster' : null);
  });

  it('asks for nodes when a redirect leads to this machine alone, and goes on when the store cannot tell them', async () => {
    let asked = 0;
    const nodes = (): Promise<never> => {
      asked += 1;
      return Promise.reject(new Error('away'));
    };
    const refusal = refusalFor('others', 19_901, { ...rules, nodes });
    expect([await refusal('8.8.8.8'), asked]).toEqual([null, 0]);
    expect([await refusal('127.0.0.1'), asked]).toEqual([null, 1]);
  });

  it('holds for each address that a name has', async () => {
    const lookup = lookupUnless(refusalFor('others', 19_900, rules));
    const { promise, resolve } = Promise.withResolvers<Error | null>();
    lookup('localhost', { all: true }, (error) => resolve(error));
    expect(await promise).toBeInstanceOf(RefusedAddress);
  });
});
