import { type Answer, bare, PLAYLIST_TYPE } from './answer.ts';
import { answerBytes } from './answer-bytes.ts';
import { answerPlaylist } from './answer-playlist.ts';
import type { HlsProxySettings } from './contract.ts';
import { HlsProxyError } from './errors.ts';
import { formatLocation, type MediaPath, PLAYLIST_NAME, parseMediaPath } from './media-path.ts';
import { formatDirectives, readDirectives } from './playlist-request.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';
import { parseName } from './stored-segment.ts';
import { TokenMint } from './viewer-token.ts';
import type { Viewer } from './viewers.ts';

/** A GET or HEAD request, whatever carries it. */
export interface HlsRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  header(name: string): string | undefined;
  readonly address: string;
  /** The stream, where the caller knows it. */
  readonly key: string | undefined;
  /** What a player that enters is let in with. */
  readonly grant: string | undefined;
  readonly signal: AbortSignal;
}

/** Token of those who call the proxy's methods instead of speaking HTTP. */
const CALLER = '';

/** Answers requests: a player enters by any URL, is sent to one of its own, and asks for everything below that. */
export class Responder {
  readonly #sessions: Sessions;
  readonly #settings: HlsProxySettings;
  readonly #nonce: string;
  readonly #mint = new TokenMint();

  constructor(sessions: Sessions, settings: HlsProxySettings, nonce: string) {
    this.#sessions = sessions;
    this.#settings = settings;
    this.#nonce = nonce;
  }

  /** Holds a session for those who call the proxy's methods, like a viewer that never counts. */
  caller(session: Session): Viewer {
    const { viewers } = session.audience;
    return viewers.get(CALLER) ?? viewers.add(CALLER, '', '', false);
  }

  /** @throws {HlsProxyError} */
  async answer(request: HlsRequest, keyOf: (url: URL) => string | undefined): Promise<Answer> {
    const at = request.url.indexOf('?');
    const path = at === -1 ? request.url : request.url.slice(0, at);
    const query = at === -1 ? '' : request.url.slice(at + 1);
    const media = request.key === undefined ? parseMediaPath(path) : undefined;
    const isHead = request.method === 'HEAD';
    if (media === undefined) {
      const key = request.key ?? keyOf(new URL(request.url, 'http://localhost'));
      if (key === undefined) throw new HlsProxyError('not_found', `${path} is not a stream`);
      return isHead ? bare(200, { 'content-type': PLAYLIST_TYPE }) : this.#enter(key, query, request);
    }
    if (this.#mint.isWorthless(media.token)) throw revoked();
    if (!this.#isKnown(media)) throw notFound(media);
    if (media.name === PLAYLIST_NAME) {
      return isHead ? this.#headOfPlaylist(media, query, request) : this.#playlist(media, query, request);
    }
    return isHead ? this.#headOfBytes(media, request) : this.#bytes(media, request);
  }

  /** Whoever was let in with this is let go, and nobody is let in with it again. Tells how many viewers that were. */
  revoke(grant: string): number {
    this.#mint.revoke(grant);
    return this.#sessions.dismiss((token) => this.#mint.isOf(grant, token), revoked());
  }

  /** A player that comes without a token gets one, once there is something to play. */
  async #enter(key: string, query: string, { address, header, grant, signal }: HlsRequest): Promise<Answer> {
    const directives = readDirectives(query);
    const session = this.#sessions.obtain(key);
    if (session.state === 'opening') await session.playable(signal);
    if (grant !== undefined && this.#mint.isRevoked(grant)) throw revoked();
    const { audience, slug } = session;
    const userAgent = header('user-agent') ?? '';
    const viewer =
      audience.viewers.returning(address, userAgent, (token) => this.#mint.isOf(grant, token)) ??
      this.#admit(session, this.#mint.make(slug, grant), address, userAgent);
    viewer.sent++;
    audience.touch(viewer, false);
    const location = formatLocation(slug, viewer.id, formatDirectives(directives));
    return bare(302, { location, 'cache-control': 'no-store', 'content-length': '0' });
  }

  async #playlist(media: MediaPath, query: string, request: HlsRequest): Promise<Answer> {
    const directives = readDirectives(query);
    // A player that paused for longer than its session lived goes on under the same URL.
    const key = this.#sessions.keyOf(media.slug);
    if (key === undefined) throw new HlsProxyError('not_found', `${media.slug} is not being played`);
    const session = this.#sessions.obtain(key);
    if (session.state === 'opening') await session.playable(request.signal);
    const viewer = this.#viewerOf(session, media.token, request);
    viewer.polls++;
    session.audience.touch(viewer, false);
    viewer.waiting++;
    try {
      const rendered = await session.playlist(directives, patienceOf(viewer, request));
      return { ...answerPlaylist(rendered, request.header('accept-encoding')), session, viewer };
    } finally {
      viewer.waiting--;
      session.audience.touch(viewer, false);
    }
  }

  async #bytes(media: MediaPath, request: HlsRequest): Promise<Answer> {
    const session = this.#sessions.bySlug(media.slug);
    if (session === undefined) throw notFound(media);
    const viewer = this.#viewerOf(session, media.token, request);
    session.audience.touch(viewer, false);
    viewer.waiting++;
    try {
      const stored = await session.bytesOf(media.name, patienceOf(viewer, request));
      session.audience.touch(viewer, true);
      const place = parseName(media.name);
      if (place !== undefined) session.audience.viewers.took(viewer, place);
      const isHead = false;
      return { ...answerBytes(stored, this.#etag(media), { isHead, header: request.header }), session, viewer };
    } finally {
      viewer.waiting--;
    }
  }

  #headOfPlaylist({ slug }: MediaPath, query: string, request: HlsRequest): Answer {
    if (this.#sessions.keyOf(slug) === undefined) throw new HlsProxyError('not_found', `${slug} is not being played`);
    const rendered = this.#sessions.bySlug(slug)?.peekPlaylist(readDirectives(query).lowLatency);
    if (rendered === undefined) return bare(200, { 'content-type': PLAYLIST_TYPE });
    return { ...answerPlaylist(rendered, request.header('accept-encoding')), body: [], byteLength: 0 };
  }

  #headOfBytes(media: MediaPath, request: HlsRequest): Answer {
    const stored = this.#sessions.bySlug(media.slug)?.peekBytes(media.name);
    if (stored === undefined) throw notFound(media);
    return answerBytes(stored, this.#etag(media), { isHead: true, header: request.header });
  }

  #isKnown({ slug, token }: MediaPath): boolean {
    return this.#sessions.bySlug(slug)?.audience.viewers.get(token) !== undefined || this.#mint.isOurs(slug, token);
  }

  #viewerOf(session: Session, token: string, { address, header }: HlsRequest): Viewer {
    // Once more: a session may have been waited for.
    if (this.#mint.isWorthless(token)) throw revoked();
    return session.audience.viewers.get(token) ?? this.#admit(session, token, address, header('user-agent') ?? '');
  }

  #admit(session: Session, token: string, address: string, userAgent: string): Viewer {
    const { viewers } = session.audience;
    const limit = this.#settings.limits.viewersPerSession;
    if (viewers.size >= limit) {
      const said = `${session.key} has ${viewers.size} viewers, the limit is ${limit}`;
      throw new HlsProxyError('too_many_viewers', said, { retryAfterSeconds: 10 });
    }
    return viewers.add(token, address, userAgent, !this.#mint.isOf(undefined, token));
  }

  #etag({ slug, name }: MediaPath): string {
    return `"${this.#nonce}-${slug}-${name}"`;
  }
}

/** A request waits until its player leaves or is let go. */
function patienceOf({ dismissal }: Viewer, { signal }: HlsRequest): AbortSignal {
  return dismissal === undefined ? signal : AbortSignal.any([signal, dismissal.signal]);
}

function revoked(): HlsProxyError {
  return new HlsProxyError('revoked', 'What this viewer was let in with has been revoked');
}

function notFound({ slug, name }: MediaPath): HlsProxyError {
  return new HlsProxyError('not_found', `${slug} has no ${name}`);
}
