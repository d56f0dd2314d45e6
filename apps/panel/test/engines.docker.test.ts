import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  describeWithTools,
  type RegistryProcess,
  simulatorImage,
  spawnRegistry,
} from '@acestream-orchestrator/engine-simulator/testing';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DockerEngines, dockerEngines } from '../../server/test/docker-engines.ts';
import { type PublishedImage, publishedImage } from '../../server/test/published-image.ts';
import { type SlowRelay, slowRelay } from '../../server/test/slow-relay.ts';
import { seriousFaults } from './stage/accessibility.ts';
import { launchBrowser, type OpenedPage, openPanel } from './stage/browser.ts';
import { key, type ServerProcess, startServer } from './stage/server.ts';
import { channel, watch } from './stage/viewer.ts';

/** For people to look at. */
const shots = fileURLToPath(new URL('../reports/screenshots/', import.meta.url));
/** Slow enough that a download is seen on its way, for four seconds. */
const newerBytes = 20_000_000;
const downloadBytesPerSecond = 5_000_000;

interface Engine {
  readonly container_id: string;
  readonly container_name: string;
  readonly ready: boolean;
  readonly leases: number;
}

const tools = ['chromium', 'docker', 'docker-registry', 'ldd', 'tar'] as const;

describeWithTools(describe, tools, 'the panel of a server that makes its engines in containers', ({ chromium }) => {
  let browser: Browser;
  let registry: RegistryProcess;
  let slowly: SlowRelay;
  let engines: DockerEngines;
  let image: PublishedImage;
  let server: ServerProcess;
  let panel: OpenedPage;
  let page: Page;
  let main: Locator;

  beforeAll(async () => {
    await mkdir(shots, { recursive: true });
    [browser, registry, engines] = await Promise.all([
      launchBrowser(chromium),
      spawnRegistry(),
      dockerEngines({ ports: '19150-19199' }),
    ]);
    slowly = await slowRelay(registry.host, downloadBytesPerSecond);
    image = await publishedImage(engines, { registry: slowly.host, base: engines.env['ENGINE_IMAGE'] });
    const env = { ...engines.env, ENGINE_IMAGE: image.name, MIN_REPLICAS: '1', MIN_FREE_REPLICAS: '0' };
    server = await startServer({ ...env, MAX_REPLICAS: '4', LINGER_MS: '1000' });
    panel = await openPanel(browser, server.origin, { key });
    page = panel.page;
    main = page.getByRole('main');
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
    await image?.[Symbol.asyncDispose]();
    await engines?.[Symbol.asyncDispose]();
    await slowly?.[Symbol.asyncDispose]();
    await registry?.[Symbol.asyncDispose]();
  }, 60_000);

  const list = async (): Promise<readonly Engine[]> =>
    (await (await fetch(`${server.origin}/engines`)).json()) as readonly Engine[];
  const ready = (count: number): Promise<readonly Engine[]> =>
    expect
      .poll(async () => (await list()).filter((engine) => engine.ready).length, { timeout: 60_000 })
      .toBe(count)
      .then(list);
  const row = (name: string): Locator => page.getByRole('row').filter({ hasText: name });
  const act = async (name: string, action: string): Promise<void> => {
    await page.getByRole('button', { name: `Actions for ${name}` }).click();
    await page.getByRole('menuitem', { name: action }).click();
  };
  const write = (engine: Engine, line: string): Promise<string> =>
    engines.docker('exec', engine.container_id, '/bin/node', '-e', `fs.writeFileSync('/proc/1/fd/1', '${line}\\n')`);

  it('starts an engine, which is there when it answers', async () => {
    await ready(1);
    await panel.go('/engines');
    await row('acestream-1').getByText('Ready').waitFor();
    await page.getByRole('button', { name: 'Start an engine' }).click();
    await page.getByRole('button', { name: 'Start engine' }).click();
    await row('acestream-2').getByText('Ready').waitFor({ timeout: 60_000 });
    expect((await engines.running()).size).toBe(2);
  });

  it('shows what an engine uses as charts, and its log as it is written', async () => {
    await using _viewer = await watch(server.origin, channel(1));
    const engine = (await list()).find(({ leases }) => leases > 0)!;
    const requests: string[] = [];
    page.on('request', (request) => request.url().includes('/logs') && requests.push(request.url()));
    await panel.go(`/engines/${engine.container_id}`);
    const log = page.getByRole('log');
    await log.getByText('listening on').waitFor();

    await write(engine, 'one of a kind');
    await log.getByText('one of a kind').waitFor();
    await page.getByLabel('Search the log').fill('OF A KIND');
    await main.getByText(/^1 of \d+ lines$/).waitFor();
    expect(await log.getByRole('listitem').count()).toBe(1);
    await page.getByLabel('Search the log').fill('');
    await page.getByRole('button', { name: 'Pause' }).click();
    await write(engine, 'while it is held');
    await page.getByRole('button', { name: 'Resume (1 new)' }).waitFor();
    expect(await log.getByText('while it is held').count()).toBe(0);
    await page.getByRole('button', { name: /^Resume/ }).click();
    await log.getByText('while it is held').waitFor();

    for (const [chart, figure] of [
      ['CPU', /now [\d.]+ %/],
      ['Memory', /now [\d.]+ MiB/],
      ['Network', /Sent: now .*[MKk]?bit\/s, between .* and [\d.]+ Mbit\/s/],
      ['Disk', /Written: now/],
    ] as const) {
      const label = (): Promise<string | null> =>
        page.getByRole('img', { name: new RegExp(`^${chart}\\.`) }).getAttribute('aria-label');
      await expect.poll(label, { timeout: 30_000 }).toMatch(figure);
    }
    // One request for all of it: the log comes by itself.
    expect(requests).toHaveLength(1);
    await photograph(panel, 'docker-engine');

    await server.kill();
    await main.getByText('Reconnecting').waitFor();
    await write(engine, 'while nobody listened');
    await server.restart();
    await log.getByText('while nobody listened').waitFor({ timeout: 30_000 });
    expect(await log.getByText('one of a kind').count()).toBe(1);
    await main.getByText('Live', { exact: true }).waitFor();
  });

  it('drains an engine and uses it again, restarts it, removes it, and says whom that hits', async () => {
    await using _viewer = await watch(server.origin, channel(2));
    await ready(2);
    const playing = (await list()).find(({ leases }) => leases > 0)!;
    const idle = (await list()).find(({ leases }) => leases === 0)!;
    await panel.go('/engines');
    await act(idle.container_name, 'Drain');
    await page.getByText('It plays nothing now.').waitFor();
    await page.getByRole('button', { name: 'Drain engine' }).click();
    await row(idle.container_name).getByText('Draining').waitFor();
    await act(idle.container_name, 'Resume');
    await row(idle.container_name).getByText('Ready').waitFor();

    const startedAt = (): Promise<string> =>
      engines.docker('inspect', '--format', '{{.State.StartedAt}}', idle.container_id);
    const before = await startedAt();
    await act(idle.container_name, 'Restart');
    await page.getByRole('button', { name: 'Restart engine' }).click();
    await expect.poll(startedAt, { timeout: 60_000 }).not.toBe(before);
    await row(idle.container_name).getByText('Ready').waitFor({ timeout: 60_000 });

    await act(playing.container_name, 'Remove');
    await page.getByText('It plays 1 stream for 1 viewer.').waitFor();
    await page.getByRole('button', { name: 'Remove engine' }).click();
    await expect.poll(() => row(playing.container_name).count(), { timeout: 60_000 }).toBe(0);
    await expect
      .poll(async () => [...(await engines.running()).values()], { timeout: 30_000 })
      .not.toContain(playing.container_id);
  });

  it('scales the pool', async () => {
    await panel.go('/engines');
    await page.getByRole('button', { name: 'Scale…' }).click();
    await page.getByRole('spinbutton', { name: 'Engines' }).fill('9');
    await page.getByText('A whole number from 1 to 4.').waitFor();
    await page.getByRole('spinbutton', { name: 'Engines' }).fill('2');
    await page.getByRole('button', { name: 'Scale', exact: true }).click();
    await expect.poll(async () => (await engines.running()).size, { timeout: 60_000 }).toBe(2);
    await ready(2);
  });

  it('finds a newer image, pulls it with progress, and replaces the engines under a stream', async () => {
    await using viewer = await watch(server.origin, channel(3));
    await panel.go('/engines');
    const before = (await list()).map(({ container_id }) => container_id);
    await page.getByRole('button', { name: 'Look for a newer one' }).click();
    await page.getByText('Newest').waitFor();
    await image.publishNewer(newerBytes);
    await page.getByRole('button', { name: 'Look for a newer one' }).click();
    await page.getByText('A newer one is there').waitFor();
    await panel.go('/');
    await page.getByRole('list', { name: 'Needs attention' }).getByText(image.name).waitFor();
    await panel.go('/engines');

    const progress = page.getByRole('meter', { name: `Download of ${image.name}` });
    const seen = Promise.all([progress.waitFor(), page.getByText(/^\d+ of \d+ layers, .+ of .+$/).waitFor()]);
    await page.getByRole('button', { name: 'Pull the newer one' }).click();
    await seen;
    await page.screenshot({ path: `${shots}docker-pull.png`, fullPage: true });
    await page.getByText('2 engines are not what would be made now.').waitFor({ timeout: 60_000 });
    expect(await progress.count()).toBe(0);

    // Somebody else has the question open, and says yes a moment later.
    await using other = await openPanel(browser, server.origin, { key });
    await other.go('/engines');
    for (const each of [other.page, page]) await each.getByRole('button', { name: 'Replace engines…' }).click();
    await page.getByText('1 stream for 1 viewer plays now').waitFor();
    await page.getByRole('button', { name: 'Replace', exact: true }).click();
    await page.getByRole('meter', { name: 'Engines replaced' }).waitFor();
    await other.page.getByRole('button', { name: 'Replace', exact: true }).click();
    await other.page.getByRole('alert').getByText('A replacement runs already.').waitFor();
    await page.screenshot({ path: `${shots}docker-replacement.png`, fullPage: true });
    await page.getByText('All 2 engines were replaced.').waitFor({ timeout: 90_000 });
    await page.getByText('Every engine is what would be made now.').waitFor();
    const after = (await ready(2)).map(({ container_id }) => container_id);
    expect(after.filter((id) => before.includes(id))).toEqual([]);
    const { bytes } = viewer;
    await expect.poll(() => viewer.bytes, { timeout: 20_000 }).toBeGreaterThan(bytes);
    await photograph(panel, 'docker-engines');
  });

  it('takes an image of one’s own, field by field, and makes engines from it', async () => {
    await panel.go('/engines');
    await page.getByRole('link', { name: 'Custom image…' }).click();
    await page.getByLabel('Use it').check();
    await main.getByText('An image is needed.').waitFor();
    expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await page.getByLabel('Image', { exact: true }).fill(image.name);
    await page.getByLabel('Command').fill('/acestream/acestreamengine\n{flags}\n--seed\n7');
    await page.getByLabel('Environment').fill('ONE');
    await main.getByText('“ONE” is not NAME=value.').waitFor();
    await page.getByLabel('Environment').fill('ONE=1');
    await page.getByRole('button', { name: 'Add a parameter' }).click();
    await page.getByLabel('Name of parameter 1').fill('--max-peers');
    await page.getByLabel('Type of parameter 1').selectOption('int');
    await page.getByLabel('Value of parameter 1').fill('many');
    await page.getByRole('button', { name: 'Save' }).click();
    await main.getByRole('alert').getByText('The parameter --max-peers needs a whole number, not "many".').waitFor();
    await photograph(panel, 'docker-custom-image');
    await page.getByLabel('Value of parameter 1').fill('40');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved. Engines that run are replaced').first().waitFor();
    await panel.go('/engines');
    // It would be done by and by; somebody does not want to wait.
    await page.getByRole('button', { name: 'Replace engines…' }).click();
    await page.getByRole('button', { name: 'Replace', exact: true }).click();
    await main
      .getByText(/, custom$/)
      .first()
      .waitFor({ timeout: 90_000 });
    const inspect = async (): Promise<string> => {
      const [id] = (await engines.running()).values();
      return engines.docker('inspect', '--format', '{{json .Config.Cmd}} {{json .Config.Env}}', id ?? '');
    };
    await expect.poll(inspect, { timeout: 60_000 }).toMatch(/"--max-peers","40".*"--seed","7".*"ONE=1"/);
  });

  it('says why engines cannot be made, and tries again when the breaker is reset', async () => {
    const missing = `${registry.host}/missing-${randomBytes(4).toString('hex')}:1`;
    await using own = await dockerEngines({ ports: '19100-19149' });
    await using failing = await startServer({
      ...own.env,
      ...{ ENGINE_IMAGE: missing, MIN_REPLICAS: '1', MIN_FREE_REPLICAS: '0', CIRCUIT_BREAKER_FAILURE_THRESHOLD: '1' },
    });
    await using shown = await openPanel(browser, failing.origin, { key });
    await shown.page.getByText('Starting engines failed too often').click();
    const breakers = shown.page.getByRole('region', { name: 'Circuit breakers' });
    await breakers.getByText('Open: none is started').waitFor();
    await breakers.getByText(missing).waitFor();
    await photograph(shown, 'docker-breaker');
    await own.docker('tag', await simulatorImage(), missing);
    try {
      await breakers.getByRole('button', { name: 'Reset' }).click();
      await shown.page.getByText('The breaker was reset.').first().waitFor();
      await shown.page.getByRole('row').getByText('Ready').waitFor({ timeout: 60_000 });
      expect(await breakers.getByText('Closed: engines are started').count()).toBe(2);
    } finally {
      const left = await own.docker('ps', '-aq', '--filter', `ancestor=${missing}`);
      if (left !== '') await own.docker('rm', '-fv', ...left.split('\n'));
      await own.docker('rmi', missing);
    }
  });
});

/** Light and dark, wide and narrow, without a reload; axe and the page's width are looked at on the way. */
async function photograph({ page }: OpenedPage, name: string): Promise<void> {
  const size = page.viewportSize()!;
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1440, 390]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: width < 600 ? 844 : 900 });
      // Each theme and each width once.
      if ((colorScheme === 'dark') === width < 600) expect(await seriousFaults(page), name).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, `${name}, ${width} px`).toBeLessThanOrEqual(0);
      await page.screenshot({ path: `${shots}${name}-${colorScheme}-${width}.png`, fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(size);
}
