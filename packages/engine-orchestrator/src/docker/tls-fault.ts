import type { DaemonAddress } from './daemon-address.ts';
import type { DockerOption } from './docker-error.ts';

type TcpAddress = Extract<DaemonAddress, { kind: 'tcp' }>;

export interface TlsFault {
  /** What is wrong, and with which file. */
  readonly words: string;
  readonly option: DockerOption;
}

/** What OpenSSL and Node call it, and what it means; the first that fits counts. */
const faults: readonly (readonly [RegExp, (address: TcpAddress) => TlsFault])[] = [
  [/ALTNAME/, ({ host }) => ({ words: `its certificate is for another name than ${host}`, option: 'connection' })],
  [
    /^CERT_(HAS_EXPIRED|NOT_YET_VALID)/,
    () => ({ words: 'its certificate is out of date, or the clock of this machine is wrong', option: 'certPath' }),
  ],
  [
    /^(UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|CERT_)/,
    ({ certPath }) => ({ words: `its certificate is not signed by ca.pem in ${certPath}`, option: 'certPath' }),
  ],
  [
    /ALERT/,
    ({ certPath }) => ({
      words: `it does not accept the client certificate, which is cert.pem with key.pem in ${certPath}, or misses one there`,
      option: 'certPath',
    }),
  ],
  [
    /^ERR_OSSL_/,
    ({ certPath }) => ({
      words: `ca.pem, cert.pem and key.pem in ${certPath} are damaged or do not fit`,
      option: 'certPath',
    }),
  ],
  [/WRONG_VERSION|PACKET_LENGTH|RECORD|^EPROTO$/, () => ({ words: 'it speaks no TLS there', option: 'connection' })],
  [/^ERR_(SSL|TLS)_/, () => ({ words: 'TLS with it cannot be begun', option: 'certPath' })],
];

/** What a code of Node's TLS means for a connection to a daemon; undefined for any other code. */
export function tlsFault(code: string, address: DaemonAddress): TlsFault | undefined {
  if (address.kind !== 'tcp') return undefined;
  return faults.find(([pattern]) => pattern.test(code))?.[1](address);
}
