import fc from 'fast-check';
import { parse, setOptions, type types } from 'hls-parser';
import { expect, test } from 'vitest';
import { formatPlaylist } from '../src/format-playlist.ts';
import { LiveWindow } from '../src/live-window.ts';
import { LIMITS, playSteps, steps } from './window-history.ts';

// What the reader has doubts about, it throws.
setOptions({ strictMode: true });

const plain = { targetDurationMs: LIMITS.targetDurationMs, ended: false, lowLatency: undefined };
const lowLatency = { ...plain, lowLatency: { partTargetMs: 333, partHoldBackMs: 1_999 } };

function read(text: string): types.MediaPlaylist {
  return parse(text) as types.MediaPlaylist;
}

test('every playlist reads back as the window that it was written from', () => {
  fc.assert(
    fc.property(steps, (history) => {
      playSteps(new LiveWindow(), history, (window) => {
        if (window.listedCount === 0) return;
        const playlist = read(formatPlaylist(window, plain));
        expect(playlist.targetDuration).toBe(6);
        expect(playlist.mediaSequenceBase ?? 0).toBe(window.mediaSequence);
        expect(playlist.discontinuitySequenceBase ?? 0).toBe(window.discontinuitySequence);
        expect(
          playlist.segments.map(({ uri, duration, discontinuity, gap, programDateTime }) => ({
            ...{
              uri,
              durationMs: Math.round(duration * 1000),
              discontinuity: discontinuity ?? false,
              gap: gap ?? false,
            },
            dateMs: programDateTime?.getTime(),
          })),
        ).toEqual(
          window.listed.map(({ number, durationMs, discontinuity, state, programDateTimeMs }) => ({
            ...{ uri: `${number}.ts`, durationMs, discontinuity, gap: state === 'lost', dateMs: programDateTimeMs },
          })),
        );
        expect(playlist.segments.flatMap(({ parts }) => parts)).toEqual([]);
      });
    }),
    { numRuns: 30 },
  );
});

test('every low-latency playlist is valid, and ends in the parts that are there and a hint at the next', () => {
  fc.assert(
    fc.property(steps, (history) => {
      const whole = history.map((step) => ({ ...step, lost: false }));
      playSteps(new LiveWindow(), whole, (window) => {
        // A short last part is listed with its whole segment, not before.
        const isShort = (window.open?.parts.at(-1)?.durationMs ?? 333) < 0.85 * 333;
        if (window.listedCount === 0 || isShort) return;
        const playlist = read(formatPlaylist(window, lowLatency));
        expect(playlist.lowLatencyCompatibility).toMatchObject({ canBlockReload: true, partHoldBack: 1.999 });
        const last = playlist.segments.at(-1)!;
        const number = window.arrivingNumber;
        const open = window.open?.parts.map((_, index) => `${number}.${index}.ts`) ?? [];
        expect(last.parts.map(({ uri }) => uri)).toEqual([...open, `${number}.${open.length}.ts`]);
        expect(last.parts.at(-1)!.hint).toBe(true);
        for (const { parts, duration } of playlist.segments.slice(0, -1)) {
          if (parts.length === 0) continue;
          expect(parts.reduce((sum, part) => sum + part.duration!, 0)).toBeCloseTo(duration, 2);
        }
      });
    }),
    { numRuns: 30 },
  );
});

test('a key is said where it changes, a map once, and both are named by us', () => {
  const window = new LiveWindow();
  const map = { data: Buffer.from('init'), extension: 'mp4' };
  const key = { data: Buffer.from('0123456789abcdef'), extension: 'key' };
  const add = (fields: object): void => {
    const stored = window.begin(
      {
        ...{ sequence: 0, discontinuity: false, programDateTimeMs: undefined, extension: 'm4s', map },
        ...{ parts: (async function* () {})(), done: Promise.resolve({ durationMs: 0 }), ...fields },
      },
      false,
    );
    window.settle(stored, { state: 'complete', durationMs: 4_000, nowMs: 0 }, LIMITS);
  };
  const iv = new Uint8Array(16).fill(7);
  add({ key: { method: 'AES-128', key, iv } });
  add({ key: { method: 'AES-128', key, iv } });
  add({});
  add({ key: { method: 'SAMPLE-AES', key: 'skd://elsewhere/1', format: 'com.apple.streamingkeydelivery' } });
  const text = formatPlaylist(window, plain);
  expect(text.match(/#EXT-X-MAP/g)).toHaveLength(1);
  expect([...text.matchAll(/#EXT-X-KEY:(.*)/g)].map(([, attributes]) => attributes)).toEqual([
    `METHOD=AES-128,URI="key1.key",IV=0x${'07'.repeat(16)}`,
    'METHOD=NONE',
    'METHOD=SAMPLE-AES,URI="skd://elsewhere/1",KEYFORMAT="com.apple.streamingkeydelivery"',
  ]);
  const { segments } = read(text);
  expect(segments.map((segment) => [segment.map.uri, segment.key?.method])).toEqual([
    ['map0.mp4', 'AES-128'],
    ['map0.mp4', 'AES-128'],
    ['map0.mp4', 'NONE'],
    ['map0.mp4', 'SAMPLE-AES'],
  ]);
});

test('a segment longer than the target duration does not say so', () => {
  const window = new LiveWindow();
  const step = { durationMs: 9_000, partMs: 9_000, bytes: 1, discontinuity: false, lost: false, dated: false };
  playSteps(window, [step, step], () => {});
  expect(formatPlaylist(window, plain)).toContain('#EXTINF:6.00000,');
});
