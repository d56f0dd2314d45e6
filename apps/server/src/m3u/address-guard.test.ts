import { describe, expect, it } from 'vitest';
import { AddressGuard, AddressRefused } from './address-guard.ts';

const refuses = (hostname: string, allowed: string[] = []): boolean => {
  try {
    new AddressGuard(allowed).checkHost(hostname);
    return false;
  } catch (error) {
    if (error instanceof AddressRefused) return true;
    throw error;
  }
};

const hostOf = (url: string): string => new URL(url).hostname;

describe('an address in a URL', () => {
  it.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0.0.0.0/',
    'http://10.1.2.3/',
    'http://100.64.1.1/',
    'http://169.254.169.254/latest/meta-data',
    'http://172.20.0.1/',
    'http://192.168.0.1/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://[::]/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:a00:1]/',
    'http://[::7f00:1]/',
    'http://[64:ff9b::a00:1]/',
    'http://[2002:a00:1::]/',
    'http://[fe80::1]/',
    'http://[fd00::1]/',
    'http://[ff02::1]/',
  ])('%s is refused', (url) => {
    expect(refuses(hostOf(url))).toBe(true);
  });

  it.each(['http://8.8.8.8/', 'http://[2606:4700::1111]/', 'http://[::ffff:8.8.8.8]/', 'http://name.example/'])(
    '%s is not',
    (url) => {
      expect(refuses(hostOf(url))).toBe(false);
    },
  );

  it('is let through when its network is allowed', () => {
    expect(refuses('192.168.1.7', ['192.168.1.0/24'])).toBe(false);
    expect(refuses('192.168.2.7', ['192.168.1.0/24'])).toBe(true);
    expect(refuses('[::1]', ['::1'])).toBe(false);
  });
});

describe('a name', () => {
  const resolving = (addresses: readonly string[], all: boolean) => {
    const guard = new AddressGuard([], async () =>
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
    return new Promise<unknown>((resolve) => guard.lookup('h', { all }, (error, found) => resolve(error ?? found)));
  };

  it('leads to its public addresses only', async () => {
    expect(await resolving(['10.0.0.1', '8.8.8.8', '::1'], true)).toEqual([{ address: '8.8.8.8', family: 4 }]);
    expect(await resolving(['10.0.0.1', '2606:4700::1111'], false)).toBe('2606:4700::1111');
  });

  it('without a public address is refused', async () => {
    expect(await resolving(['10.0.0.1', '::ffff:10.0.0.1'], true)).toBeInstanceOf(AddressRefused);
    expect(await resolving([], true)).toBeInstanceOf(AddressRefused);
  });
});
