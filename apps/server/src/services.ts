import type { Capacity, EngineState } from '@acestream-orchestrator/engine-orchestrator';
import type { ProxyStats, SessionStats } from '@acestream-orchestrator/mpegts-proxy';
import type { PerfMetrics } from '@acestream-orchestrator/perf-metrics';
import type { Playback } from './compose/playback.ts';
import type { Config } from './config.ts';
import type { Operation } from './operations.ts';
import type { P2pStats } from './streams/p2p-stats.ts';
import type { StreamBook, StreamRecord } from './streams/stream-book.ts';

/** What the HTTP routes work with. */
export interface Services {
  /** Resolves when every engine has been probed once, well or not. */
  readonly started: Promise<void>;
  readonly config: Config;
  readonly version: string;
  readonly metrics: PerfMetrics<Operation>;
  readonly playback: Pick<Playback, 'parse' | 'join'>;
  readonly streams: StreamBook;
  readonly p2p: P2pStats<StreamRecord>;
  readonly engines: {
    list(): readonly EngineState[];
    capacity(): Capacity;
  };
  readonly sessions: {
    all(): ProxyStats;
    of(streamKey: string): SessionStats | undefined;
    /** Ends the stream's clients, and the engine's session once. False when it does not run. */
    stop(streamKey: string): Promise<boolean>;
  };
  /** Ends every stream and tells every engine to stop. Resolves when that is done. */
  close(): Promise<void>;
}
