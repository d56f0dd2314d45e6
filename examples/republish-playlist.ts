/**
 * Somebody's live playlist, for any number of viewers: `node republish-playlist.ts http://files.local/live.m3u8 8000`,
 * then open http://localhost:8000/live.m3u8 in as many players as you like. The file server sees each segment fetched
 * once, and nothing while nobody watches.
 */
import { createServer } from 'node:http';
import { fromPlaylist, HlsProxy } from '@acestream-orchestrator/hls-proxy';

const [playlistUrl, port = '8000'] = process.argv.slice(2);
if (playlistUrl === undefined) throw new Error('Usage: republish-playlist.ts <URL of a live playlist> [port]');

const proxy = new HlsProxy({
  // Whatever the player asks for, this is what is played.
  keyOf: (url) => (url.pathname.endsWith('.m3u8') ? playlistUrl : undefined),
  open: (url, { signal }) => fromPlaylist(url, { signal }),
  on: {
    viewerStart: ({ address, userAgent }) => console.log(`${address} watches with ${userAgent}`),
    viewerEnd: ({ address, bytesSent }) => console.log(`${address} has left after ${bytesSent} bytes`),
  },
});

const server = createServer(proxy.nodeHandler());
server.listen(Number(port), () => console.log(`Open http://localhost:${port}/live.m3u8 in a player`));

process.once('SIGTERM', async () => {
  server.close();
  server.closeAllConnections();
  await proxy.close();
});
