import { setTimeout as delay } from 'node:timers/promises';
import { type AceSession, rebaseUrl } from '@acestream-orchestrator/engine-orchestrator/ace';
import { type CloseReason, httpSource, type Source, SourceError } from '@acestream-orchestrator/mpegts-proxy';
import type { LeasedEngine, Outcome } from './leased-engine.ts';
import { mindLease } from './mind-lease.ts';
import { timedChunks } from './timed-chunks.ts';

/** A fresh session may answer 500 while it is still prebuffering. */
const playbackRetries = 5;
const playbackRetryMs = 500;
const connectTimeoutMs = 3_000;
const statTimeoutMs = 3_000;
/** An engine that has sent nothing for so long is asked for its peers, and again after as long. */
const peersIntervalMs = 4_000;
/** A session that had no peers for so long will not get any. */
const deadAfterMs = 40_000;

export interface EngineSourceOptions {
  /** Gives the wait for the answer up, and the body. */
  readonly signal: AbortSignal;
  /** Gives the engine up when it has shown neither bytes nor peers for so long; undefined to wait as long as `signal` does. */
  readonly patienceMs: number | undefined;
  /** Told of the peers that the engine has while nothing comes. */
  readonly onPeers: (peers: number) => void;
  /** It has shown neither bytes nor peers for so long that nobody can have this content. */
  readonly onDead: () => void;
  /** The engine is to be emptied; called again from time to time as long as it is not. */
  readonly onDrain: () => void;
  /** Told of each read of the body. */
  readonly onRead: (durationMs: number, ok: boolean) => void;
  /** Ends the session on the engine. */
  readonly end: (outcome: Outcome) => Promise<void>;
}

/** Reads the session that `engine` opened. Resolves when the engine has begun to answer, which is after its prebuffering. */
export async function openEngineSource(
  engine: LeasedEngine,
  session: AceSession,
  options: EngineSourceOptions,
): Promise<Source> {
  const { id } = engine.lease.engine;
  const body = new AbortController();
  let isPlaying = false;
  const stopMinding = mindLease(engine.lease.signal, {
    isPlaying: () => isPlaying,
    giveUp: (reason) => body.abort(reason),
    onDrain: options.onDrain,
  });
  const signal = AbortSignal.any([options.signal, body.signal]);
  const intervalMs = options.patienceMs ?? peersIntervalMs;
  let aloneMs = 0;
  const stopWatching = watchPeers(engine, session, intervalMs, (peers) => {
    if (peers !== undefined) options.onPeers(peers);
    // An engine that does not say proves nothing about the content.
    aloneMs = peers === 0 ? aloneMs + intervalMs : 0;
    if (aloneMs >= deadAfterMs) options.onDead();
    if (options.patienceMs === undefined || (peers ?? 0) > 0) return;
    body.abort(new SourceError('no-data', 'timeout', `Engine ${id} shows neither bytes nor peers`));
  });
  try {
    const { chunks } = await answerOf(session.playbackUrl, id, signal);
    return {
      id,
      chunks: timedChunks(chunks, (durationMs, ok) => {
        stopWatching();
        isPlaying = true;
        // A read that is cut off on purpose says nothing.
        if (!body.signal.aborted) options.onRead(durationMs, ok);
      }),
      async close(reason) {
        stopWatching();
        stopMinding();
        body.abort(new SourceError('reset', 'other', `The source from engine ${id} is closed: ${reason}`));
        await options.end(closeOutcome(reason));
      },
    };
  } catch (error) {
    stopWatching();
    stopMinding();
    throw error;
  }
}

/** Engines put their own idea of their address into redirects, as into any URL; behind Docker or a VPN it may lead nowhere. */
function onSameEngine(to: URL, from: URL): URL {
  return new URL(rebaseUrl(to.href, from.origin));
}

async function answerOf(playbackUrl: string, id: string, signal: AbortSignal): Promise<Source> {
  for (let retry = 0; ; retry++) {
    try {
      return await httpSource(playbackUrl, { id, signal, connectTimeoutMs, redirect: onSameEngine });
    } catch (error) {
      const prebuffering = error instanceof SourceError && (error.status ?? 0) >= 500;
      if (!prebuffering || retry >= playbackRetries) throw error;
      await delay(playbackRetryMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

/** Tells every `intervalMs` how many peers the engine has, undefined when it does not say. The returned function stops that. */
function watchPeers(
  engine: LeasedEngine,
  session: AceSession,
  intervalMs: number,
  tell: (peers: number | undefined) => void,
): () => void {
  const stopped = new AbortController();
  const look = async (): Promise<void> => {
    const signal = AbortSignal.any([stopped.signal, AbortSignal.timeout(statTimeoutMs)]);
    const peers = await engine.stat(session, signal).then(
      (stat) => stat.peers,
      () => undefined,
    );
    if (stopped.signal.aborted) return;
    timer = setTimeout(look, intervalMs);
    tell(peers);
  };
  let timer = setTimeout(look, intervalMs);
  return () => {
    clearTimeout(timer);
    stopped.abort();
  };
}

/** What the end of a source says about the engine, and about the content on it. */
function closeOutcome(reason: CloseReason): Outcome {
  switch (reason) {
    case 'unused':
    case 'superseded':
    case 'shutdown':
    case 'moved':
      return 'ok';
    case 'reset':
    case 'refused':
      return 'engine-bad';
    default:
      return 'content-bad';
  }
}
