import type { RecoveryStats, SessionStats } from '@acestream-orchestrator/mpegts-proxy';
import { z } from 'zod';

/** How well a stream is, measured in the bytes that come from its engine. Times are media time, 0 while unknown. */
export const streamHealthSchema = z
  .object({
    continuity_errors: z.number().int().describe('Packets lost or repeated, by the continuity counters'),
    transport_errors: z.number().int().describe('Packets that were marked as damaged before they came here'),
    scrambled_packets: z.number().int(),
    pat_interval_ms: z.number().describe('Largest of the last 10 to 20 seconds'),
    pmt_interval_ms: z.number().describe('Largest of the last 10 to 20 seconds'),
    pcr_interval_ms: z.number().describe('Largest of the last 10 to 20 seconds'),
    pcr_jitter_ms: z.number().describe('How unevenly the stream arrives against its own clock, smoothed'),
    keyframe_interval_ms: z.number(),
    codecs: z.array(z.object({ pid: z.number().int(), codec: z.string() })),
    resolution: z.string().nullable().describe('Width × height of the picture, as 1920x1080'),
    frozen_hint: z.boolean().describe('The video hardly carries data: the picture may be frozen'),
    loop_hint: z.boolean().describe('The same keyframes come again and again'),
  })
  .meta({ id: 'StreamHealth' });

/** One change of engines under the players. */
export const spliceSchema = z
  .object({
    at: z.iso.datetime(),
    from: z.string().describe('The engine that ended'),
    to: z.string().describe('The engine that took over'),
    reason: z.enum(['ended', 'reset', 'stalled', 'refused', 'bad-response', 'no-data', 'moved']),
    splice: z.enum(['exact', 'gap', 'cut']),
    gap_ms: z.number().describe('Without bytes from an engine'),
    client_gap_ms: z.number().describe("Longest that a player's socket was without media"),
    dropped_bytes: z.number().int().describe('Of the new engine, sent before already or not usable'),
    skipped_bytes: z.number().int().nullable().describe('Of the broadcast, missing for good; null where nothing tells'),
  })
  .meta({ id: 'Splice' });

const toTenth = (value: number): number => Math.round(value * 10) / 10;

export function streamHealth({ health, program }: SessionStats): z.infer<typeof streamHealthSchema> {
  const { pictureSize } = health;
  return {
    continuity_errors: health.continuityErrors,
    transport_errors: health.transportErrors,
    scrambled_packets: health.scrambledPackets,
    pat_interval_ms: toTenth(health.patIntervalMs),
    pmt_interval_ms: toTenth(health.pmtIntervalMs),
    pcr_interval_ms: toTenth(health.pcrIntervalMs),
    pcr_jitter_ms: toTenth(health.arrivalJitterMs),
    keyframe_interval_ms: toTenth(health.keyframeIntervalMs),
    codecs: (program?.streams ?? []).map(({ pid, codec }) => ({ pid, codec })),
    resolution: pictureSize === undefined ? null : `${pictureSize.width}x${pictureSize.height}`,
    frozen_hint: health.frozenHint,
    loop_hint: health.loopHint,
  };
}

export function spliceState(recovery: RecoveryStats): z.infer<typeof spliceSchema> {
  return {
    at: new Date(recovery.at).toISOString(),
    from: recovery.from,
    to: recovery.to,
    reason: recovery.reason,
    splice: recovery.splice,
    gap_ms: Math.round(recovery.gapMs),
    client_gap_ms: Math.round(recovery.clientGapMs),
    dropped_bytes: recovery.droppedBytes,
    skipped_bytes: recovery.skippedBytes ?? null,
  };
}
