import { DockerError } from './docker-error.ts';
import type { OwnedContainers } from './owned-containers.ts';

/**
 * When the processes of containers started, which listings do not say. Asked once for each process, and forgotten when
 * an event tells of another one; while no events are followed, nothing is remembered.
 */
export class StartTimes {
  readonly #containers: OwnedContainers;
  readonly #known = new Map<string, number>();
  #followed = false;
  /** Grows with everything that may make an answer that is on its way an old one. */
  #turn = 0;

  constructor(containers: OwnedContainers) {
    this.#containers = containers;
  }

  /** Events come from now on, or no longer; what was missed in between is not known. */
  setFollowed(followed: boolean): void {
    this.#followed = followed;
    this.#turn += 1;
    this.#known.clear();
  }

  forget(containerId: string): void {
    this.#turn += 1;
    this.#known.delete(containerId);
  }

  /** Unix milliseconds; undefined for a container that is gone or not running. */
  async of(containerId: string, signal: AbortSignal): Promise<number | undefined> {
    const known = this.#known.get(containerId);
    if (known !== undefined) return known;
    const turn = this.#turn;
    const info = await this.#containers.inspect(containerId, signal);
    if (info === undefined || !info.State.Running) return undefined;
    const startedAt = Date.parse(info.State.StartedAt);
    if (Number.isNaN(startedAt))
      throw new DockerError('daemon_refused', `Docker does not say when ${containerId} started`);
    if (this.#followed && turn === this.#turn) this.#known.set(containerId, startedAt);
    return startedAt;
  }

  /** Forgets containers that are not listed any more. */
  keep(containerIds: ReadonlySet<string>): void {
    for (const id of this.#known.keys()) if (!containerIds.has(id)) this.#known.delete(id);
  }
}
