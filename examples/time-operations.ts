/**
 * Times what a server does: `node time-operations.ts 8000`, then look at http://localhost:8000/report?window=60 and let
 * Prometheus scrape http://localhost:8000/metrics.
 */
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { PerfMetrics } from '@acestream-orchestrator/perf-metrics';
import { registerPerfMetrics } from '@acestream-orchestrator/perf-metrics/prometheus';
import { Registry } from 'prom-client';

const [port = '8000'] = process.argv.slice(2);
const metrics = new PerfMetrics({ operations: ['render', 'scrape'] });
const registry = new Registry();
registerPerfMetrics(metrics, registry, { prefix: 'example_' });

async function render(name: string): Promise<string> {
  await pause(5);
  if (name === '/') throw new Error('Whom shall I greet?');
  return `Hello, ${name.slice(1)}!\n`;
}

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  try {
    if (pathname === '/metrics') {
      response.end(await metrics.measure('scrape', () => registry.metrics()));
    } else if (pathname === '/report') {
      const windowSeconds = Number(searchParams.get('window') ?? 60);
      response.end(JSON.stringify(metrics.report({ windowSeconds })));
    } else {
      response.end(await metrics.measure('render', () => render(pathname)));
    }
  } catch (error) {
    response.writeHead(400).end(`${(error as Error).message}\n`);
  }
});
server.listen(Number(port), () => console.log(`Open http://localhost:${port}/world`));
process.once('SIGTERM', () => server.close());
