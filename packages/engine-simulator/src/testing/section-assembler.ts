/** Joins the payloads of one PID into PSI sections (ISO/IEC 13818-1 §2.4.4). */
export class SectionAssembler {
  #bytes: Uint8Array | undefined;

  /** Takes a packet's payload; returns the section it completes, if it does. */
  push(payload: Uint8Array, startsUnit: boolean): Uint8Array | undefined {
    if (startsUnit) this.#bytes = payload.slice(1 + (payload[0] ?? 0));
    else if (this.#bytes) this.#bytes = Buffer.concat([this.#bytes, payload]);
    const bytes = this.#bytes;
    if (!bytes || bytes.length < 3) return undefined;
    const length = 3 + (((bytes[1]! & 0x0f) << 8) | bytes[2]!);
    if (bytes.length < length) return undefined;
    this.#bytes = undefined;
    return bytes.subarray(0, length);
  }
}

/** PMT PIDs of a PAT section. */
export function parsePat(section: Uint8Array): number[] {
  const pids: number[] = [];
  for (let at = 8; at + 4 <= section.length - 4; at += 4) {
    const program = (section[at]! << 8) | section[at + 1]!;
    if (program !== 0) pids.push(((section[at + 2]! & 0x1f) << 8) | section[at + 3]!);
  }
  return pids;
}

/** The elementary streams of a PMT section: PID and stream type. */
export function parsePmt(section: Uint8Array): { readonly pid: number; readonly streamType: number }[] {
  const streams: { pid: number; streamType: number }[] = [];
  let at = 12 + (((section[10]! & 0x0f) << 8) | section[11]!);
  while (at + 5 <= section.length - 4) {
    streams.push({ streamType: section[at]!, pid: ((section[at + 1]! & 0x1f) << 8) | section[at + 2]! });
    at += 5 + (((section[at + 3]! & 0x0f) << 8) | section[at + 4]!);
  }
  return streams;
}
