export type DockerErrorCode =
  /** Nothing listens where the Docker daemon should be, or the connection broke. */
  | 'daemon_unreachable'
  /** This process may not open the daemon's socket, or the daemon does not accept its certificate. */
  | 'daemon_forbidden'
  /** The daemon did not answer in time. */
  | 'daemon_timeout'
  /** The daemon answered that it will not, or cannot. */
  | 'daemon_refused'
  /** The image is not there and cannot be pulled. */
  | 'image_missing'
  /** The registry does not answer the daemon, or not as a registry does. */
  | 'registry_unreachable'
  /** The registry does not give the image away without credentials, or to these. */
  | 'registry_denied'
  /** The registry has been asked too often. */
  | 'registry_limited'
  /** The daemon cannot ask a registry about an image without pulling it. */
  | 'check_unsupported'
  /** Somebody ended the pull. */
  | 'pull_cancelled'
  /** The image is made for another processor than the daemon's. */
  | 'wrong_platform'
  /** The network that containers belong to does not exist. */
  | 'network_missing'
  /** The container whose network is to be shared does not exist or does not run. */
  | 'network_container_down'
  /** Every port of the range is taken. */
  | 'ports_exhausted'
  /** Another program took a port of this container. */
  | 'port_taken'
  /** Others took every name that was tried. */
  | 'name_taken'
  /** The container exists and its process could not be started. */
  | 'start_failed'
  /** The container's process ended by itself. */
  | 'engine_exited'
  /** The container runs, and this process cannot reach it. */
  | 'engine_unreachable'
  /** The container runs and can be reached, and its process does not serve. */
  | 'engine_not_serving'
  /** No container of this instance has this id. */
  | 'unknown_container';

/** The option of `dockerRuntime` that mends an error; `certPath` is that of `connection`. */
export type DockerOption = 'connection' | 'certPath' | 'network' | 'bind' | 'ports' | 'image' | 'memory' | 'logins';

export interface DockerErrorOptions {
  readonly cause?: unknown;
  readonly option?: DockerOption | undefined;
  /** Of the daemon's answer. */
  readonly status?: number | undefined;
}

/** In these cases it is Docker itself that cannot be asked. */
const unavailable: ReadonlySet<DockerErrorCode> = new Set(['daemon_unreachable', 'daemon_forbidden', 'daemon_timeout']);

/** Whether the same call may succeed later without anybody changing a setting. */
const retryable: Readonly<Record<DockerErrorCode, boolean>> = {
  daemon_unreachable: true,
  daemon_forbidden: false,
  daemon_timeout: true,
  daemon_refused: true,
  image_missing: true,
  registry_unreachable: true,
  registry_denied: false,
  registry_limited: true,
  check_unsupported: false,
  pull_cancelled: true,
  wrong_platform: false,
  network_missing: false,
  network_container_down: true,
  ports_exhausted: true,
  port_taken: true,
  name_taken: true,
  start_failed: true,
  engine_exited: true,
  engine_unreachable: false,
  engine_not_serving: true,
  unknown_container: false,
};

/** Everything that can go wrong between us and Docker. */
export class DockerError extends Error {
  readonly code: DockerErrorCode;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** Docker itself cannot be asked; nothing is known of its containers. */
  readonly unavailable: boolean;
  /** What is in the way of making containers. */
  readonly blocks: 'vpn_disconnected' | 'general_error';
  /** The option to change, when changing one helps. */
  readonly option: DockerOption | undefined;
  /** HTTP status of the daemon's answer; undefined when there was none. */
  readonly status: number | undefined;

  constructor(code: DockerErrorCode, message: string, options: DockerErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'DockerError';
    this.code = code;
    this.retryable = retryable[code];
    this.unavailable = unavailable.has(code);
    this.blocks = code === 'network_container_down' ? 'vpn_disconnected' : 'general_error';
    this.option = options.option;
    this.status = options.status;
  }

  /** The same error with the name that people know its option by. */
  named(names: Readonly<Partial<Record<DockerOption, string>>>): DockerError {
    const name = this.option === undefined ? undefined : names[this.option];
    if (name === undefined || this.message.endsWith(`(${name})`)) return this;
    return new DockerError(this.code, `${this.message} (${name})`, {
      cause: this.cause,
      option: this.option,
      status: this.status,
    });
  }
}
