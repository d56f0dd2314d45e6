import type { EngineOrchestrator } from '@acestream-orchestrator/engine-orchestrator';
import type { AceContentInfo } from '@acestream-orchestrator/engine-orchestrator/ace';
import type { ProxyStats, SessionStats } from '@acestream-orchestrator/mpegts-proxy';
import type { PerfMetrics } from '@acestream-orchestrator/perf-metrics';
import type { Containers } from './compose/containers.ts';
import type { HlsPlayback } from './compose/hls-playback.ts';
import type { Images } from './compose/images.ts';
import type { OutsideStreams } from './compose/outside-streams.ts';
import type { Playback } from './compose/playback.ts';
import type { Vpn } from './compose/vpn.ts';
import type { Config } from './config/config.ts';
import type { Diagnosis } from './diagnosis/diagnosis.ts';
import type { EventLog } from './events/event-log.ts';
import type { Changes } from './live/changes.ts';
import type { Pulls } from './live/pulls.ts';
import type { Operation } from './operations.ts';
import type { Settings } from './settings/settings.ts';
import type { Storage } from './storage/storage.ts';
import type { LoopingStreams } from './streams/looping-streams.ts';
import type { P2pStats } from './streams/p2p-stats.ts';
import type { StreamBook, StreamRecord } from './streams/stream-book.ts';

/** The pool of engines, as far as somebody from outside may act on it. */
export interface Engines
  extends Pick<
    EngineOrchestrator,
    | 'capacity'
    | 'collectIdle'
    | 'drain'
    | 'provision'
    | 'provisioning'
    | 'prune'
    | 'remove'
    | 'reprovision'
    | 'reprovisionStatus'
    | 'resetBreakers'
    | 'restart'
    | 'resume'
    | 'scale'
    | 'settings'
    | 'stats'
  > {
  list: EngineOrchestrator['engines'];
  /** Whether engines are made and removed here; otherwise somebody else runs them. */
  readonly managed: boolean;
}

/** What the HTTP routes work with. */
export interface Services {
  /** Resolves when every engine has been probed once, well or not. */
  readonly started: Promise<void>;
  /** Always reads as it is now. */
  readonly config: Config;
  readonly settings: Settings;
  readonly version: string;
  readonly metrics: PerfMetrics<Operation>;
  readonly storage: Storage;
  readonly events: EventLog;
  /** Told whenever something that is shown has changed. */
  readonly changes: Changes;
  readonly pulls: Pulls;
  readonly playback: Pick<Playback, 'parse' | 'join' | 'keyOf' | 'refused'>;
  readonly hls: Pick<HlsPlayback, 'enter' | 'serve' | 'revoke' | 'stats' | 'of'>;
  readonly diagnosis: Diagnosis;
  readonly looping: LoopingStreams;
  /** Streams that proxies beside this one play. */
  readonly outside: Pick<OutsideStreams, 'started' | 'ended'>;
  readonly streams: StreamBook;
  readonly p2p: P2pStats<StreamRecord>;
  /** What the engine that plays a stream knows about its content. Rejects with an ApiError. */
  describe(record: StreamRecord): Promise<AceContentInfo>;
  readonly engines: Engines;
  /** Of engines that are made here; without such there are none. */
  readonly containers: Containers;
  /** Of those engines. */
  readonly images: Images;
  readonly vpn: Vpn;
  readonly sessions: {
    all(): ProxyStats;
    of(streamKey: string): SessionStats | undefined;
    /** The engine whose bytes its players get; undefined when there are none. */
    engineOf(streamKey: string): string | undefined;
    /** Ends the stream's clients and viewers, and the engine's session once. False when it does not run. */
    stop(streamKey: string): Promise<boolean>;
    /**
     * Moves a stream to another engine, to this one when it is given. Resolves with the engine that plays it then;
     * undefined when it could not be moved.
     */
    move(streamKey: string, engineId?: string): Promise<string | undefined>;
  };
  /** Whether {@link close} was called. */
  isClosing(): boolean;
  /** Ends every stream and tells every engine to stop. Resolves when that is done. */
  close(): Promise<void>;
}
