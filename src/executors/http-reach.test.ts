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

  it('is by port and machine of this server, and by what is private after a public address', () => {
    const told = (reach: 'any' | 'others' | 'public', port: number, address: string): string | null =>
      refusalFor(reach, port, rules)(address)?.message ?? null;
    expect(told('any', 19_900, '127.0.0.1')).toBeNull();
    expect(told('others', 19_900, '::1')).toBe('the redirect leads back to this server');
    expect(told('others', 19_901, '127.0.0.1')).toBeNull();
    expect(told('others', 19_900, '10.0.0.77')).toBeNull();
    expect(told('public', 80, '10.0.0.77')).toContain('from a public address to 10.0.0.77');
    expect(told('public', 80, '8.8.8.8')).toBeNull();
  });

  it('holds for each address that a name has', async () => {
    const lookup = lookupUnless(refusalFor('others', 19_900, rules));
    const { promise, resolve } = Promise.withResolvers<Error | null>();
    lookup('localhost', { all: true }, (error) => resolve(error));
    expect(await promise).toBeInstanceOf(RefusedAddress);
  });
});
