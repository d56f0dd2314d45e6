import type Docker from 'dockerode';
import type { RuntimeLogLine } from '../runtime/engine-runtime.ts';
import { DockerError } from './docker-error.ts';
import type { Reach } from './reach.ts';
import { wrongPlatform } from './start-error.ts';

export interface Symptoms {
  readonly info: Docker.ContainerInspectInfo;
  /** The end of its log. */
  readonly log: readonly RuntimeLogLine[];
  /** Where it should answer. */
  readonly address: { readonly host: string; readonly port: number } | undefined;
  /** What it says to a connection there. */
  readonly reach: Reach;
}

/** Lines of the log that are repeated in a message. */
const quotedLines = 3;

/** Why a container does not serve, as far as its state and its log tell. */
export function diagnose({ info, log, address, reach }: Symptoms): DockerError {
  const name = info.Name.replace(/^\//, '');
  const image = info.Config.Image;
  const { State: state } = info;
  if (log.some(({ text }) => /exec format error/i.test(text)) || /exec format error/i.test(state.Error)) {
    return wrongPlatform(name, image);
  }
  if (!state.Running) {
    const why = state.OOMKilled
      ? 'its memory was not enough: raise the limit'
      : `exit code ${state.ExitCode}${state.Error === '' ? '' : `, ${state.Error}`}`;
    return new DockerError('engine_exited', `${name} (image ${image}) ended by itself: ${why}${quote(log)}`, {
      option: state.OOMKilled ? 'memory' : undefined,
    });
  }
  const where = address === undefined ? 'at an address that is not known' : `at ${address.host}:${address.port}`;
  if (reach !== 'silent') {
    return new DockerError(
      'engine_not_serving',
      `${name} (image ${image}) runs and can be reached, and ${reach === 'open' ? `does not answer well ${where}` : `nothing listens ${where}`}: is its command one for this image?${quote(log)}`,
      { option: 'image' },
    );
  }
  return new DockerError(
    'engine_unreachable',
    `${name} (image ${image}) runs, and does not answer ${where}${reachAdvice(info.HostConfig.NetworkMode ?? '')}${quote(log)}`,
    { option: 'network' },
  );
}

function reachAdvice(networkMode: string): string {
  return networkMode.startsWith('container:')
    ? ', inside the network of another container. If its log looks well, that container does not let this process in: allow the ports in its firewall, or put both on one network'
    : '. If its log looks well, this process cannot reach the network it is in: change the network';
}

function quote(log: readonly RuntimeLogLine[]): string {
  const lines = log.filter(({ text }) => text.trim() !== '').slice(-quotedLines);
  return lines.length === 0
    ? ''
    : `. Its log ends with: ${lines.map(({ text }) => text.trim().slice(0, 200)).join(' / ')}`;
}
