import type { SharedNetwork } from '@acestream-orchestrator/engine-orchestrator/docker';
import type { NewEvent } from '../events/event-log.ts';
import type { Log } from '../log.ts';

export interface VpnOptions {
  /** The network that engines are wished in, as in `ENGINE_NETWORK`. */
  readonly network: string | undefined;
  readonly log: Log;
  readonly record: (event: NewEvent) => void;
  /** What is shown of it has changed. */
  readonly changed: () => void;
}

/** `unknown` until Docker was asked; without a health check of its own the container is healthy while it runs. */
export type VpnHealth = 'disabled' | 'unknown' | 'starting' | 'healthy' | 'unhealthy';

export interface VpnState {
  /** Whether engines are made inside the network of another container. */
  readonly enabled: boolean;
  readonly connected: boolean;
  readonly health: VpnHealth;
  readonly container: string | undefined;
}

const prefix = 'container:';

/** The VPN container whose network engines share: what is known of it, and a record of what happens to it. */
export class Vpn {
  readonly #options: VpnOptions;
  readonly #wished: string | undefined;
  #seen: SharedNetwork | undefined;

  constructor(options: VpnOptions) {
    const { network } = options;
    this.#options = options;
    this.#wished = network?.startsWith(prefix) ? network.slice(prefix.length) : undefined;
  }

  state(): VpnState {
    const health = this.#health();
    const container = this.#seen?.container ?? this.#wished;
    return { enabled: container !== undefined, connected: health === 'healthy', health, container };
  }

  /** It was looked for: found for the first time, or not as it was before. */
  report(network: SharedNetwork): void {
    const { log, record, changed } = this.#options;
    const before = this.#health();
    this.#seen = network;
    const health = this.#health();
    changed();
    if (health === before) return;
    const { container, running } = network;
    const message = running
      ? `The VPN container ${container} is ${health}.`
      : `The VPN container ${container} does not run.`;
    log[health === 'unhealthy' ? 'warn' : 'info']({ container, running }, `VPN ${health}`);
    record({ type: 'vpn', category: categories[health], message, details: { container, running, health } });
  }

  #health(): VpnHealth {
    if (this.#seen === undefined) return this.#wished === undefined ? 'disabled' : 'unknown';
    return this.#seen.running ? (this.#seen.health ?? 'healthy') : 'unhealthy';
  }
}

const categories: Readonly<Record<VpnHealth, string>> = {
  disabled: 'disconnected',
  unknown: 'disconnected',
  unhealthy: 'disconnected',
  starting: 'starting',
  healthy: 'connected',
};
