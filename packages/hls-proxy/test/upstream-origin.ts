import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listening } from './stage.ts';

type Reply = string | Uint8Array | ((request: IncomingMessage, response: ServerResponse) => void);

/** A server that somebody else's playlists and segments are on. */
export interface UpstreamOrigin extends AsyncDisposable {
  readonly url: string;
  /** What is at a path with its query. Anything else is answered with 404. */
  readonly files: Map<string, Reply>;
  /** Paths that were asked for, in order. */
  readonly requests: readonly string[];
  /** Most requests that were being answered at a time. */
  readonly busiest: number;
  /** Requests of a path. */
  count(path: string): number;
}

export async function upstreamOrigin(): Promise<UpstreamOrigin> {
  const files = new Map<string, Reply>();
  const requests: string[] = [];
  let running = 0;
  let busiest = 0;
  const server = createServer((request, response) => {
    requests.push(request.url!);
    busiest = Math.max(busiest, ++running);
    response.once('close', () => running--);
    const reply = files.get(request.url!);
    if (reply === undefined) response.writeHead(404).end('nothing here');
    else if (typeof reply === 'function') reply(request, response);
    // A moment, so that requests of the same time are answered beside each other.
    else setTimeout(() => response.end(reply), 5);
  });
  const url = await listening(server);
  return {
    ...{ url, files, requests },
    get busiest() {
      return busiest;
    },
    count: (path) => requests.filter((request) => request === path).length,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The text of a live playlist. */
export function livePlaylist(first: number, uris: readonly string[], tags: readonly string[] = []): string {
  const head = ['#EXTM3U', '#EXT-X-VERSION:3', '#EXT-X-TARGETDURATION:5', `#EXT-X-MEDIA-SEQUENCE:${first}`, ...tags];
  return [...head, ...uris.flatMap((uri) => ['#EXTINF:4.0,', uri]), ''].join('\n');
}

/** `from.ts` to `to.ts` as a window of a live playlist, the segments put in place. */
export function putWindow({ files }: UpstreamOrigin, from: number, to: number): void {
  const numbers = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  for (const number of numbers) files.set(`/${number}.ts`, `segment ${number}`);
  files.set(
    '/live.m3u8',
    livePlaylist(
      from,
      numbers.map((number) => `${number}.ts`),
    ),
  );
}
