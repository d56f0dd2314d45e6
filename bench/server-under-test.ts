/** Ours, and the references beside it, in the order in which they are measured. */
export const SERVER_NAMES = ['ours', 'pipe', 'c', 'c-batched', 'nginx'] as const;
export type ServerName = (typeof SERVER_NAMES)[number];

/** What a server has to relay, and to how many. */
export interface Relay {
  readonly sourcePort: number;
  readonly clients: number;
  readonly streams: number;
}

/** A server under test, running as a process of its own. */
export interface RunningServer extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  /** How late its event loop has been since the last time this was asked; undefined where there is none. */
  loopDelay(): Promise<LoopDelay | undefined>;
}

export interface LoopDelay {
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
}

export interface ServerUnderTest {
  readonly name: ServerName;
  /** Whether it can relay more than one stream at a time. */
  readonly manyStreams: boolean;
  /** @param settings of MpegTsProxy as JSON, instead of those of the command line */
  start(relay: Relay, settings?: string): Promise<RunningServer>;
}
