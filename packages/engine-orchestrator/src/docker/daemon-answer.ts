import type { DaemonAddress } from './daemon-address.ts';
import { formatAddress } from './daemon-address.ts';
import { DockerError } from './docker-error.ts';
import { socketAdvice } from './socket-advice.ts';
import { tlsFault } from './tls-fault.ts';

/** Turns what the HTTP client rejects with into a {@link DockerError}. `attempt` says what was tried. */
export async function daemonError(error: unknown, attempt: string, address: DaemonAddress): Promise<DockerError> {
  const { code, statusCode, message } = error as { code?: string; statusCode?: number; message?: string };
  const where = formatAddress(address);
  if (statusCode === 400 && /HTTP request to an HTTPS server/.test(message ?? '')) {
    const text = `Docker at ${where} wants TLS, with ca.pem, cert.pem and key.pem: set DOCKER_TLS_VERIFY, or certPath`;
    return new DockerError('daemon_forbidden', text, { cause: error, option: 'certPath' });
  }
  if (statusCode !== undefined && statusCode >= 300 && statusCode < 400 && statusCode !== 304) {
    const text = `Could not ${attempt}: what answers at ${where} redirects, as no Docker daemon does`;
    return new DockerError('daemon_unreachable', text, { cause: error, option: 'connection' });
  }
  if (statusCode !== undefined) {
    const status = { cause: error, status: statusCode };
    return new DockerError('daemon_refused', `Docker refused to ${attempt}: ${daemonWords(error)}`, status);
  }
  if (code === 'EACCES' || code === 'EPERM') {
    const advice = address.kind === 'unix' ? await socketAdvice(address.socketPath) : (message ?? code);
    return new DockerError('daemon_forbidden', `The Docker socket cannot be opened. ${advice}`, {
      cause: error,
      option: 'connection',
    });
  }
  const fault = code === undefined ? undefined : tlsFault(code, address);
  if (fault !== undefined) {
    const text = `Docker at ${where} and this process do not trust each other: ${fault.words} (${code})`;
    return new DockerError('daemon_forbidden', text, { cause: error, option: fault.option });
  }
  const hint =
    code === 'ENOENT'
      ? `there is no socket at ${where}; is Docker installed and running, and the socket mounted into this container?`
      : (message ?? String(error));
  return new DockerError('daemon_unreachable', `Could not ${attempt}: Docker at ${where} does not answer: ${hint}`, {
    cause: error,
    option: 'connection',
  });
}

/** The daemon's own words, without what the client puts around them. */
export function daemonWords(error: unknown): string {
  const { json, message } = error as { json?: unknown; message?: string };
  if (typeof json === 'object' && json !== null && 'message' in json && typeof json.message === 'string') {
    return json.message.trim();
  }
  return (message ?? String(error)).replace(/^\(HTTP code \d+\) [^-]*- /, '').trim();
}
