import type { Channel } from '../channel.ts';
import type { Playout } from '../playout/playout.ts';
import type { EngineContext } from './engine-context.ts';
import { HlsSession } from './hls-session.ts';
import { drawMs, randomHex40, randomPathToken } from './random.ts';
import type { Reader, ReaderEnd } from './reader.ts';
import type { SessionEvents } from './session-events.ts';

export type OutputFormat = 'ts' | 'hls';

/** Why a download ended. `stopped` is a client's command; the others are the engine's own doing. */
export type DownloadEnd = 'stopped' | 'idle' | 'superseded' | 'left' | 'crashed';

/** One player's place at a download: what its URLs lead to. */
export interface EnginePlayer {
  readonly key: string;
  readonly playerId: string | undefined;
  readonly infohash: string;
  readonly format: OutputFormat;
  /** Whether it asked to be told when the engine stops by itself. */
  readonly stopNotifications: boolean;
  readonly events: SessionEvents;
}

const MAX_CONTENT_TOKENS = 200;
const IDLE_CHECK_MS = 100;

/** What a download tells the sessions it belongs to. */
export interface DownloadHooks {
  ended(download: Download, reason: DownloadEnd): void;
  playerGone(player: EnginePlayer): void;
}

/** What an engine runs for one content: shared by all its players, with one progressive reader at most. */
export class Download {
  readonly infohash: string;
  readonly channel: Channel;
  readonly playout: Playout;
  readonly playbackSessionId: string;
  readonly startedAtMs: number;
  readonly startDelayMs: number;
  readonly players: Map<string, EnginePlayer> = new Map();
  readonly #context: EngineContext;
  readonly #hooks: DownloadHooks;
  readonly #outcome = Promise.withResolvers<'ready' | 'ended'>();
  readonly #over = new AbortController();
  readonly #readyTimer: NodeJS.Timeout;
  readonly #idleTimer: NodeJS.Timeout;
  /** Paths handed out under `/content/`, with the player each was for. */
  readonly #contentTokens = new Map<string, string>();
  #activeAtMs: number;
  #ready = false;
  #ended: DownloadEnd | undefined;
  #reader: { readonly reader: Reader; readonly playerKey: string } | undefined;
  #hls: HlsSession | undefined;

  constructor(
    context: EngineContext,
    content: { readonly infohash: string; readonly channel: Channel; readonly playout: Playout },
    { warm, ...hooks }: DownloadHooks & { readonly warm: boolean },
  ) {
    const { settings, random } = context;
    this.infohash = content.infohash;
    this.channel = content.channel;
    this.playout = content.playout;
    this.playbackSessionId = randomHex40(random);
    this.startedAtMs = settings.now();
    this.startDelayMs = warm ? 0 : drawMs(settings.startDelayMs, random);
    this.#context = context;
    this.#hooks = hooks;
    this.#readyTimer = setTimeout(() => {
      this.#ready = true;
      this.#outcome.resolve('ready');
    }, this.startDelayMs);
    this.#activeAtMs = this.startedAtMs;
    this.#idleTimer = setInterval(() => this.#endIfIdle(), IDLE_CHECK_MS);
  }

  /** Settles when prebuffering is done, or the download ends before. */
  get outcome(): Promise<'ready' | 'ended'> {
    return this.#outcome.promise;
  }

  /** Aborted when the download ends. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  get ready(): boolean {
    return this.#ready;
  }

  get ended(): DownloadEnd | undefined {
    return this.#ended;
  }

  /** Who reads the progressive body; a reader that has ended no longer counts, though its socket may be closing. */
  get reader(): Reader | undefined {
    return this.#reader?.reader.ended ? undefined : this.#reader?.reader;
  }

  get hls(): HlsSession | undefined {
    return this.#hls;
  }

  /** The live window; opened by the first who looks, after prebuffering. */
  openHls(): HlsSession {
    this.#hls ??= new HlsSession(this.#context, this);
    return this.#hls;
  }

  /** Somebody takes an interest: the idle time begins anew. */
  touch(): void {
    this.#activeAtMs = this.#context.settings.now();
  }

  /** A new path for the second hop of a player's playback. */
  issueContentToken(playerKey: string): string {
    const token = randomPathToken(this.#context.random);
    const [oldest] = this.#contentTokens.keys();
    if (oldest !== undefined && this.#contentTokens.size >= MAX_CONTENT_TOKENS) this.#contentTokens.delete(oldest);
    this.#contentTokens.set(token, playerKey);
    return token;
  }

  /** The player a `/content/` path was given to. */
  playerOfToken(token: string): string | undefined {
    return this.#contentTokens.get(token);
  }

  attachReader(reader: Reader, playerKey: string): void {
    this.#reader = { reader, playerKey };
  }

  /** The reader's connection is gone. */
  detachReader(reader: Reader): void {
    if (this.#reader?.reader === reader) this.#reader = undefined;
    this.touch();
  }

  /** Ends the reader, if there is one, and frees its place. */
  endReader(how: ReaderEnd): void {
    this.#reader?.reader.end(how);
    this.#reader = undefined;
  }

  /** A player goes: its reader ends, its URLs lead nowhere. */
  removePlayer(key: string, reason: DownloadEnd): void {
    const player = this.players.get(key);
    this.players.delete(key);
    if (this.#reader?.playerKey === key) this.endReader('eof');
    if (!player) return;
    if (player.stopNotifications && reason !== 'stopped') {
      player.events.push({ name: 'download_stopped', params: { reason, option: null } });
    }
    player.events.close();
    this.#hooks.playerGone(player);
  }

  /** Ends for all players. Does nothing the second time. */
  end(reason: DownloadEnd): void {
    if (this.#ended) return;
    this.#ended = reason;
    clearTimeout(this.#readyTimer);
    clearInterval(this.#idleTimer);
    this.#outcome.resolve('ended');
    this.#over.abort();
    this.endReader(reason === 'stopped' ? this.#context.settings.stopEnds : 'eof');
    for (const key of [...this.players.keys()]) this.removePlayer(key, reason);
    this.#hooks.ended(this, reason);
  }

  #endIfIdle(): void {
    const { now, readerIdleStopMs } = this.#context.settings;
    if (this.reader) this.touch();
    else if (now() - this.#activeAtMs >= readerIdleStopMs) this.end('idle');
  }
}
