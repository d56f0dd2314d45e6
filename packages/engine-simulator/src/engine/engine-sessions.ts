import { setTimeout as delay } from 'node:timers/promises';
import { openPlayout } from '../playout/open-playout.ts';
import { Download, type DownloadEnd, type EnginePlayer, type OutputFormat } from './download.ts';
import type { EngineContext } from './engine-context.ts';
import { playerKey } from './player-key.ts';
import { drawMs } from './random.ts';
import type { Content } from './resolve-content.ts';
import { SessionEvents } from './session-events.ts';

export interface StartRequest {
  readonly clientAddress: string;
  readonly playerId: string | undefined;
  readonly content: Content;
  readonly format: OutputFormat;
  readonly stopNotifications: boolean;
}

export interface Session {
  readonly player: EnginePlayer;
  readonly download: Download;
}

/** A start on its way; a newer one of the same player for another content overtakes it. */
interface PendingStart {
  readonly key: string;
  readonly infohash: string;
  readonly overtaken: AbortController;
}

const MAX_FAREWELLS = 100;

/**
 * Who plays what on one engine, by the engine's rules: one download for each content, however many players share it;
 * one content for each player; a stop ends the content for all.
 */
export class EngineSessions {
  readonly #context: EngineContext;
  readonly #downloads = new Map<string, Download>();
  /** Infohash by player key. */
  readonly #contentOf = new Map<string, string>();
  readonly #pending = new Set<PendingStart>();
  /** Players whose playlist a newer HLS session of the same content replaced, by infohash. */
  readonly #superseded = new Map<string, Set<string>>();
  /** Events that ended sessions still have for their players. */
  readonly #farewells = new Map<string, SessionEvents>();

  constructor(context: EngineContext) {
    this.#context = context;
  }

  get downloads(): readonly Download[] {
    return [...this.#downloads.values()];
  }

  /** Starts, or joins what runs. Resolves to `got newer download` when a newer start of the same player overtook it. */
  async start(request: StartRequest): Promise<Session | 'got newer download'> {
    const key = playerKey(request.clientAddress, request.playerId);
    const { infohash } = request.content;
    for (const other of this.#pending) {
      if (other.key === key && other.infohash !== infohash) other.overtaken.abort();
    }
    const pending = { key, infohash, overtaken: new AbortController() };
    this.#pending.add(pending);
    try {
      const resolveMs = drawMs(this.#context.settings.resolveDelayMs, this.#context.random);
      await delay(resolveMs, undefined, { signal: pending.overtaken.signal });
    } catch {
      return 'got newer download';
    } finally {
      this.#pending.delete(pending);
    }
    return this.#join(key, request);
  }

  find(infohash: string, key: string): Session | undefined {
    const download = this.#downloads.get(infohash);
    const player = download?.players.get(key);
    return download && player ? { download, player } : undefined;
  }

  download(infohash: string): Download | undefined {
    return this.#downloads.get(infohash);
  }

  /** A player's stop command: ends the content for all its players. False when the session is not there. */
  stop(infohash: string, key: string): boolean {
    const session = this.find(infohash, key);
    const counts = this.#context.counts.of(infohash);
    if (session) counts.stops += 1;
    else counts.lateStops += 1;
    session?.download.end('stopped');
    return session !== undefined;
  }

  /** Whether this player's playlist was replaced by another player's. */
  isSuperseded(infohash: string, key: string): boolean {
    return this.#superseded.get(infohash)?.has(key) ?? false;
  }

  /** Events for a player's long poll, those of an ended session included until they are fetched. */
  events(infohash: string, key: string): SessionEvents | undefined {
    const farewell = this.#farewells.get(`${infohash}/${key}`);
    return this.find(infohash, key)?.player.events ?? (farewell?.pending ? farewell : undefined);
  }

  /** Ends everything, as a crash does; the caller has reset the connections. */
  clear(reason: DownloadEnd): void {
    for (const { overtaken } of this.#pending) overtaken.abort();
    for (const download of this.downloads) download.end(reason);
    this.#superseded.clear();
    this.#farewells.clear();
  }

  #join(key: string, request: StartRequest): Session {
    const { content, format } = request;
    const { infohash } = content;
    const before = this.#contentOf.get(key);
    if (before !== undefined && before !== infohash) this.#leave(before, key);

    const running = this.#downloads.get(infohash);
    const replaced = running && this.#mustReplace(running, key, format) ? running : undefined;
    const supersededPlayers = replaced && format === 'hls' ? [...replaced.players.keys()] : [];
    replaced?.end('superseded');
    const download = this.#downloads.get(infohash) ?? this.#open(content, replaced?.ready ?? false);
    for (const other of supersededPlayers) this.#supersede(infohash, other);
    this.#superseded.get(infohash)?.delete(key);

    const known = download.players.get(key);
    const player: EnginePlayer = {
      key,
      playerId: request.playerId,
      infohash,
      format,
      stopNotifications: request.stopNotifications,
      events: known?.events ?? new SessionEvents(),
    };
    download.players.set(key, player);
    this.#contentOf.set(key, infohash);
    this.#context.counts.of(infohash).starts += 1;
    download.touch();
    return { player, download };
  }

  #mustReplace(download: Download, key: string, format: OutputFormat): boolean {
    const others = [...download.players.values()];
    if (format === 'hls' && others.some((other) => other.format === 'hls' && other.key !== key)) return true;
    const mixed = others.some((other) => other.format !== format);
    return mixed && this.#context.settings.mixedFormats === 'supersede';
  }

  #open(content: Content, warm: boolean): Download {
    const playout = openPlayout(content.channel);
    const download = new Download(
      this.#context,
      { ...content, playout },
      {
        warm,
        ended: (ended, reason) => this.#forget(ended, reason),
        playerGone: (player) => this.#forgetPlayer(player),
      },
    );
    this.#downloads.set(content.infohash, download);
    this.#context.counts.of(content.infohash).downloads += 1;
    return download;
  }

  /** A player goes on to another content; the old one runs on only if others play it. */
  #leave(infohash: string, key: string): void {
    const download = this.#downloads.get(infohash);
    if (!download) return;
    if (download.players.size === 1 && download.players.has(key)) download.end('left');
    else download.removePlayer(key, 'left');
  }

  #forget(download: Download, reason: DownloadEnd): void {
    this.#downloads.delete(download.infohash);
    // After a stop the old playlists answer as unknown again, no longer as superseded.
    if (reason !== 'superseded') this.#superseded.delete(download.infohash);
  }

  #forgetPlayer({ infohash, key, events }: EnginePlayer): void {
    if (this.#contentOf.get(key) === infohash) this.#contentOf.delete(key);
    if (!events.pending) return;
    this.#farewells.set(`${infohash}/${key}`, events);
    const [oldest] = this.#farewells.keys();
    if (oldest !== undefined && this.#farewells.size > MAX_FAREWELLS) this.#farewells.delete(oldest);
  }

  #supersede(infohash: string, key: string): void {
    const players = this.#superseded.get(infohash) ?? new Set();
    this.#superseded.set(infohash, players.add(key));
  }
}
