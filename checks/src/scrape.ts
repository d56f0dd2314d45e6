import { setTimeout as wait } from 'node:timers/promises';

export interface ScrapedMetric {
  readonly name: string;
  readonly type: string;
  /** Names of labels that its samples have, sorted; `undefined` when it has no sample. Bounds of buckets are none. */
  readonly labels: readonly string[] | undefined;
}

/**
 * What `/metrics` of a server says once something is played as MPEG-TS and as HLS there, so that every metric of its own
 * has a sample.
 */
export async function scrapeWhilePlaying(origin: string, contentId: string): Promise<string> {
  const player = new AbortController();
  const stream = await fetch(`${origin}/ace/getstream?id=${contentId}`, { signal: player.signal });
  await stream.body!.getReader().read();
  const playlist = await fetch(`${origin}/ace/manifest.m3u8?id=${contentId}`);
  const [segment = ''] = (await playlist.text()).split('\n').filter((line) => /^[^#]/.test(line));
  await (await fetch(new URL(segment, playlist.url))).arrayBuffer();
  await fetch(`${origin}/engines`);
  await wait(100); // The request before counts when its answer has been sent.
  const text = await (await fetch(`${origin}/metrics`)).text();
  player.abort();
  return text;
}

/** Reads the text format of Prometheus. */
export function parseScrape(text: string): ScrapedMetric[] {
  const samples = [...text.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)].map(([, sample = '', labels = '']) => ({
    sample,
    labels: [...labels.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)]
      .map(([, label = '']) => label)
      .filter((label) => label !== 'le'),
  }));
  return [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name = '', type = '']) => {
    const names = type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
    const own = samples.filter(({ sample }) => names.includes(sample));
    return {
      name,
      type,
      labels: own.length === 0 ? undefined : [...new Set(own.flatMap(({ labels }) => labels))].sort(),
    };
  });
}
