/**
 * All four libraries: a pool of AceStream engines behind one address, `node ace-server.ts http://127.0.0.1:6878 8000`,
 * then open http://localhost:8000/<infohash>.ts or http://localhost:8000/<infohash>.m3u8. Each channel is played once.
 */
import { createServer } from 'node:http';
import { EngineOrchestrator, staticRuntime } from '@acestream-orchestrator/engine-orchestrator';
import { AceEngineClient, aceProbe, parseContentRef } from '@acestream-orchestrator/engine-orchestrator/ace';
import { HlsProxy } from '@acestream-orchestrator/hls-proxy';
import { httpSource, MpegTsProxy, type OpenSource } from '@acestream-orchestrator/mpegts-proxy';
import { PerfMetrics } from '@acestream-orchestrator/perf-metrics';

const [engineUrls = 'http://127.0.0.1:6878', port = '8000'] = process.argv.slice(2);
const metrics = new PerfMetrics<'open'>({ operations: ['open'] });
const engines = new EngineOrchestrator({ runtime: staticRuntime(engineUrls.split(',')), probe: aceProbe() });
/** A source is a leased engine that plays the channel; one that cannot gives its lease back. */
const open: OpenSource = async (infohash, { signal, failed }) => {
  const lease = await engines.acquire(infohash, { signal, avoid: failed.map(({ id }) => id) });
  try {
    const engine = new AceEngineClient(lease.engine);
    const session = await metrics.measure('open', () => engine.open(parseContentRef({ infohash }), { signal }));
    const close = (): Promise<void> => engine.stop(session).then(() => lease.release());
    const { chunks } = await httpSource(session.playbackUrl, { signal: AbortSignal.any([signal, lease.signal]) });
    return { id: lease.engine.id, chunks, close };
  } catch (error) {
    await lease.release('engine-bad');
    throw error;
  }
};
const streams = new MpegTsProxy({ open, linger: { ms: 5_000 } });
const hls = new HlsProxy({ open: (infohash, { signal }) => streams.segments(infohash, { signal }) });
const servePlaylist = hls.nodeHandler();
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname === '/metrics') return response.end(JSON.stringify(metrics.report()));
  if (!pathname.endsWith('.ts') || pathname.includes('/hls/')) return servePlaylist(request, response);
  return streams.attach(pathname.slice(1, -3), response).catch(() => response.writeHead(503).end());
});
await engines.start();
server.listen(Number(port), () => console.log(`Open http://localhost:${port}/<infohash>.ts`));
process.once('SIGTERM', () => Promise.all([hls.close(), streams.close(), engines.close(), server.close()]));
