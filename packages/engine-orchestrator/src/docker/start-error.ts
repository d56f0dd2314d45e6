import { daemonWords } from './daemon-answer.ts';
import { DockerError } from './docker-error.ts';

export interface StartedContainer {
  readonly name: string;
  readonly image: string;
  /** Once it exists. */
  readonly id: string | undefined;
}

/** Why Docker did not make or start a container, in words that say what to change. Other errors pass unchanged. */
export function startError(error: unknown, { name, image, id }: StartedContainer): unknown {
  if (!(error instanceof DockerError) || error.code !== 'daemon_refused') return error;
  const { status, cause } = error;
  const words = daemonWords(cause);
  const options = { cause: error, status };
  if (/port is already allocated|address already in use|ports are not available/i.test(words)) {
    return new DockerError('port_taken', `Another program has a port of ${name}: ${words}`, {
      ...options,
      option: 'ports',
    });
  }
  // 409 of Docker, 500 of Podman.
  if (/container name .* is already in use/i.test(words)) {
    return new DockerError('name_taken', `Another container has the name ${name}`, options);
  }
  if (
    /marked for removal/i.test(words) ||
    (id !== undefined && words.includes(id) && /no such container/i.test(words))
  ) {
    return new DockerError('start_failed', `Somebody removed ${name} while it was being made`, options);
  }
  if (/exec format error/i.test(words)) return wrongPlatform(name, image, options);
  if (/cannot join network|container:.*no such container|no such container:? [0-9a-f]{12,64}/i.test(words)) {
    return new DockerError(
      'network_container_down',
      `The container whose network ${name} was made for does not run any more: ${words}`,
      { ...options, option: 'network' },
    );
  }
  if (/network .* not found|could not find a network|no such network/i.test(words)) {
    return new DockerError(
      'network_missing',
      `The network for ${name} does not exist (${words}): make it with \`docker network create\`, or change the network`,
      { ...options, option: 'network' },
    );
  }
  if (/no such image|does not match the specified platform/i.test(words)) {
    return new DockerError('image_missing', `The image ${image} is not on this machine`, {
      ...options,
      option: 'image',
    });
  }
  return new DockerError('start_failed', `Docker cannot run ${name} (image ${image}): ${words}`, options);
}

export function wrongPlatform(
  name: string,
  image: string,
  options: { cause?: unknown; status?: number | undefined } = {},
): DockerError {
  return new DockerError(
    'wrong_platform',
    `The image ${image} of ${name} is made for another kind of processor than this machine's: choose a variant for it`,
    { ...options, option: 'image' },
  );
}
