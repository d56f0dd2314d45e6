/** What was asked about one content since the simulator was created (crashes included), for tests to assert. */
export interface ContentCounts {
  /** Successful starts (`getstream`, `manifest.m3u8`). */
  starts: number;
  /** Downloads begun: a start that found one running begins none. */
  downloads: number;
  /** Progressive bodies opened. */
  readers: number;
  /** Second readers turned away with broken HTTP. */
  refusedReaders: number;
  /** Playlists served. */
  playlists: number;
  /** Segments served. */
  segments: number;
  /** Stop commands that ended a download. */
  stops: number;
  /** Stop commands for a session that was not there. */
  lateStops: number;
}

/** Counts by infohash. */
export class CountsByContent {
  readonly #counts = new Map<string, ContentCounts>();

  of(infohash: string): ContentCounts {
    let counts = this.#counts.get(infohash);
    if (!counts) {
      counts = {
        starts: 0,
        downloads: 0,
        readers: 0,
        refusedReaders: 0,
        playlists: 0,
        segments: 0,
        stops: 0,
        lateStops: 0,
      };
      this.#counts.set(infohash, counts);
    }
    return counts;
  }

  snapshot(): Readonly<Record<string, Readonly<ContentCounts>>> {
    return Object.fromEntries([...this.#counts].map(([infohash, counts]) => [infohash, { ...counts }]));
  }
}
