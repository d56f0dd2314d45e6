import { openPlayout, type Playout, resolveContentId } from '@acestream-orchestrator/engine-simulator';
import { SegmentChecker } from '@acestream-orchestrator/engine-simulator/testing';
import { HlsProxy } from '@acestream-orchestrator/hls-proxy';
import { MpegTsProxy, type SpliceKind } from '@acestream-orchestrator/mpegts-proxy';
import { type FakeSource, fakeClock, fakeSource } from '@acestream-orchestrator/mpegts-proxy/testing';
import HlsParser from 'hls-parser';
import { expect, it } from 'vitest';
import { channel } from './serve.ts';

const hourMs = 3_600_000;
const stepMs = 500;
const pollMs = 2_000;
/** Engines die so often; every other one cannot be continued exactly, which a session forgives twice in 180 s. */
const deathMs = 90_000;
const cutBackMs = 1_800_000;
const next: readonly SpliceKind[] = ['exact', 'gap', 'exact', 'cut'];

/** An engine that sends a content as it becomes due, from some of its past on. */
class Engine {
  readonly source: FakeSource;
  readonly #playout: Playout;
  #offset: number;

  constructor(id: string, playout: Playout, startWallMs: number) {
    this.source = fakeSource(id);
    this.#playout = playout;
    this.#offset = playout.offsetAt(startWallMs);
  }

  send(wallMs: number): void {
    const until = this.#playout.offsetAt(wallMs);
    if (until > this.#offset) this.source.push(this.#playout.read(this.#offset, until - this.#offset));
    this.#offset = until;
  }
}

it.each([
  ['H.264', 1],
  ['radio', 8],
])(
  'an hour of %s with an engine that dies every 90 s: every playlist and every segment is right',
  async (_name, digit) => {
    const clock = fakeClock();
    const playout = openPlayout(resolveContentId(channel(digit))!);
    const splices: SpliceKind[] = [];
    let deaths = 0;
    let engine: Engine | undefined;
    // Behind the broadcast: what a cut goes back by cannot be matched with anything.
    let lagMs = 0;
    const proxy = new MpegTsProxy({
      clock,
      on: { spliced: ({ splice }) => void splices.push(splice) },
      open: async () => {
        const wanted = deaths === 0 ? 'exact' : next[(deaths - 1) % next.length];
        if (wanted === 'cut') lagMs += cutBackMs;
        const pastMs = wanted === 'gap' ? 0 : 12_000;
        engine = new Engine(`engine-${deaths}`, playout, clock.wallNow() - lagMs - pastMs);
        return engine.source;
      },
    });
    const hls = new HlsProxy({ clock, open: (key, { signal }) => proxy.segments(key, { signal }) });
    const checker = new SegmentChecker();
    let lastNumber = -1;
    let lastDiscontinuity = 0;

    const poll = async (): Promise<void> => {
      const text = (await hls.playlist('a')).toString();
      const playlist = HlsParser.parse(text) as HlsParser.types.MediaPlaylist;
      expect(playlist.discontinuitySequenceBase ?? 0).toBeGreaterThanOrEqual(lastDiscontinuity);
      lastDiscontinuity = playlist.discontinuitySequenceBase ?? 0;
      for (const segment of playlist.segments) {
        expect(segment.duration).toBeLessThanOrEqual(playlist.targetDuration);
        if (segment.mediaSequenceNumber <= lastNumber) continue;
        lastNumber = segment.mediaSequenceNumber;
        const { data } = await hls.segment('a', segment.uri);
        checker.push({
          sequence: segment.mediaSequenceNumber,
          durationMs: segment.duration * 1000,
          discontinuity: segment.discontinuity === true,
          bytes: Buffer.concat(data),
        });
      }
    };

    let playable = false;
    const first = poll().then(() => {
      playable = true;
    });
    for (let elapsedMs = 0; elapsedMs < hourMs; elapsedMs += stepMs) {
      engine?.send(clock.wallNow() - lagMs);
      await clock.advance(stepMs);
      if (!playable) continue;
      if (elapsedMs % deathMs === deathMs - stepMs && elapsedMs < hourMs - deathMs / 2) {
        deaths++;
        engine?.source.fail(new Error('killed'));
        engine = undefined;
      }
      if (elapsedMs % pollMs === 0) await poll();
    }

    await first;
    const { segments, discontinuities, faults } = checker.finish();
    // A source that is ahead may happen to begin with the very next frame: that is a gap of nothing, and still told.
    expect(faults.filter(({ kind }) => kind !== 'needless')).toEqual([]);
    expect(splices).toHaveLength(deaths);
    for (const kind of ['exact', 'gap', 'cut']) expect(splices).toContain(kind);
    expect(discontinuities).toHaveLength(splices.filter((splice) => splice !== 'exact').length);
    expect(segments).toBeGreaterThan(650);
    await hls.close();
    await proxy.close();
    expect(clock.pending).toBe(0);
  },
  240_000,
);
