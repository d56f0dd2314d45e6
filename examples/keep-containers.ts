// Keeps three web servers running in Docker: kill one, and another takes its place. Ctrl-C removes them.
// node keep-containers.ts [image] [port inside] [path that answers] [name of this installation]
import { EngineOrchestrator, type Probe } from '@acestream-orchestrator/engine-orchestrator';
import { dockerRuntime } from '@acestream-orchestrator/engine-orchestrator/docker';

const [image = 'nginx:alpine', port = '80', path = '/', instance = 'three-web-servers'] = process.argv.slice(2);
const spec = { image, ports: { http: { container: Number(port) } } };
const runtime = dockerRuntime({ instance, name: 'web', spec });
const probe: Probe = async ({ host, port }, { signal }) => {
  const { status } = await fetch(`http://${host}:${port}${path}`, { signal });
  return status < 500 ? { ok: true } : { ok: false, reason: `status ${status}` };
};
const pool = new EngineOrchestrator({
  runtime,
  probe,
  minReplicas: 3,
  freeReplicas: 0,
  on: {
    engineReady: ({ engine }) => console.log(`${engine.name} answers at http://${engine.host}:${engine.port}/`),
    engineLost: ({ engine }) => console.log(`${engine.name} is gone`),
    provisionFailed: ({ error }) => console.error(error),
  },
});
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await pool.close({ engines: 'remove' });
    await runtime.close();
  });
}
await pool.start();
