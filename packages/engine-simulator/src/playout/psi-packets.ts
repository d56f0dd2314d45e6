import { PACKET_BYTES } from './timeline.ts';

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000_0000 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
  return crc >>> 0;
});

/** CRC of a PSI section (ISO/IEC 13818-1 annex A); 0 over a whole section that is intact. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) crc = ((crc << 8) ^ CRC_TABLE[((crc >>> 24) ^ byte) & 0xff]!) >>> 0;
  return crc;
}

const word = (value: number): [number, number] => [(value >> 8) & 0xff, value & 0xff];

/** One packet that carries one whole section: table id, its extension id, version 0, the body, the CRC. */
function sectionPacket(pid: number, tableId: number, extensionId: number, body: readonly number[]): Uint8Array {
  const section = Buffer.from([
    tableId,
    ...word(0xb000 | (body.length + 9) | (tableId === 0x42 ? 0x4000 : 0)),
    ...word(extensionId),
    0xc1, // version 0, current
    0, // section 0
    0, // of 0
    ...body,
    0,
    0,
    0,
    0,
  ]);
  section.writeUInt32BE(crc32(section.subarray(0, -4)), section.length - 4);
  const packet = Buffer.alloc(PACKET_BYTES, 0xff);
  packet.set([0x47, 0x40 | (pid >> 8), pid & 0xff, 0x10, 0]);
  packet.set(section, 5);
  return packet;
}

/** A PAT with one program (ISO/IEC 13818-1 §2.4.4.3). */
export function patPacket(transportStreamId: number, programNumber: number, pmtPid: number): Uint8Array {
  return sectionPacket(0, 0x00, transportStreamId, [...word(programNumber), ...word(0xe000 | pmtPid)]);
}

/** A PMT whose streams are `[stream type, PID]` pairs (ISO/IEC 13818-1 §2.4.4.8). */
export function pmtPacket(
  pmtPid: number,
  programNumber: number,
  pcrPid: number,
  streams: readonly (readonly [type: number, pid: number])[],
): Uint8Array {
  const body = streams.flatMap(([type, pid]) => [type, ...word(0xe000 | pid), ...word(0xf000)]);
  return sectionPacket(pmtPid, 0x02, programNumber, [...word(0xe000 | pcrPid), ...word(0xf000), ...body]);
}

/** An SDT that names the one service (ETSI EN 300 468 §5.2.3); names are cut to fit the packet. */
export function sdtPacket(transportStreamId: number, programNumber: number, name: string, radio: boolean): Uint8Array {
  const text = (value: string): number[] => {
    const utf8 = new Uint8Array(60);
    const { written } = new TextEncoder().encodeInto(value, utf8);
    return [written + 1, 0x15, ...utf8.subarray(0, written)]; // 0x15: UTF-8 follows
  };
  const descriptor = [radio ? 0x02 : 0x01, ...text('Engine simulator'), ...text(name)];
  const loop = [0x48, descriptor.length, ...descriptor];
  const service = [...word(programNumber), 0xfc, ...word(0x8000 | loop.length), ...loop];
  return sectionPacket(0x11, 0x42, transportStreamId, [...word(0xff01), 0xff, ...service]);
}
