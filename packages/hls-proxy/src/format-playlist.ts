import type { LiveWindow } from './live-window.ts';
import { partName, type StoredSegment, segmentName } from './stored-segment.ts';

export interface PlaylistForm {
  readonly targetDurationMs: number;
  /** The stream is over. */
  readonly ended: boolean;
  /** Low-latency tags; undefined for a playlist without. */
  readonly lowLatency: { readonly partTargetMs: number; readonly partHoldBackMs: number } | undefined;
}

/**
 * A window as a media playlist (RFC 8216 §4.3, RFC 8216bis §4.4 for the low-latency tags). URIs are bare names,
 * relative to the playlist's own.
 */
export function formatPlaylist(window: LiveWindow, form: PlaylistForm): string {
  const listed = window.listed;
  const { lowLatency } = form;
  const lines = [
    '#EXTM3U',
    `#EXT-X-VERSION:${versionOf(listed, lowLatency !== undefined)}`,
    `#EXT-X-TARGETDURATION:${Math.ceil(form.targetDurationMs / 1000)}`,
    `#EXT-X-MEDIA-SEQUENCE:${window.mediaSequence}`,
  ];
  if (window.discontinuitySequence > 0) lines.push(`#EXT-X-DISCONTINUITY-SEQUENCE:${window.discontinuitySequence}`);
  if (lowLatency !== undefined) {
    const { partTargetMs, partHoldBackMs } = lowLatency;
    lines.push(`#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=${seconds(partHoldBackMs)}`);
    lines.push(`#EXT-X-PART-INF:PART-TARGET=${seconds(partTargetMs)}`);
  }
  const partsFrom = window.arrivingNumber - SEGMENTS_WITH_PARTS;
  let before: StoredSegment | undefined;
  for (const segment of listed) {
    pushHead(lines, segment, before);
    if (lowLatency !== undefined && segment.number >= partsFrom) pushParts(lines, segment, lowLatency.partTargetMs);
    if (segment.state === 'lost') lines.push('#EXT-X-GAP');
    lines.push(`#EXTINF:${seconds(Math.min(segment.durationMs, form.targetDurationMs))},`, segmentName(segment));
    before = segment;
  }
  if (form.ended) lines.push('#EXT-X-ENDLIST');
  else if (lowLatency !== undefined) pushArriving(lines, window, before, lowLatency.partTargetMs);
  return `${lines.join('\n')}\n`;
}

/** What applies to a segment, as far as it differs from what the one before had. */
function pushHead(lines: string[], segment: StoredSegment, before: StoredSegment | undefined): void {
  if (segment.discontinuity) lines.push('#EXT-X-DISCONTINUITY');
  if (segment.key !== undefined) {
    if (keyLine(segment.key) !== (before?.key && keyLine(before.key))) lines.push(keyLine(segment.key));
  } else if (before?.key !== undefined) lines.push('#EXT-X-KEY:METHOD=NONE');
  if (segment.map !== undefined && segment.map !== before?.map) lines.push(`#EXT-X-MAP:URI="${segment.map.name}"`);
  const { programDateTimeMs } = segment;
  if (programDateTimeMs !== undefined) {
    lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(Math.round(programDateTimeMs)).toISOString()}`);
  }
}

function keyLine({ of, named }: NonNullable<StoredSegment['key']>): string {
  const attributes = [`METHOD=${of.method}`, `URI="${named?.name ?? of.key}"`];
  if (of.iv !== undefined) attributes.push(`IV=0x${Buffer.from(of.iv).toString('hex').toUpperCase()}`);
  if (of.format !== undefined) attributes.push(`KEYFORMAT="${of.format}"`);
  if (of.formatVersions !== undefined) attributes.push(`KEYFORMATVERSIONS="${of.formatVersions}"`);
  return `#EXT-X-KEY:${attributes.join(',')}`;
}

function pushParts(lines: string[], segment: StoredSegment, partTargetMs: number): void {
  for (const [index, { durationMs, independent }] of segment.parts.entries()) {
    const attributes = [
      `DURATION=${seconds(Math.min(durationMs, partTargetMs))}`,
      `URI="${partName(segment.number, index, segment.extension)}"`,
    ];
    if (independent) attributes.push('INDEPENDENT=YES');
    lines.push(`#EXT-X-PART:${attributes.join(',')}`);
  }
}

/** The parts of the segment that is still open, and the name of the part that comes next. */
function pushArriving(
  lines: string[],
  window: LiveWindow,
  before: StoredSegment | undefined,
  partTargetMs: number,
): void {
  const { open } = window;
  if (open !== undefined && open.parts.length > 0) {
    pushHead(lines, open, before);
    pushParts(lines, open, partTargetMs);
  }
  const next = partName(window.arrivingNumber, open?.parts.length ?? 0, open?.extension ?? before?.extension ?? 'ts');
  lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${next}"`);
}

/** Complete segments whose parts are listed; older parts than three target durations must not be (§4.4.4.9). */
const SEGMENTS_WITH_PARTS = 2;

/** RFC 8216 §7 and RFC 8216bis §8. */
function versionOf(listed: readonly StoredSegment[], lowLatency: boolean): number {
  if (listed.some(({ state }) => state === 'lost')) return 8;
  if (lowLatency || listed.some(({ map }) => map !== undefined)) return 6;
  return listed.some(({ key }) => key?.of.format !== undefined || key?.of.formatVersions !== undefined) ? 5 : 3;
}

/** Five decimals: less than one tick of 90 kHz, and no rounding that would add up. */
function seconds(ms: number): string {
  return (ms / 1000).toFixed(5);
}
