import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { SLAB_BYTES } from './ring.ts';

/** A full socket send buffer, outside the process's own memory: net.ipv4.tcp_wmem's usual maximum. */
const KERNEL_BUFFER_BYTES = 4 * 1024 * 1024;
/** The smallest ring a session is started with. */
const MIN_RING_BYTES: number = 2 * SLAB_BYTES;

/** Memory of all sessions of a proxy: ring slabs, and the kernel buffers of clients that do not read. */
export class MemoryBudget {
  readonly limitBytes: number;
  #ringBytes = 0;
  #sluggishClients = 0;
  readonly #relieve: () => void;
  readonly #outsideBytes: () => number;

  /**
   * @param relieve asked to cut every ring back to its limit, whenever more is used than there is
   * @param outsideBytes what others hold of the same memory
   */
  constructor(limitBytes: number, relieve: () => void, outsideBytes: () => number = () => 0) {
    this.limitBytes = limitBytes;
    this.#relieve = relieve;
    this.#outsideBytes = outsideBytes;
  }

  get usedBytes(): number {
    return this.#ringBytes + this.#notForRings;
  }

  get #notForRings(): number {
    return this.#sluggishClients * KERNEL_BUFFER_BYTES + this.#outsideBytes();
  }

  addRingBytes(deltaBytes: number): void {
    this.#ringBytes += deltaBytes;
    if (deltaBytes > 0) this.#relieveIfOver();
  }

  addSluggishClients(delta: number): void {
    this.#sluggishClients += delta;
    if (delta > 0) this.#relieveIfOver();
  }

  #relieveIfOver(): void {
    if (this.usedBytes > this.limitBytes) this.#relieve();
  }

  /** What each ring may take: all it wants while there is room, an equal share of the limit once there is not, and never less than the smallest. */
  ringLimit(wantedBytes: number, sessions: number): number {
    if (this.usedBytes + SLAB_BYTES <= this.limitBytes) return wantedBytes;
    return Math.min(wantedBytes, Math.max(this.#shareOf(sessions), MIN_RING_BYTES));
  }

  /** Whether one more session would still get a ring of a useful size. */
  admits(sessions: number): boolean {
    return this.#shareOf(sessions + 1) >= MIN_RING_BYTES;
  }

  #shareOf(sessions: number): number {
    return Math.floor((this.limitBytes - this.#notForRings) / Math.max(1, sessions));
  }
}

/** min(2 GiB, a quarter of what the cgroup or the host has). */
export function defaultMemoryBytes(): number {
  return Math.min(2 * 1024 ** 3, Math.floor(Math.min(totalmem(), cgroupLimitBytes()) / 4));
}

function cgroupLimitBytes(): number {
  for (const file of ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes']) {
    try {
      const bytes = Number(readFileSync(file, 'utf8').trim());
      if (bytes > 0) return bytes;
    } catch {
      // Not this cgroup version, or no cgroup at all.
    }
  }
  return Number.POSITIVE_INFINITY;
}
