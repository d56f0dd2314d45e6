/** Reads the bits of a raw byte sequence payload, most significant first; emulation prevention bytes are left out. */
export class BitReader {
  readonly #bytes: readonly number[];
  #at = 0;

  /** @param unit the bytes of a NAL unit behind its header */
  constructor(unit: Uint8Array) {
    const bytes: number[] = [];
    for (let at = 0; at < unit.length; at++) {
      const isEmulation = unit[at] === 3 && at >= 2 && unit[at - 1] === 0 && unit[at - 2] === 0;
      if (!isEmulation) bytes.push(unit[at]!);
    }
    this.#bytes = bytes;
  }

  /** An unsigned number of so many bits, at most 32. */
  bits(count: number): number {
    let value = 0;
    for (let index = 0; index < count; index++) value = value * 2 + this.#bit();
    return value;
  }

  skip(count: number): void {
    this.#at += count;
  }

  flag(): boolean {
    return this.#bit() === 1;
  }

  /** An Exp-Golomb number, ue(v). */
  unsigned(): number {
    let zeros = 0;
    while (zeros < 32 && this.#bit() === 0) zeros++;
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** A signed Exp-Golomb number, se(v). */
  signed(): number {
    const code = this.unsigned();
    return code % 2 === 0 ? -code / 2 : (code + 1) / 2;
  }

  #bit(): number {
    const byte = this.#bytes[this.#at >> 3];
    if (byte === undefined) throw new RangeError('The parameter set ends too early');
    return (byte >> (7 - (this.#at++ & 7))) & 1;
  }
}
