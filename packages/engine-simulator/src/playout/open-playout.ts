import type { Channel } from '../channel.ts';
import { benchmarkLoop } from './benchmark-loop.ts';
import { BenchmarkPlayout } from './benchmark-playout.ts';
import { type ChannelIdentity, LoopPlayout } from './loop-playout.ts';
import type { LoopTemplate } from './loop-template.ts';
import { MEDIA_LOOPS, mediaLoop } from './media-loops.ts';
import type { Playout } from './playout.ts';
import { patPacket, sdtPacket } from './psi-packets.ts';
import { EPOCH_MS } from './timeline.ts';

/** In every stream the simulator sends. */
const PROGRAM_NUMBER = 1;
const PMT_PID = 0x1000;

/**
 * Opens the endless stream of a channel. Playouts hold no resource: there is nothing to close, and opening one twice
 * gives the same bytes. The first use of a media loop in a process reads it from disk.
 *
 * @throws TypeError when the infohash is not 40 hex digits; RangeError for a benchmark rate out of bounds.
 */
export function openPlayout(channel: Channel): Playout {
  const { media, infohash } = channel;
  if (!/^[0-9a-f]{40}$/i.test(infohash))
    throw new TypeError(`playout: infohash must be 40 hex digits, got "${infohash}"`);
  if (typeof media === 'string') {
    const template = mediaLoop(media);
    return new LoopPlayout(template, identify(channel, template, MEDIA_LOOPS[media].radio));
  }
  const template = benchmarkLoop(media.bitsPerSecond);
  return new BenchmarkPlayout(template, identify(channel, template, false));
}

function identify(channel: Channel, template: LoopTemplate, radio: boolean): ChannelIdentity {
  const phaseMs = Number.parseInt(channel.infohash.slice(0, 8), 16) % template.durationMs;
  const transportStreamId = Number.parseInt(channel.infohash.slice(8, 12), 16);
  return {
    originMs: EPOCH_MS + phaseMs,
    pat: patPacket(transportStreamId, PROGRAM_NUMBER, PMT_PID),
    sdt: sdtPacket(transportStreamId, PROGRAM_NUMBER, channel.name, radio),
  };
}
