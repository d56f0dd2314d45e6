import { type Channel, infohashOf } from './channel.ts';
import { type LoopName, MEDIA_LOOPS } from './playout/media-loops.ts';

export type { Channel, ChannelMedia } from './channel.ts';

/** Content ids of benchmark channels: this prefix and the bit rate, ten decimal digits. */
const BENCHMARK_PREFIX = 'bebebebebebebebebebebebebebebe';
const HEX_40 = /^[0-9a-f]{40}$/;

type Origin = Partial<Pick<Channel, 'categories' | 'languages' | 'countries'>>;

function channel(digit: string, name: string, media: LoopName, origin: Origin = {}): Channel {
  const contentId = digit.repeat(40);
  const { bitsPerSecond } = MEDIA_LOOPS[media];
  const { categories = [], languages = ['eng'], countries = ['gb'] } = origin;
  return { contentId, infohash: infohashOf(contentId), name, media, bitsPerSecond, categories, languages, countries };
}

/** The catalogue: what the search finds. Content ids are 40 times one digit. */
export const CHANNELS: readonly Channel[] = [
  channel('1', 'Test Card One', 'h264-aac', { categories: ['general'] }),
  channel('2', 'Test Card Two', 'h264-aac', { categories: ['general'], languages: ['spa'], countries: ['es'] }),
  channel('3', 'Colour Bars Sport', 'h264-aac', { categories: ['sport'] }),
  channel('4', 'Moving Pattern News', 'h264-aac', {
    categories: ['informational'],
    languages: ['deu'],
    countries: ['de'],
  }),
  channel('5', 'Big Picture 1080', 'h264-aac-8m', { categories: ['movies'] }),
  channel('6', 'Big Picture Sport', 'h264-aac-8m', { categories: ['sport'], languages: ['fra'], countries: ['fr'] }),
  channel('7', 'Narrow Band HEVC', 'hevc-aac', { categories: ['documentaries'] }),
  channel('8', 'Pure Tone Radio', 'radio-aac', { categories: ['music'] }),
  channel('9', 'Second Tone Radio', 'radio-aac', { categories: ['music'], languages: ['ita'], countries: ['it'] }),
];

/** The loops that ids outside the catalogue play; by the first byte of the infohash. */
const OTHER_LOOPS: readonly LoopName[] = ['h264-aac', 'h264-aac', 'hevc-aac', 'radio-aac'];

/**
 * A synthetic channel of any bit rate, each packet numbered and stamped with the time it is due. Its content id says the
 * rate, so every simulator knows it by that id.
 *
 * @throws RangeError unless the rate is a whole number from 500 kbit/s to 1 Gbit/s.
 */
export function benchmarkChannel({ bitsPerSecond }: { readonly bitsPerSecond: number }): Channel {
  if (!Number.isInteger(bitsPerSecond) || bitsPerSecond < 500_000 || bitsPerSecond > 1e9) {
    throw new RangeError(
      `benchmark: bitsPerSecond must be a whole number from 500000 to 1000000000, got ${bitsPerSecond}`,
    );
  }
  const contentId = `${BENCHMARK_PREFIX}${String(bitsPerSecond).padStart(10, '0')}`;
  return {
    contentId,
    infohash: infohashOf(contentId),
    name: `Benchmark ${bitsPerSecond / 1e6} Mbit/s`,
    media: { bitsPerSecond },
    bitsPerSecond,
    categories: ['other'],
    languages: [],
    countries: [],
  };
}

/** Benchmark channels that are also known by infohash (a sha1 cannot be turned back into a rate). */
const BENCHMARKS: readonly Channel[] = [1, 2, 4, 5, 8, 10, 20, 50, 100, 200, 400].map((megabits) =>
  benchmarkChannel({ bitsPerSecond: megabits * 1e6 }),
);

const byInfohash = new Map<string, Channel>([...CHANNELS, ...BENCHMARKS].map((known) => [known.infohash, known]));

/** True for an infohash of the catalogue; sent as a content id it fails, as on a real engine. */
export function isCatalogueInfohash(hash: string): boolean {
  return byInfohash.has(hash.toLowerCase());
}

/**
 * What an engine plays for a content id: a catalogue channel, a benchmark channel, or for any other 40 hex digits one
 * of the loops, always the same. `undefined` when it is not 40 hex digits or is a catalogue channel's infohash: a real
 * engine answers "failed to load content".
 */
export function resolveContentId(contentId: string): Channel | undefined {
  const id = contentId.toLowerCase();
  if (!HEX_40.test(id) || isCatalogueInfohash(id)) return undefined;
  const rate = id.startsWith(BENCHMARK_PREFIX) ? Number(id.slice(BENCHMARK_PREFIX.length)) : Number.NaN;
  if (rate >= 500_000 && rate <= 1e9) return benchmarkChannel({ bitsPerSecond: rate });
  const known = resolveInfohash(infohashOf(id))!;
  return known.contentId === null ? { ...known, contentId: id } : known;
}

/** What an engine plays for an infohash; `undefined` when it is not 40 hex digits. */
export function resolveInfohash(infohash: string): Channel | undefined {
  const hash = infohash.toLowerCase();
  if (!HEX_40.test(hash)) return undefined;
  return byInfohash.get(hash) ?? otherChannel(hash);
}

function otherChannel(infohash: string): Channel {
  const media = OTHER_LOOPS[Number.parseInt(infohash.slice(0, 2), 16) % OTHER_LOOPS.length]!;
  const { bitsPerSecond } = MEDIA_LOOPS[media];
  const name = `Channel ${infohash.slice(0, 8)}`;
  return { contentId: null, infohash, name, media, bitsPerSecond, categories: ['other'], languages: [], countries: [] };
}
