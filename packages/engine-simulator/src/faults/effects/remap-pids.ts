import { patPacket, pmtPacket } from '../../playout/psi-packets.ts';

const PAT_PID = 0x00;
/** PIDs up to here are assigned by DVB (SDT, EIT, …), and 0x1fff is null packets: both keep theirs. */
const LAST_RESERVED_PID = 0x1f;
const LAST_PID = 0x1ffe;
const SECTION_HEADER_BYTES = 8;

/**
 * Makes a function that gives a packet another PID in place, and rewrites PAT and PMT to match. Sections must fit one
 * packet each and begin right after a pointer field of 0, as those of the simulator's streams do.
 */
export function remapPids(pidShift: number): (packet: Uint8Array) => void {
  const remapped = (pid: number): number => {
    if (pid <= LAST_RESERVED_PID || pid > LAST_PID) return pid;
    const span = LAST_PID - LAST_RESERVED_PID;
    return ((pid - LAST_RESERVED_PID - 1 + pidShift) % span) + LAST_RESERVED_PID + 1;
  };

  return (packet) => {
    const pid = pidAt(packet, 1);
    const startsUnit = (packet[1]! & 0x40) !== 0;
    const continuity = packet[3]! & 0x0f;
    if (pid === PAT_PID && startsUnit) {
      packet.set(patPacket(wordAt(packet, 8), wordAt(packet, 13), remapped(pidAt(packet, 15))));
    } else if (startsUnit && packet[4] === 0 && packet[5] === 0x02) {
      const streams = readStreams(packet).map(([type, stream]) => [type, remapped(stream)] as const);
      packet.set(pmtPacket(remapped(pid), wordAt(packet, 8), remapped(pidAt(packet, 13)), streams));
    } else {
      const to = remapped(pid);
      packet[1] = (packet[1]! & 0xe0) | (to >> 8);
      packet[2] = to & 0xff;
    }
    packet[3] = (packet[3]! & 0xf0) | continuity;
  };
}

/** The `[stream type, PID]` pairs of a PMT (ISO/IEC 13818-1 §2.4.4.8). */
function readStreams(packet: Uint8Array): (readonly [type: number, pid: number])[] {
  const end = SECTION_HEADER_BYTES + (wordAt(packet, 6) & 0x0fff) - 4;
  const streams: (readonly [number, number])[] = [];
  for (let at = 17 + (wordAt(packet, 15) & 0x0fff); at + 5 <= end; at += 5 + (wordAt(packet, at + 3) & 0x0fff)) {
    streams.push([packet[at]!, pidAt(packet, at + 1)]);
  }
  return streams;
}

function wordAt(packet: Uint8Array, at: number): number {
  return (packet[at]! << 8) | packet[at + 1]!;
}

function pidAt(packet: Uint8Array, at: number): number {
  return wordAt(packet, at) & 0x1fff;
}
