/** Reads the 33-bit, 90 kHz timestamp of a PES header (ISO/IEC 13818-1 §2.4.3.6). */
export function readTimestamp(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at]! >> 1) & 7) * 0x4000_0000 +
    ((bytes[at + 1]! << 22) | ((bytes[at + 2]! >> 1) << 15) | (bytes[at + 3]! << 7) | (bytes[at + 4]! >> 1))
  );
}

/** Overwrites a PES timestamp, keeping its prefix and marker bits. `value` is below 2^33. */
export function writeTimestamp(bytes: Uint8Array, at: number, value: number): void {
  const top = Math.floor(value / 0x4000_0000);
  const low = value % 0x4000_0000;
  bytes[at] = (bytes[at]! & 0xf0) | (top << 1) | 1;
  bytes[at + 1] = low >> 22;
  bytes[at + 2] = ((low >> 14) & 0xfe) | 1;
  bytes[at + 3] = low >> 7;
  bytes[at + 4] = ((low << 1) & 0xfe) | 1;
}

/** Reads a PCR as ticks of 27 MHz (ISO/IEC 13818-1 §2.4.3.4). */
export function readPcr(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  const base = high * 2 + (bytes[at + 4]! >> 7);
  return base * 300 + (((bytes[at + 4]! & 1) << 8) | bytes[at + 5]!);
}

/** Writes a PCR from its base (90 kHz, below 2^33) and extension (27 MHz, 0–299). */
export function writePcr(bytes: Uint8Array, at: number, base: number, extension: number): void {
  const high = Math.floor(base / 2);
  bytes[at] = high >>> 24;
  bytes[at + 1] = high >>> 16;
  bytes[at + 2] = high >>> 8;
  bytes[at + 3] = high;
  bytes[at + 4] = ((base & 1) << 7) | 0x7e | (extension >> 8);
  bytes[at + 5] = extension;
}
