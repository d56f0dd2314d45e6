import { expect, test } from 'vitest';
import { isLocalAddress } from './access.ts';

const interfaces = {
  eth0: [
    {
      address: '172.17.0.2',
      netmask: '255.255.0.0',
      family: 'IPv4' as const,
      mac: '',
      internal: false,
      cidr: '172.17.0.2/16',
    },
    {
      address: 'fd00::2',
      netmask: '',
      family: 'IPv6' as const,
      mac: '',
      internal: false,
      cidr: 'fd00::2/64',
      scopeid: 0,
    },
  ],
};

test.each(['127.0.0.1', '127.9.9.9', '::1', '172.17.44.1', 'fd00::99'])(
  '%s is local to an engine in 172.17/16',
  (address) => {
    expect(isLocalAddress(address, interfaces)).toBe(true);
  },
);

test.each(['172.18.0.1', '8.8.8.8', '2001:db8::1'])('%s is remote to an engine in 172.17/16', (address) => {
  expect(isLocalAddress(address, interfaces)).toBe(false);
});
