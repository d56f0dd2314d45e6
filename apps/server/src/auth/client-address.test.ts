import { describe, expect, it } from 'vitest';
import { ClientAddresses } from './client-address.ts';

const direct = (peer: string | undefined): boolean => new ClientAddresses(() => []).of(peer, {}).local;

describe('a direct peer', () => {
  it.each([
    '127.0.0.1',
    '127.8.8.8',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.20',
    '169.254.3.4',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'fd12:3456::1',
    '::ffff:192.168.1.20',
    '::FFFF:127.0.0.1',
    '::ffff:a00:1',
    '0:0:0:0:0:ffff:192.168.1.20',
  ])('%s is local', (peer) => {
    expect(direct(peer)).toBe(true);
  });

  it.each([
    '8.8.8.8',
    '172.32.0.1',
    '192.169.0.1',
    '100.64.0.1',
    '0.0.0.0',
    '2001:db8::1',
    '::ffff:8.8.8.8',
    '::ffff:808:808',
    '::127.0.0.1',
    'nonsense',
    '::',
    '',
    undefined,
  ])('%s is not local', (peer) => {
    expect(direct(peer)).toBe(false);
  });

  it('is told without the IPv6 form of its IPv4 address', () => {
    expect(new ClientAddresses(() => []).of('::ffff:10.1.2.3', {}).address).toBe('10.1.2.3');
  });
});

describe('a forwarded request', () => {
  it.each(['x-forwarded-for', 'forwarded', 'x-real-ip', 'x-forwarded-host', 'via'])(
    'with %s from a peer that is not trusted is not local, and its address is the peer',
    (header) => {
      expect(new ClientAddresses(() => ['10.9.9.9']).of('127.0.0.1', { [header]: '192.168.1.2' })).toEqual({
        address: '127.0.0.1',
        local: false,
        proxied: false,
      });
    },
  );

  const behind = (trusted: string[], peer: string, forwardedFor: string | string[]) =>
    new ClientAddresses(() => trusted).of(peer, { 'x-forwarded-for': forwardedFor });

  it('comes from whom the trusted proxy says', () => {
    expect(behind(['127.0.0.1'], '::ffff:127.0.0.1', '192.168.1.2')).toEqual({
      address: '192.168.1.2',
      local: true,
      proxied: true,
    });
    expect(behind(['127.0.0.1'], '127.0.0.1', '203.0.113.7')).toEqual({
      address: '203.0.113.7',
      local: false,
      proxied: true,
    });
  });

  it('cannot be made local by an entry that the client wrote itself', () => {
    expect(behind(['127.0.0.1'], '127.0.0.1', '192.168.1.2, 203.0.113.7')).toEqual({
      address: '203.0.113.7',
      local: false,
      proxied: true,
    });
  });

  it('is followed through several trusted proxies', () => {
    expect(behind(['127.0.0.1', '10.0.0.0/8'], '127.0.0.1', ['203.0.113.7', '10.0.0.3, 10.0.0.2'])).toEqual({
      address: '203.0.113.7',
      local: false,
      proxied: true,
    });
  });

  it('may carry ports and brackets', () => {
    expect(behind(['::1'], '::1', '192.168.1.2:5555').address).toBe('192.168.1.2');
    expect(behind(['::1'], '::1', '[2001:db8::5]:443').address).toBe('2001:db8::5');
  });

  it.each(['unknown', '', 'localhost', '192.168.1.2, nonsense'])('with %j is not local', (header) => {
    expect(behind(['127.0.0.1'], '127.0.0.1', header)).toEqual({ address: '127.0.0.1', local: false, proxied: true });
  });

  it('with only another header from a trusted proxy is not local: nobody says who sent it', () => {
    expect(new ClientAddresses(() => ['127.0.0.1']).of('127.0.0.1', { forwarded: 'for=192.168.1.2' }).local).toBe(
      false,
    );
  });
});
