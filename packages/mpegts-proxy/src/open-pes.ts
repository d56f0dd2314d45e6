import { hasPayload, PACKET_BYTES, payloadAt, startsUnit } from './packet.ts';
import { pesBytes } from './pes-time.ts';

/** Bytes left of a PES that does not say how long it is. */
const UNBOUNDED = -1;

/** Which PIDs are in the middle of a PES: what comes next on them belongs to what came before. */
export class OpenPes {
  /** Bytes that are missing, {@link UNBOUNDED}, or 0 for a PES that is complete. No entry: none has started yet. */
  readonly #missing = new Map<number, number>();

  /** Takes a packet of a PID that carries PES packets. */
  push(bytes: Uint8Array, at: number, pid: number): void {
    if (!hasPayload(bytes, at)) return;
    const payload = Math.max(0, at + PACKET_BYTES - payloadAt(bytes, at));
    if (startsUnit(bytes, at)) {
      const whole = pesBytes(bytes, at);
      this.#missing.set(pid, whole === 0 ? UNBOUNDED : Math.max(0, whole - payload));
      return;
    }
    const missing = this.#missing.get(pid) ?? 0;
    if (missing > 0) this.#missing.set(pid, Math.max(0, missing - payload));
  }

  isOpen(pid: number): boolean {
    return (this.#missing.get(pid) ?? 0) !== 0;
  }

  /** Whether a PES has started on this PID. */
  hasStarted(pid: number): boolean {
    return this.#missing.has(pid);
  }

  clear(): void {
    this.#missing.clear();
  }
}
