import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { benchmarkChannel, CHANNELS, isCatalogueInfohash, resolveContentId, resolveInfohash } from './channels.ts';

const hex40 = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 40, maxLength: 40 });

test('the catalogue has a radio, an HEVC, an 8 Mbit/s and several H.264 channels', () => {
  const medias = CHANNELS.map((channel) => channel.media);
  expect(CHANNELS.length).toBeGreaterThanOrEqual(8);
  for (const media of ['radio-aac', 'hevc-aac', 'h264-aac-8m']) expect(medias).toContain(media);
  expect(medias.filter((media) => media === 'h264-aac').length).toBeGreaterThanOrEqual(2);
  expect(new Set(CHANNELS.map((channel) => channel.name)).size).toBe(CHANNELS.length);
});

test('an infohash is the sha1 of the content id', () => {
  for (const channel of CHANNELS) {
    expect(channel.infohash).toBe(createHash('sha1').update(channel.contentId!).digest('hex'));
  }
  expect(resolveContentId('1'.repeat(40))!.infohash).toBe('0a05a9e69e5757ac71c75a50418622624f042c97');
});

test('a catalogue channel is found by content id and by infohash, in any case', () => {
  for (const channel of CHANNELS) {
    expect(resolveContentId(channel.contentId!)).toBe(channel);
    expect(resolveInfohash(channel.infohash.toUpperCase())).toBe(channel);
  }
});

test('a catalogue infohash sent as a content id does not load', () => {
  for (const { infohash } of CHANNELS) {
    expect(isCatalogueInfohash(infohash.toUpperCase())).toBe(true);
    expect(resolveContentId(infohash)).toBeUndefined();
  }
});

test('any other 40 hex digits play the same thing as their infohash does', () => {
  fc.assert(
    fc.property(hex40, (id) => {
      const channel = resolveContentId(id)!;
      expect(channel.contentId).toBe(id);
      expect(resolveInfohash(channel.infohash)).toMatchObject({ media: channel.media, name: channel.name });
      expect(resolveContentId(id.toUpperCase())).toEqual(channel);
    }),
  );
});

test('other ids are spread over the loops', () => {
  const medias = Array.from(
    { length: 200 },
    (_, index) => resolveContentId(index.toString(16).padStart(40, 'a'))!.media,
  );
  expect(new Set(medias)).toEqual(new Set(['h264-aac', 'hevc-aac', 'radio-aac']));
});

test.each(['', 'bench', '1'.repeat(39), '1'.repeat(41), 'g'.repeat(40)])(
  '"%s" is neither an id nor an infohash',
  (id) => {
    expect(resolveContentId(id)).toBeUndefined();
    expect(resolveInfohash(id)).toBeUndefined();
  },
);

test('a benchmark channel of any rate is known by its content id, one of a usual rate by its infohash too', () => {
  const odd = benchmarkChannel({ bitsPerSecond: 12_345_678 });
  expect(odd.contentId).toBe('bebebebebebebebebebebebebebebe0012345678');
  expect(resolveContentId(odd.contentId!)).toEqual(odd);
  const usual = benchmarkChannel({ bitsPerSecond: 400_000_000 });
  expect(resolveInfohash(usual.infohash)).toEqual(usual);
});

test.each([499_999, 1e9 + 1, 1e6 + 0.5, Number.NaN])('a benchmark of %d bit/s is refused', (bitsPerSecond) => {
  expect(() => benchmarkChannel({ bitsPerSecond })).toThrow(RangeError);
});
