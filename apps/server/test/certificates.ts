import { execFile } from 'node:child_process';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * A folder with an authority of its own (`ca.pem`), what it signed for a daemon at 127.0.0.1 (`server-cert.pem`,
 * `server-key.pem`) and for a client (`cert.pem`, `key.pem`).
 */
export interface Certificates extends AsyncDisposable {
  readonly path: string;
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'] as const;

export async function certificates(): Promise<Certificates> {
  const path = await mkdtemp(join(tmpdir(), 'certificates-'));
  const openssl = (...args: readonly string[]): Promise<unknown> => run('openssl', [...args], { cwd: path });
  const authority = ['-subj', '/CN=authority', '-keyout', 'ca-key.pem', '-out', 'ca.pem'];
  await openssl('req', '-x509', ...newKey, '-days', '2', ...authority);
  for (const role of ['server', 'client']) {
    const key = ['-keyout', `${role}-key.pem`, '-out', `${role}.csr`];
    await openssl('req', ...newKey, '-subj', `/CN=${role}`, ...key);
    const usage = `${role}.cnf`;
    await writeFile(join(path, usage), `subjectAltName=IP:127.0.0.1\nextendedKeyUsage=${role}Auth\n`);
    const signing = ['-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-CAcreateserial', '-days', '2', '-extfile', usage];
    await openssl('x509', '-req', '-in', `${role}.csr`, ...signing, '-out', `${role}-cert.pem`);
  }
  await rename(join(path, 'client-cert.pem'), join(path, 'cert.pem'));
  await rename(join(path, 'client-key.pem'), join(path, 'key.pem'));
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true });
    },
  };
}
