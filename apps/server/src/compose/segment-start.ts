const packetBytes = 188;
const syncByte = 0x47;
/** Tables and the first picture stand at the beginning of a segment. */
const searchedBytes = 65_536;
/** Where 90 kHz timestamps start again at 0. */
const timestampWrap = 2 ** 33;

/**
 * When a segment of MPEG-TS begins, by the presentation time of its first picture, or of its first sound where it has no
 * pictures: in ticks of 90 kHz, [0, 2^33). Undefined for what is no MPEG-TS, and for what is encrypted. ISO/IEC 13818-1
 * §2.4.3.
 */
export function segmentStart(data: readonly Uint8Array[]): number | undefined {
  const bytes = beginningOf(data);
  let sound: number | undefined;
  for (let at = 0; at + packetBytes <= bytes.length; at += packetBytes) {
    if (bytes[at] !== syncByte) return undefined;
    const isStart = (bytes[at + 1]! & 0x40) !== 0;
    const hasAdaptation = (bytes[at + 3]! & 0x20) !== 0;
    const payload = hasAdaptation ? at + 5 + bytes[at + 4]! : at + 4;
    if (!isStart || payload + 14 > at + packetBytes) continue;
    const time = presentationTime(bytes, payload);
    if (time === undefined) continue;
    const isPicture = (bytes[payload + 3]! & 0xf0) === 0xe0;
    if (isPicture) return time;
    sound ??= time;
  }
  return sound;
}

/** Milliseconds from one timestamp to another, the shorter way round: negative when that is the earlier one. */
export function millisecondsBetween(from: number, to: number): number {
  const ticks = (((to - from) % timestampWrap) + timestampWrap) % timestampWrap;
  return (ticks >= timestampWrap / 2 ? ticks - timestampWrap : ticks) / 90;
}

/** The presentation time of a PES packet; undefined where none begins, or it has none. §2.4.3.6. */
function presentationTime(bytes: Uint8Array, at: number): number | undefined {
  const isPes = bytes[at] === 0 && bytes[at + 1] === 0 && bytes[at + 2] === 1;
  if (!isPes || (bytes[at + 7]! & 0x80) === 0) return undefined;
  const [a, b, c, d, e] = bytes.subarray(at + 9, at + 14);
  return ((a! >> 1) & 7) * 2 ** 30 + ((b! << 22) | ((c! >> 1) << 15) | (d! << 7) | (e! >> 1));
}

function beginningOf(data: readonly Uint8Array[]): Uint8Array {
  const [first] = data;
  if (first === undefined || data.length === 1 || first.length >= searchedBytes) {
    return (first ?? new Uint8Array()).subarray(0, searchedBytes);
  }
  const beginning: Uint8Array[] = [];
  for (let length = 0, index = 0; length < searchedBytes && index < data.length; index++) {
    beginning.push(data[index]!.subarray(0, searchedBytes - length));
    length += beginning.at(-1)!.length;
  }
  return Buffer.concat(beginning);
}
