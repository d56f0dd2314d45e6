import type { Clock } from '../time/clock.ts';
import type { PortNumbers } from './container-spec.ts';
import { DockerError } from './docker-error.ts';
import { PortLedger, type PortRange } from './port-ledger.ts';
import { isPortFree } from './port-probe.ts';

export interface PortAllocatorOptions {
  readonly range: PortRange;
  readonly clock: Clock;
  /** Default: tries to bind it. */
  readonly isFree?: (port: number, address: string) => Promise<boolean>;
}

export interface PortWish {
  readonly name: string;
  /** Address of this machine that it is going to be bound at, where that can be tried before; undefined where it cannot. */
  readonly probeAt: string | undefined;
  /** Must be this port, which need not be in the range. */
  readonly only?: number | undefined;
  readonly allows: (port: number) => boolean;
}

export interface AllocatedPorts {
  readonly numbers: PortNumbers;
  /** The container exists. */
  bind(containerId: string): void;
  release(): void;
}

/** A port that another program has is tried again after this time. */
const avoidMs = 300_000;

/** Ports for containers: never the same one twice, and none that another program on this machine listens at. */
export class PortAllocator {
  readonly ledger: PortLedger;
  readonly #options: PortAllocatorOptions;

  constructor(options: PortAllocatorOptions) {
    this.#options = options;
    this.ledger = new PortLedger(options.range);
  }

  /** One port for each wish. Rejects with `ports_exhausted`, and then holds none. */
  async allocate(wishes: readonly PortWish[]): Promise<AllocatedPorts> {
    const { clock, isFree = isPortFree } = this.#options;
    const reservation = this.ledger.reserve();
    const numbers: Record<string, number> = {};
    try {
      for (const wish of wishes) {
        let port = reservation.take(clock.now(), wish.allows, wish.only);
        while (port !== undefined && wish.probeAt !== undefined && !(await isFree(port, wish.probeAt))) {
          this.avoid(port);
          reservation.drop(port);
          port = reservation.take(clock.now(), wish.allows, wish.only);
        }
        if (port === undefined) throw this.#noPort(wish);
        numbers[wish.name] = port;
      }
    } catch (error) {
      reservation.release();
      throw error;
    }
    return { numbers, bind: (id) => reservation.bind(id), release: () => reservation.release() };
  }

  #noPort({ name, only }: PortWish): DockerError {
    const { from, to } = this.#options.range;
    if (only !== undefined) {
      return new DockerError('port_taken', `The port ${only} that was asked for is taken`, { option: 'ports' });
    }
    const used = this.ledger.taken().size;
    return new DockerError(
      'ports_exhausted',
      `No port from ${from} to ${to} is free for "${name}": ${used} are in use here, the others by other programs or not reachable. Choose a larger range`,
      { option: 'ports' },
    );
  }

  /** Another program has it. */
  avoid(port: number): void {
    this.ledger.avoid(port, this.#options.clock.now() + avoidMs);
  }
}
