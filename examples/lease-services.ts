/**
 * Spreads jobs over HTTP services, two at a time on each, past those that are down:
 * `node lease-services.ts http://10.0.0.1:8080 http://10.0.0.2:8080 http://10.0.0.3:8080`.
 */
import { EngineOrchestrator, type Probe, staticRuntime } from '@acestream-orchestrator/engine-orchestrator';

const probe: Probe = async ({ host, port }, { signal }) => {
  const { ok, status } = await fetch(`http://${host}:${port}/health`, { signal });
  return ok ? { ok } : { ok, reason: `/health answered ${status}` };
};

const services = new EngineOrchestrator({
  runtime: staticRuntime(process.argv.slice(2)),
  probe,
  maxLeasesPerEngine: 2,
});

/** Waits for the best free service; where that one fails, the job goes to another. */
async function run(job: string, failed: readonly string[] = []): Promise<string> {
  const lease = await services.acquire(job, { exclude: failed });
  const { id, name, host, port } = lease.engine;
  try {
    const response = await fetch(`http://${host}:${port}/${job}`, { signal: lease.signal });
    if (!response.ok) throw new Error(`${name} answered ${response.status}`);
    const answer = await response.text();
    await lease.release();
    return `${job}: ${name} says ${answer}`;
  } catch {
    await lease.release('engine-bad');
    return run(job, [...failed, id]);
  }
}

await services.start();
const jobs = Array.from({ length: 12 }, (_, index) => `job-${index}`);
await Promise.all(jobs.map(async (job) => console.log(await run(job))));
await services.close();
