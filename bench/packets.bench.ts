/**
 * What each step of the byte path costs, per packet: aligning, indexing with the stream's health, the ring, and
 * verifying the overlap of a splice. Chunks are those of a live source: 10 KB every 20 ms at 4 Mbit/s, and 64 KB.
 *
 *   node --conditions=@acestream-orchestrator/source bench/packets.bench.ts
 */
import { transportStream } from '@acestream-orchestrator/mpegts-proxy/testing';
import { Aligner } from '../packages/mpegts-proxy/src/align.ts';
import { Cursor } from '../packages/mpegts-proxy/src/cursor.ts';
import { MediaIndex } from '../packages/mpegts-proxy/src/media-index.ts';
import { PACKET_BYTES } from '../packages/mpegts-proxy/src/packet.ts';
import { Ring } from '../packages/mpegts-proxy/src/ring.ts';
import { Splicer } from '../packages/mpegts-proxy/src/splice.ts';
import { StreamBuffer } from '../packages/mpegts-proxy/src/stream-buffer.ts';
import { type CallCost, measureCalls } from './measure-calls.ts';
import { type Column, printTable } from './table.ts';

interface Step extends CallCost {
  readonly name: string;
  readonly bytes: number;
}

const steps: Step[] = [];

function measure(name: string, bytes: number, calls: number, run: (index: number) => void): void {
  steps.push({ name, bytes, ...measureCalls(calls, run) });
}

const stream = transportStream({ durationMs: 20_000, packetsPerFrame: 100 });

for (const chunkBytes of [10_000, 65_536]) {
  const kilobytes = `${Math.round(chunkBytes / 1000)} KB`;
  const chunks = split(stream, chunkBytes);
  const aligner = new Aligner();
  measure(`align, chunks of ${kilobytes}`, chunkBytes, 2_000, (index) => {
    aligner.push(chunks[index % chunks.length]!, () => {});
  });
  const runs = split(stream, chunkBytes - (chunkBytes % PACKET_BYTES));
  const runBytes = runs[0]!.length;
  const mediaIndex = new MediaIndex();
  let place = 0;
  measure(`index and health, runs of ${kilobytes}`, runBytes, 2_000, (index) => {
    mediaIndex.scan(runs[index % runs.length]!, place, place / 500);
    mediaIndex.dropBefore(place - 10_000_000);
    place += runBytes;
  });
  const ring = new Ring();
  measure(`ring, copy of ${kilobytes}`, runBytes, 2_000, (index) => {
    ring.append(runs[index % runs.length]!);
    while (ring.heldBytes > 4_000_000) ring.dropOldestSlab();
  });
}

const head = Math.floor(stream.length / 2 / PACKET_BYTES) * PACKET_BYTES;
const buffer = new StreamBuffer({
  limitBytes: () => 64 * 1024 * 1024,
  maxDurationMs: 60_000,
  programNumber: undefined,
  allocated: () => {},
});
buffer.append(stream.slice(0, head), 0);
const overlap = stream.subarray(head / 2 - ((head / 2) % PACKET_BYTES), head);
measure('splice, overlap found and verified', overlap.length, 20, () => {
  const splicer = new Splicer(buffer, { maxSearchBytes: 64 * 1024 * 1024 });
  for (let at = 0; at < overlap.length; at += 64 * PACKET_BYTES) {
    const splice = splicer.push(overlap.subarray(at, at + 64 * PACKET_BYTES), 0);
    if (splice !== undefined && splice.kind !== 'exact') throw new Error(`the splice is ${splice.kind}`);
  }
});
const other = transportStream({ durationMs: 5_000, packetsPerFrame: 100, seed: 9, startPcr: 10 ** 12 });
measure('splice, searched in vain', other.length, 20, () => {
  const splicer = new Splicer(buffer, { maxSearchBytes: 64 * 1024 * 1024 });
  for (let at = 0; at < other.length; at += 64 * PACKET_BYTES)
    splicer.push(other.subarray(at, at + 64 * PACKET_BYTES), 0);
});
measure("a client's next 60 KB as views", 60_160, 20_000, (index) => {
  const offset = (index % 100) * PACKET_BYTES;
  new Cursor(buffer, { offset, prefix: new Uint8Array(0) }).take();
});

const columns: Column<Step>[] = [
  { heading: 'step', text: ({ name }) => name },
  { heading: 'ns/packet', text: ({ medianNs, bytes }) => ((medianNs / bytes) * PACKET_BYTES).toFixed(1) },
  { heading: 'best', text: ({ bestNs, bytes }) => ((bestNs / bytes) * PACKET_BYTES).toFixed(1) },
  { heading: 'CPU s/GB', text: ({ medianNs, bytes }) => (medianNs / bytes).toFixed(3) },
  { heading: 'B allocated/call', text: ({ allocatedBytes }) => allocatedBytes.toFixed(0) },
];
printTable('Steps of the byte path; the last one is the only one that each client costs', columns, steps);

/** Pieces of one size; what is left over is left out. */
function split(bytes: Uint8Array, size: number): Uint8Array[] {
  const count = Math.floor(bytes.length / size);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}
