import { setTimeout as delay } from 'node:timers/promises';

/** A segment as a viewer got it. */
export interface FetchedSegment {
  readonly sequence: number;
  readonly durationMs: number;
  readonly discontinuity: boolean;
  readonly bytes: Buffer;
}

/** A player of HLS: enters, polls its playlist and fetches every segment once, in order. */
export class HlsViewer {
  readonly segments: FetchedSegment[] = [];
  /** Where its playlist is. */
  url = '';
  playlist = '';
  readonly #entry: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(entry: string, headers: Readonly<Record<string, string>> = {}) {
    this.#entry = entry;
    this.#headers = headers;
  }

  /** Loads the playlist, entering first; throws what is no playlist. */
  async load(query = ''): Promise<string> {
    const url = this.url === '' ? this.#entry : this.url + query;
    const answer = await fetch(url, { headers: this.#headers });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${answer.status} ${text}`);
    this.url = answer.url.replace(/\?.*$/, '');
    this.playlist = text;
    return text;
  }

  /** Loads the playlist and what is new in it. */
  async poll(query = ''): Promise<void> {
    await this.load(query);
    let sequence = Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(this.playlist)?.[1]);
    let discontinuity = false;
    let durationMs = 0;
    for (const line of this.playlist.split('\n')) {
      if (line.startsWith('#EXT-X-DISCONTINUITY') && !line.includes('SEQUENCE')) discontinuity = true;
      else if (line.startsWith('#EXTINF:')) durationMs = Number.parseFloat(line.slice(8)) * 1000;
      else if (line !== '' && !line.startsWith('#')) {
        if (sequence > (this.segments.at(-1)?.sequence ?? -1)) {
          const bytes = await this.fetch(line);
          this.segments.push({ sequence, durationMs, discontinuity, bytes });
        }
        sequence++;
        discontinuity = false;
      }
    }
  }

  async fetch(name: string): Promise<Buffer> {
    const answer = await fetch(new URL(name, this.url), { headers: this.#headers });
    if (!answer.ok) throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
    return Buffer.from(await answer.arrayBuffer());
  }

  /** Polls until it has so many segments. */
  async until(count: number, timeoutMs = 30_000): Promise<readonly FetchedSegment[]> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      await this.poll();
      if (this.segments.length >= count) return this.segments;
      if (performance.now() > deadline) throw new Error(`${this.segments.length} segments came, not ${count}`);
      await delay(300);
    }
  }
}
