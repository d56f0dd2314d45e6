import { randomInt } from 'node:crypto';
import type { Channel } from '../channels.ts';
import { FAULT_NAMES, type FaultName, isFaultName } from '../faults/fault-table.ts';
import { type FaultSettings, resolveSettings } from '../faults/resolve-settings.ts';
import { describeVersion, type EngineVersion } from './engine-version.ts';
import type { DurationMs } from './random.ts';
import type { Unevenness } from './release-schedule.ts';

/** How one simulated engine behaves. Everything is optional; the defaults are a healthy engine 3.2.11 with a short start. */
export interface EngineOptions {
  /** Address to listen on. Default `127.0.0.1`. */
  readonly host?: string;
  /** Port of the engine's HTTP API; 0 takes a free one. Default 0. */
  readonly port?: number;
  /** Address of the control API. Default `127.0.0.1`. */
  readonly controlHost?: string;
  /** Port of the control API; 0 takes a free one, `false` leaves the control API out. Default 0. */
  readonly controlPort?: number | false;
  /** Whether clients outside the machine and its subnets are answered (`--bind-all`). Default true. */
  readonly remoteAccess?: boolean;
  /** Version reported, `major.minor.patch`. Default `3.2.11`. */
  readonly version?: string;
  /** Plays this for every content instead of the catalogue, e.g. `benchmarkChannel({ bitsPerSecond })`. */
  readonly channel?: Channel;
  /** `live` sends at the pace of the stream after the first burst; `unpaced` as fast as the reader reads. Default `live`. */
  readonly rate?: 'live' | 'unpaced';
  /** How much of the past a new reader gets at once. Default 15 000 ms. */
  readonly burstMs?: number;
  /** How far behind the broadcast this engine is. Engines of one swarm differ. Default 2 000 ms. */
  readonly lagMs?: number;
  /** How unevenly live data is handed on. Default every 500 ms, up to 250 ms late; `{ burstEveryMs: 0, jitterMs: 0 }` is smooth. */
  readonly unevenness?: Unevenness;
  /** The stream is handed on in chunks of this size, so writes end inside packets. Default 16 384 bytes. */
  readonly readChunkBytes?: number;
  /** Whether a reader's stream begins inside a packet, as when an engine resumes inside a piece. Default false. */
  readonly startMidPacket?: boolean;
  /** Time from a start to its JSON answer: a value, or a range to draw from. Default [20, 80] ms. */
  readonly resolveDelayMs?: DurationMs;
  /** Time from a start to the first byte of playback (prebuffering). Default [300, 800] ms. */
  readonly startDelayMs?: DurationMs;
  /** A playback request that waits longer gets a 500 `start timeout`. Default 150 000 ms. */
  readonly startTimeoutMs?: number;
  /** Which hop of playback waits for prebuffering: `/ace/r` (`playback`) or `/content`. Default `playback`. */
  readonly blockOn?: 'playback' | 'content';
  /** A download nobody reads or asks about ends after this. Default 60 000 ms. */
  readonly readerIdleStopMs?: number;
  /** A reader further behind than this jumps forward. Default 1 800 000 ms. */
  readonly liveBufferMs?: number;
  /** A reader further behind than this jumps forward. Default 209 715 200 bytes. */
  readonly liveBufferBytes?: number;
  /** Whether `stat` without `skip_player_activity=1` keeps a download alive. Default true. */
  readonly statKeepsAlive?: boolean;
  /** What a reader sees when its download is stopped: a clean end, a reset, or no more bytes. Default `eof`. */
  readonly stopEnds?: 'eof' | 'reset' | 'silence';
  /** What a second reader of a session does: gets broken HTTP, or takes the stream from the first. Default `broken`. */
  readonly secondReader?: 'broken' | 'takeover';
  /** Whether HLS and MPEG-TS starts of one content end each other. Default `supersede`. */
  readonly mixedFormats?: 'supersede' | 'coexist';
  /** Status for a segment that is not there. Default 404. */
  readonly missingSegmentStatus?: 404 | 500;
  /** Requests kept for `GET /requests`. Default 1000. */
  readonly requestLogSize?: number;
  /** Faults set from the start. */
  readonly faults?: { readonly [N in FaultName]?: FaultSettings<N> };
  /** Makes delays, session ids and stat values repeatable. Default random. What is streamed never depends on it. */
  readonly seed?: number;
  /**
   * The clock, in unix ms: says what is due, and when a download has been idle for too long. The delays of a start and the
   * ticks at which it is looked at are real. Default `Date.now`.
   */
  readonly now?: () => number;
}

/** Options with every default filled in, and what follows from them. */
export interface EngineSettings extends Required<Omit<EngineOptions, 'channel' | 'version' | 'faults'>> {
  readonly channel: Channel | undefined;
  readonly version: EngineVersion;
  readonly faults: NonNullable<EngineOptions['faults']>;
}

interface Bounds {
  readonly minimum: number;
  readonly maximum: number;
}
const PORT: Bounds = { minimum: 0, maximum: 65_535 };
const ANY_MS: Bounds = { minimum: 0, maximum: 2_147_483_647 };
const NUMBER_BOUNDS: Readonly<Partial<Record<keyof EngineSettings, Bounds>>> = {
  port: PORT,
  controlPort: PORT,
  burstMs: { minimum: 0, maximum: 3_600_000 },
  lagMs: { minimum: 0, maximum: 3_600_000 },
  readChunkBytes: { minimum: 1, maximum: 16_777_216 },
  startTimeoutMs: ANY_MS,
  readerIdleStopMs: { minimum: 1, maximum: 2_147_483_647 },
  liveBufferMs: { minimum: 1000, maximum: 86_400_000 },
  liveBufferBytes: { minimum: 65_536, maximum: Number.MAX_SAFE_INTEGER },
  requestLogSize: { minimum: 0, maximum: 1_000_000 },
};

function checkRange(name: string, value: number, { minimum, maximum }: Bounds): void {
  if (!(value >= minimum && value <= maximum))
    throw new RangeError(`${name} must be between ${minimum} and ${maximum}, not ${value}`);
}

function checkDuration(name: string, duration: DurationMs): void {
  const [minMs, maxMs] = typeof duration === 'number' ? [duration, duration] : duration;
  checkRange(name, minMs, ANY_MS);
  checkRange(name, maxMs, { minimum: minMs, maximum: ANY_MS.maximum });
}

/** Fills in the defaults. Throws `RangeError` or `TypeError` for options that cannot be. */
export function resolveOptions(options: EngineOptions): EngineSettings {
  const settings: EngineSettings = {
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    controlHost: options.controlHost ?? '127.0.0.1',
    controlPort: options.controlPort ?? 0,
    remoteAccess: options.remoteAccess ?? true,
    version: describeVersion(options.version ?? '3.2.11'),
    channel: options.channel,
    rate: options.rate ?? 'live',
    burstMs: options.burstMs ?? 15_000,
    lagMs: options.lagMs ?? 2_000,
    unevenness: options.unevenness ?? { burstEveryMs: 500, jitterMs: 250 },
    readChunkBytes: options.readChunkBytes ?? 16_384,
    startMidPacket: options.startMidPacket ?? false,
    resolveDelayMs: options.resolveDelayMs ?? [20, 80],
    startDelayMs: options.startDelayMs ?? [300, 800],
    startTimeoutMs: options.startTimeoutMs ?? 150_000,
    blockOn: options.blockOn ?? 'playback',
    readerIdleStopMs: options.readerIdleStopMs ?? 60_000,
    liveBufferMs: options.liveBufferMs ?? 1_800_000,
    liveBufferBytes: options.liveBufferBytes ?? 209_715_200,
    statKeepsAlive: options.statKeepsAlive ?? true,
    stopEnds: options.stopEnds ?? 'eof',
    secondReader: options.secondReader ?? 'broken',
    mixedFormats: options.mixedFormats ?? 'supersede',
    missingSegmentStatus: options.missingSegmentStatus ?? 404,
    requestLogSize: options.requestLogSize ?? 1000,
    faults: options.faults ?? {},
    seed: options.seed ?? randomInt(2 ** 32),
    now: options.now ?? Date.now,
  };
  for (const [name, bounds] of Object.entries(NUMBER_BOUNDS)) {
    const value = settings[name as keyof EngineSettings];
    if (typeof value === 'number' && bounds) checkRange(name, value, bounds);
  }
  checkDuration('resolveDelayMs', settings.resolveDelayMs);
  checkDuration('startDelayMs', settings.startDelayMs);
  checkRange('unevenness.burstEveryMs', settings.unevenness.burstEveryMs, { minimum: 0, maximum: 60_000 });
  checkRange('unevenness.jitterMs', settings.unevenness.jitterMs, {
    minimum: 0,
    maximum: settings.unevenness.burstEveryMs,
  });
  for (const [name, faultSettings] of Object.entries(settings.faults)) {
    if (!isFaultName(name)) throw new TypeError(`there is no fault "${name}"; there are ${FAULT_NAMES.join(', ')}`);
    resolveSettings(name, { ...faultSettings });
  }
  return settings;
}
