import type { DaemonAddress } from './daemon-address.ts';
import { formatAddress } from './daemon-address.ts';
import { DockerError } from './docker-error.ts';
import { socketAdvice } from './socket-advice.ts';

/** Turns what the HTTP client rejects with into a {@link DockerError}. `attempt` says what was tried. */
export async function daemonError(error: unknown, attempt: string, address: DaemonAddress): Promise<DockerError> {
  const { code, statusCode, message } = error as { code?: string; statusCode?: number; message?: string };
  const where = formatAddress(address);
  if (statusCode !== undefined) {
    const status = { cause: error, status: statusCode };
    return new DockerError('daemon_refused', `Docker refused to ${attempt}: ${daemonWords(error)}`, status);
  }
  if (code === 'EACCES' || code === 'EPERM') {
    const advice = address.kind === 'unix' ? await socketAdvice(address.socketPath) : (message ?? code);
    return new DockerError('daemon_forbidden', `The Docker socket cannot be opened. ${advice}.`, {
      cause: error,
      option: 'connection',
    });
  }
  if (code !== undefined && isTlsFault(code)) {
    return new DockerError(
      'daemon_forbidden',
      `Docker at ${where} and this process do not trust each other: ${message}`,
      {
        cause: error,
        option: 'connection',
      },
    );
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

function isTlsFault(code: string): boolean {
  return /^(ERR_(SSL|TLS|OSSL)_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(code) || code === 'EPROTO';
}
