import { once } from 'node:events';
import { createServer } from 'node:http';
import { listen } from './run-example.ts';

/** A plain file server with a live playlist on it. */
export interface FileServer {
  readonly url: string;
  /** Paths that were asked for, in order. */
  readonly requests: readonly string[];
  /** Puts segments of a second each in place, and the playlist of them. */
  publish(from: number, to: number): void;
  close(): Promise<void>;
}

export async function serveFiles(): Promise<FileServer> {
  const files = new Map<string, string>();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url!);
    const file = files.get(request.url!);
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  const origin = await listen(server);
  return {
    url: `${origin}/live.m3u8`,
    requests,
    publish(from, to) {
      const lines = ['#EXTM3U', '#EXT-X-VERSION:3', '#EXT-X-TARGETDURATION:1', `#EXT-X-MEDIA-SEQUENCE:${from}`];
      for (let number = from; number <= to; number++) {
        files.set(`/segment-${number}.ts`, `bytes of ${number}`);
        lines.push('#EXTINF:1.0,', `segment-${number}.ts`);
      }
      files.set('/live.m3u8', lines.join('\n'));
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
