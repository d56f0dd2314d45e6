import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../../apps/server/src/operations.ts';
import { readPage, sectionAt, tableRows } from '../src/markdown.ts';
import { repository } from '../src/repository.ts';
import { parseScrape, type ScrapedMetric, scrapeWhilePlaying } from '../src/scrape.ts';
import { startServer } from '../src/server-process.ts';

const page = readPage('docs/metrics.md');
const documented = tableRows(page.slice(page.indexOf('\n### ')));

describe('the page of metrics', () => {
  let metrics: ScrapedMetric[];
  beforeAll(async () => {
    const source = '--conditions=@acestream-orchestrator/source';
    await using server = await startServer([process.execPath, source, join(repository, 'apps/server/src/main.ts')]);
    metrics = parseScrape(await scrapeWhilePlaying(server.origin, '1'.repeat(40)));
  });

  it('names every metric of a server that plays, and no other, with its type', () => {
    const named = documented.map(([name, type]) => `${name} ${type}`);
    const shown = metrics.map(({ name, type }) => `${name} ${type}`);
    const isPortable = (each: string): boolean => process.platform === 'linux' || !each.startsWith('process_');
    expect(named.filter(isPortable).sort()).toEqual(shown.filter(isPortable).sort());
  });

  it('names their labels', () => {
    const labels = new Map(documented.map(([name, , cell = '']) => [name, (cell.match(/\w+/g) ?? []).sort()]));
    const sampled = metrics.filter((metric) => metric.labels !== undefined);
    expect(sampled.map(({ name }) => name)).toEqual(
      expect.arrayContaining(metrics.filter(({ name }) => name.startsWith('orch_')).map(({ name }) => name)),
    );
    for (const metric of sampled) expect([metric.name, labels.get(metric.name)]).toEqual([metric.name, metric.labels]);
  });

  it('asks Prometheus for metrics that exist', () => {
    const names = metrics.flatMap(({ name, type }) => (type === 'histogram' ? [name, `${name}_bucket`] : [name]));
    const queried = [...sectionAt(page, '## Prometheus', /^### /).matchAll(/\borch_\w+/g)].map(([name]) => name);
    expect(queried.length).toBeGreaterThan(5);
    expect(queried.filter((name) => !names.includes(name))).toEqual([]);
  });
});

it('the page of metrics names every timed operation', () => {
  const rows = tableRows(sectionAt(page, '## Operations', /^## /));
  expect(rows.map(([operation]) => operation)).toEqual([...operations]);
});
