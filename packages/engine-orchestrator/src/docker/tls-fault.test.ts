import { expect, it } from 'vitest';
import { tlsFault } from './tls-fault.ts';

const address = { kind: 'tcp', host: 'box', port: 2376, certPath: '/certs' } as const;

it.each([
  ['SELF_SIGNED_CERT_IN_CHAIN', 'not signed by ca.pem in /certs', 'certPath'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'not signed by ca.pem in /certs', 'certPath'],
  ['CERT_HAS_EXPIRED', 'out of date', 'certPath'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'another name than box', 'connection'],
  ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', 'client certificate', 'certPath'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'client certificate', 'certPath'],
  ['ERR_OSSL_PEM_NO_START_LINE', 'damaged', 'certPath'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'speaks no TLS', 'connection'],
  ['EPROTO', 'speaks no TLS', 'connection'],
])('%s says "%s" and names %s', (code, words, option) => {
  expect(tlsFault(code, address)).toMatchObject({ words: expect.stringContaining(words), option });
});

it('a connection that is refused, and a socket, have nothing to do with TLS', () => {
  expect(tlsFault('ECONNREFUSED', address)).toBeUndefined();
  expect(tlsFault('EPROTO', { kind: 'unix', socketPath: '/run/docker.sock' })).toBeUndefined();
});
