import { continuityOf, discontinuityPacket, PACKET_BYTES, pidOf } from './packet.ts';

/** Packets after which a PID that has not come again is given up. */
const GIVE_UP_AFTER_PACKETS = 100_000;

/**
 * Announces a cut to decoders: before the first packet of each PID they know, it puts in one packet with
 * `discontinuity_indicator = 1` (ISO/IEC 13818-1 §2.4.3.4). Source bytes pass unchanged.
 */
export class DiscontinuityMarker {
  readonly #pending: Set<number>;
  #packetsLeft = GIVE_UP_AFTER_PACKETS;

  /** @param pids the PIDs that clients have received so far */
  constructor(pids: Iterable<number>) {
    this.#pending = new Set(pids);
  }

  get done(): boolean {
    return this.#pending.size === 0 || this.#packetsLeft <= 0;
  }

  /** Passes a run of whole packets on in pieces, with insertions between them. */
  mark(run: Uint8Array, emit: (bytes: Uint8Array, inserted: boolean) => void): void {
    let from = 0;
    for (let at = 0; at < run.length && !this.done; at += PACKET_BYTES) {
      this.#packetsLeft--;
      if (!this.#pending.delete(pidOf(run, at))) continue;
      if (at > from) emit(run.subarray(from, at), false);
      emit(discontinuityPacket(pidOf(run, at), continuityOf(run, at)), true);
      from = at;
    }
    if (from < run.length) emit(run.subarray(from), false);
  }
}

/**
 * One such packet for each PID that appears in `view`, for a client that goes on at `view` after a skip.
 *
 * @param view what the client receives next; PIDs beyond it stay unannounced
 */
export function discontinuityPackets(view: Uint8Array): Uint8Array {
  const packets = new Map<number, Uint8Array>();
  for (let at = 0; at < view.length; at += PACKET_BYTES) {
    const pid = pidOf(view, at);
    if (!packets.has(pid)) packets.set(pid, discontinuityPacket(pid, continuityOf(view, at)));
  }
  return Buffer.concat([...packets.values()]);
}
