import type { Playout } from '../../playout/playout.ts';

/** The stream that faults act on: a reader's, or that of an HLS session. */
export interface StreamTarget {
  readonly infohash: string;
  /** Offset of the next byte in what plays now. */
  readonly offset: number;
  /** The moment, unix ms, whose byte comes next. */
  readonly positionMs: number;
  readonly bytesSent: number;
  /** Goes on `ms` later in the stream (earlier, when negative). */
  skipMs(ms: number): void;
  /** Ends the body. */
  end(): void;
  /** Resets the connection once what was written has left. */
  reset(): void;
}

/** What one fault does to one stream from the moment it begins. */
export interface StreamEffect {
  /** Called before each write. */
  step?(nowMs: number): void;
  /** Bounds the moment up to which bytes may be sent. */
  dueMs?(dueMs: number, nowMs: number): number;
  /** What plays instead of the content, while it does. */
  replacement?(nowMs: number): Playout | undefined;
  /** Changes the bytes but not the offsets. */
  decorate?(inner: Playout): Playout;
}
