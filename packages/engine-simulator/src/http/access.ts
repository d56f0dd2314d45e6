import { BlockList } from 'node:net';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;

/**
 * Whether an engine without remote access (no `--bind-all`) talks to this client address: it does to the machine
 * itself and to the subnets the machine is in.
 */
export function isLocalAddress(address: string, interfaces: Interfaces = networkInterfaces()): boolean {
  const local = new BlockList();
  local.addSubnet('127.0.0.0', 8, 'ipv4');
  local.addAddress('::1', 'ipv6');
  for (const entry of Object.values(interfaces).flat()) {
    const prefixLength = Number(entry?.cidr?.split('/')[1]);
    if (!entry || !Number.isInteger(prefixLength)) continue;
    local.addSubnet(entry.address, prefixLength, entry.family === 'IPv6' ? 'ipv6' : 'ipv4');
  }
  return local.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}
