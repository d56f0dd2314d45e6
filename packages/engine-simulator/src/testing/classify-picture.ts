/** PMT stream types whose pictures can be told apart (ISO/IEC 13818-1 table 2-34). */
export const VIDEO_STREAM_TYPES: ReadonlySet<number> = new Set([0x01, 0x02, 0x1b, 0x24]);

/**
 * Whether decoding can begin at the access unit that starts with these bytes: an H.264 IDR slice or recovery point, an
 * HEVC IRAP picture, an MPEG-2 I picture. `undefined` when the bytes end before that is clear.
 */
export function isRandomAccess(streamType: number, bytes: Uint8Array): boolean | undefined {
  for (let at = 0; at + 5 < bytes.length; at++) {
    if (bytes[at] !== 0 || bytes[at + 1] !== 0 || bytes[at + 2] !== 1) continue;
    const answer = classifyUnit(streamType, bytes, at + 3);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

/** `undefined` for a unit that is not a picture, such as a parameter set. */
function classifyUnit(streamType: number, bytes: Uint8Array, at: number): boolean | undefined {
  const code = bytes[at]!;
  switch (streamType) {
    case 0x1b: {
      const type = code & 0x1f;
      if (type === 5 || (type === 6 && bytes[at + 1] === 6)) return true;
      return type >= 1 && type <= 4 ? false : undefined;
    }
    case 0x24: {
      const type = (code >> 1) & 0x3f;
      return type < 32 ? type >= 16 && type <= 23 : undefined;
    }
    default:
      return code === 0 ? ((bytes[at + 2]! >> 3) & 7) === 1 : undefined; // picture_start_code
  }
}
