/** Somebody who watches until disposed of. */
export interface Viewer extends AsyncDisposable {
  readonly bytes: number;
}

/** A content id of the simulators' catalogue: 40 times one digit. */
export const channel = (digit: number): string => String(digit).repeat(40);

/** Plays a channel as a player does and throws the bytes away. Resolves when the first have come. */
export async function watch(origin: string, id: string, userAgent = 'VLC/3.0.20 LibVLC/3.0.20'): Promise<Viewer> {
  const leaving = new AbortController();
  const response = await fetch(`${origin}/ace/getstream?id=${id}`, {
    signal: leaving.signal,
    headers: { 'user-agent': userAgent },
  });
  if (!response.ok) throw new Error(`${id} does not play: ${await response.text()}`);
  const reader = response.body!.getReader();
  let bytes = (await reader.read()).value?.length ?? 0;
  const reading = (async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      bytes += value.length;
    }
  })().catch(() => undefined);
  return {
    get bytes() {
      return bytes;
    },
    async [Symbol.asyncDispose]() {
      leaving.abort();
      await reading;
    },
  };
}

/** Takes the newest segment of a channel's playlist as an HLS player does, or the newest part with low latency. */
export async function takeHls(origin: string, id: string, lowLatency = false): Promise<void> {
  const headers = { 'user-agent': lowLatency ? 'part taker' : 'segment taker' };
  const playlist = await fetch(`${origin}/ace/manifest.m3u8?id=${id}${lowLatency ? '&ll=1' : ''}`, { headers });
  const names = [...(await playlist.text()).matchAll(lowLatency ? /^#EXT-X-PART:.*URI="([^"]+)"/gm : /^([^#].+)$/gm)];
  const name = names.at(-1)?.[1];
  if (name === undefined) throw new Error(`${id} has no ${lowLatency ? 'part' : 'segment'}`);
  await (await fetch(new URL(name, playlist.url), { headers })).arrayBuffer();
}
