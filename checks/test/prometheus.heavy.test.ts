import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithTools, runProcess } from '@acestream-orchestrator/engine-simulator/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPage, sectionAt, tableRows } from '../src/markdown.ts';
import { repository } from '../src/repository.ts';
import { scrapeWhilePlaying } from '../src/scrape.ts';
import { startServer } from '../src/server-process.ts';

/** What Prometheus would have named otherwise: totals of prom-client's own, and a rate in bits. */
const accepted =
  /^(nodejs_active_\w+_total non-counter metrics should not have|orch_stream_bits_per_second use base unit)/;

describeWithTools(describe, ['promtool'], 'Prometheus', ({ promtool }) => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('reads what the server says while it plays, and finds little to wish for', async () => {
    await using server = await startServer([process.execPath, join(repository, 'apps/server/dist/main.js')]);
    const file = join(folder, 'metrics.txt');
    writeFileSync(file, await scrapeWhilePlaying(server.origin, '1'.repeat(40)));
    const { exitCode, stderr } = await runProcess('sh', ['-c', '"$0" check metrics <"$1"', promtool, file]);
    expect([0, 3]).toContain(exitCode); // 3: it can be read, and could be named better.
    expect(stderr.split('\n').filter((line) => line !== '' && !accepted.test(line))).toEqual([]);
  });

  it('takes the scrape configuration in deploy/', async () => {
    const { exitCode, stderr } = await runProcess(promtool, [
      'check',
      'config',
      join(repository, 'deploy/prometheus.yml'),
    ]);
    expect([exitCode, stderr]).toEqual([0, '']);
  });

  it('understands the queries in the documentation', async () => {
    const queries = tableRows(sectionAt(readPage('docs/metrics.md'), '## Prometheus', /^### /)).map(
      ([, query]) => query,
    );
    expect(queries.length).toBeGreaterThan(3);
    const file = join(folder, 'rules.yml');
    const rules = queries.map((expr, index) => ({ record: `query:${index}`, expr }));
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'documentation', rules }] }));
    const { exitCode, stdout, stderr } = await runProcess(promtool, ['check', 'rules', file]);
    expect([exitCode, stderr], stdout).toEqual([0, '']);
  });
});
