import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describeWithTools, spawnSimulator } from '@acestream-orchestrator/engine-simulator/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, openPanel } from './stage/browser.ts';
import { key, type ServerProcess, startServer } from './stage/server.ts';
import { channel, takeHls, watch } from './stage/viewer.ts';

/** For people to look at. */
const shots = fileURLToPath(new URL('../reports/screenshots/', import.meta.url));

describeWithTools(describe, ['chromium'], 'the panel', ({ chromium }) => {
  let browser: Browser;
  let server: ServerProcess;

  beforeAll(async () => {
    browser = await launchBrowser(chromium);
    server = await startServer({ ENGINES: 'demo', LINGER_MS: '1000' });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  it.each(['MPEG-TS', 'HLS'])('plays a pasted channel in the page as %s', async (format) => {
    await using panel = await openPanel(browser, server.origin);
    const { page } = panel;
    await panel.go('/play');
    await page.getByLabel('Channel').fill(`acestream://${channel(1)}`);
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await page.getByRole('radio', { name: format }).click();
    await expect.poll(() => playedSeconds(page), { timeout: 60_000 }).toBeGreaterThan(0.5);
    const before = await playedSeconds(page);
    await expect.poll(() => playedSeconds(page), { timeout: 20_000 }).toBeGreaterThan(before + 2);
    expect(await page.locator('video').evaluate((video: HTMLVideoElement) => video.videoWidth)).toBe(1280);
    // Somebody who watches here is a viewer like any other.
    await panel.go('/streams');
    await page.getByRole('link', { name: '1111111…1111111' }).waitFor();
    expect(panel.complaints).toEqual([]);
  });

  it('plays a link to a channel without sound where the browser wants a click first, until somebody turns it on', async () => {
    const strict = await launchBrowser(chromium, { soundsAtOnce: false });
    try {
      await using panel = await openPanel(strict, server.origin, { viewport: { width: 390, height: 844 } });
      const { page } = panel;
      // The page itself tells: whatever Playwright asks of a page counts as a click on it.
      await page.addInitScript(() => {
        const tell = ({ target }: Event): void => console.log(`plays, muted ${(target as HTMLVideoElement).muted}`);
        document.addEventListener('playing', tell, true);
      });
      const told = page.waitForEvent('console', {
        predicate: (line) => line.text().startsWith('plays'),
        timeout: 60_000,
      });
      await page.goto(`${server.origin}/panel/?shared#/play/${channel(1)}?format=hls`);
      expect((await told).text()).toBe('plays, muted true');
      const isMuted = (): Promise<boolean> => page.locator('video').evaluate((video: HTMLVideoElement) => video.muted);
      await page.getByRole('button', { name: 'Turn the sound on' }).click();
      expect(await isMuted()).toBe(false);
      await expect.poll(() => page.getByRole('button', { name: 'Turn the sound on' }).count()).toBe(0);
      const before = await playedSeconds(page);
      await expect.poll(() => playedSeconds(page), { timeout: 20_000 }).toBeGreaterThan(before);
    } finally {
      await strict.close();
    }
  });

  it('gives the links of a channel, below the address that it was opened at', async () => {
    await using panel = await openPanel(browser, server.origin);
    const { page } = panel;
    await panel.go(`/play/${channel(2)}`);
    await page.getByText(`${server.origin}/ace/manifest.m3u8?id=${channel(2)}`).waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download .m3u' }).click();
    const stream = await (await download).createReadStream();
    let text = '';
    for await (const chunk of stream) text += String(chunk);
    expect(text).toMatch(/^#EXTM3U\n#EXTINF:-1,.+\nhttp:.+getstream\?id=2{40}\n$/);
  });

  it('stops a stream after saying whom that hits', async () => {
    await using viewer = await watch(server.origin, channel(3));
    await using panel = await openPanel(browser, server.origin, { key });
    const { page } = panel;
    await using other = await openPanel(browser, server.origin);
    await other.go(`/streams/${channel(3)}`);
    await other.page.getByRole('img', { name: /^Viewers/ }).waitFor();
    await panel.go('/streams');
    await page.getByRole('button', { name: 'Actions for 333333…333333' }).click();
    await page.getByRole('menuitem', { name: 'Stop' }).click();
    await page.getByText('1 viewer will be cut off at once').waitFor();
    await page.getByRole('button', { name: 'Stop stream' }).click();
    await page.getByText('333333…333333 was stopped.').first().waitFor();
    // Who looks at it sees how it ended, and is not told to wait for more.
    await other.page.getByText('Somebody stopped it.').waitFor();
    await other.page.getByText('Played for').waitFor();
    expect(await other.page.getByText('Waiting for figures').count()).toBe(0);
    await panel.go('/streams?show=ended');
    await page.getByRole('table', { name: 'Ended streams' }).getByText('Somebody stopped it.').waitFor();
    await panel.go('/streams');
    await expect.poll(() => page.getByRole('link', { name: /^3333333/ }).count()).toBe(0);
    expect(viewer.bytes).toBeGreaterThan(0);
    expect(panel.complaints).toEqual([]);
  });

  it('stops several streams at once, after saying which and whom that hits', async () => {
    await using _one = await watch(server.origin, channel(4));
    await using _two = await watch(server.origin, channel(4));
    await using _three = await watch(server.origin, channel(5));
    await using panel = await openPanel(browser, server.origin, { key });
    const { page } = panel;
    await panel.go('/streams');
    await page.getByLabel('Filter by channel or engine').fill('44444');
    await page.getByLabel('Select 444444…444444').check();
    await page.getByLabel('Filter by channel or engine').fill('');
    await page.getByLabel('Select 555555…555555').check();
    await page.getByText('2 streams selected, 3 viewers').waitFor();
    await page.getByRole('button', { name: 'Stop 2 streams…' }).click();
    const question = page.getByRole('alertdialog');
    await question.getByText('3 viewers will be cut off at once').waitFor();
    await question.getByText('444444…444444').waitFor();
    await page.screenshot({ path: `${shots}stop-several.png` });
    await question.getByRole('button', { name: 'Stop 2 streams' }).click();
    await page.getByText('2 streams were stopped.').waitFor();
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await expect.poll(() => page.getByText('2 streams were stopped.').count()).toBe(0);
    await expect.poll(() => page.getByRole('link', { name: /^(4444444|5555555)/ }).count()).toBe(0);
    expect(await page.getByRole('region', { name: 'Selected streams' }).count()).toBe(0);
    expect(panel.complaints).toEqual([]);
  });

  it('lists who watches: by TS, by HLS and by low-latency HLS, each with its lag', async () => {
    await using _viewer = await watch(server.origin, channel(6));
    await Promise.all([takeHls(server.origin, channel(6)), takeHls(server.origin, channel(6), true)]);
    await using panel = await openPanel(browser, server.origin, { key });
    const { page } = panel;
    await panel.go(`/streams/${channel(6)}`);
    const table = page.getByRole('table', { name: 'Viewers' });
    for (const [agent, protocol] of [
      ['VLC/3.0.20', 'TS'],
      ['segment taker', 'HLS'],
      ['part taker', 'LL-HLS'],
    ] as const) {
      const row = table.getByRole('row').filter({ hasText: agent });
      await row.getByText(protocol, { exact: true }).waitFor();
      const text = (await row.textContent()) ?? '';
      expect(text).toContain('127.0.0.1');
      // Lag, skips and bytes side by side.
      expect(text).toMatch(/\d m?s0 skips[\d.]+ [KM]iB$/);
    }
    await using _late = await watch(server.origin, channel(6), 'late comer');
    await table.getByText('late comer').waitFor();
  });

  it('charts an operation from before the page was opened', async () => {
    await using panel = await openPanel(browser, server.origin);
    const { page } = panel;
    await panel.go('/performance');
    await page.getByRole('button', { name: 'MPEG-TS chunk read' }).click();
    const chart = page.getByRole('img', { name: /^Duration\. p50: now/ });
    await chart.waitFor({ timeout: 15_000 });
    await page.getByLabel('Operation', { exact: true }).selectOption('first_byte');
    await page.getByRole('img', { name: /^Runs and failures\. Runs: now/ }).waitFor();
    expect(panel.complaints).toEqual([]);
  });

  it('signs in with the key alone, keeps it out of the address, and signs out', async () => {
    await using panel = await openPanel(browser, server.origin);
    const { page } = panel;
    await panel.go('/events?kind=system');
    await page.getByRole('link', { name: 'Sign in' }).first().click();
    await page.getByLabel('API key').fill('not-the-key');
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('The API key or token is wrong').waitFor();
    await page.getByLabel('API key').fill(key);
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Sign out' }).first().waitFor();
    // Back where one was.
    expect(new URL(page.url()).hash).toBe('#/events?kind=system');
    expect(page.url()).not.toContain(key);
    await page.reload();
    await page.getByRole('button', { name: 'Sign out' }).first().click();
    await page.getByRole('link', { name: 'Sign in' }).first().waitFor();
    expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }))).not.toContain(key);
  });

  it('changes a setting, refuses what cannot be, and takes the default again', async () => {
    await using panel = await openPanel(browser, server.origin, { key });
    const { page } = panel;
    await panel.go('/settings');
    const field = page.getByRole('textbox', { name: 'STREAMS_PER_ENGINE' });
    await field.fill('0');
    await page.getByText('From 1 to 100.').waitFor();
    expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await field.fill('5');
    // Something is looked up, and what was typed is still there.
    await panel.go('/engines');
    await page.getByRole('table', { name: 'Engines' }).waitFor();
    await page.goBack();
    await page.getByText('1 setting changed, not saved yet.').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Changed STREAMS_PER_ENGINE').first().waitFor();
    expect(await settingOf(server, 'streams_per_engine')).toBe(5);
    await page.getByRole('button', { name: 'Take the default of STREAMS_PER_ENGINE' }).click();
    // The message does not cover what comes next.
    await page.getByRole('button', { name: 'Save' }).click({ timeout: 3_000 });
    await expect.poll(() => settingOf(server, 'streams_per_engine')).toBe(3);
    expect(panel.complaints).toEqual([]);
  });

  it('makes a playback token, shows it once, and revokes it', async () => {
    await using panel = await openPanel(browser, server.origin, { key });
    const { page } = panel;
    await panel.go('/settings');
    await page.getByLabel('Who the token is for').fill('living room');
    await page.getByRole('button', { name: 'Make a token' }).click();
    await page.getByText('Copy it now').waitFor();
    await page.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('button', { name: 'Revoke token' }).click();
    await page.getByText('No token yet').waitFor();
  });

  it('exports everything and takes it in again', async () => {
    await using panel = await openPanel(browser, server.origin, { key });
    const { page } = panel;
    await panel.go('/settings');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export' }).click();
    const path = await (await download).path();
    await page.getByLabel('LINGER_MS').waitFor();
    await page.getByLabel('File to import').setInputFiles({
      name: 'backup.json',
      mimeType: 'application/json',
      buffer: Buffer.from(await changedBackup(path)),
    });
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page
      .getByText(/backup\.json was imported/)
      .first()
      .waitFor();
    expect(await settingOf(server, 'max_streams')).toBe(123);
    await page.getByLabel('File to import').setInputFiles({
      name: 'broken.json',
      mimeType: 'application/json',
      buffer: Buffer.from('{"format":"something else"}'),
    });
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByRole('alertdialog').getByRole('alert').waitFor();
    expect(await settingOf(server, 'max_streams')).toBe(123);
  });
});

describeWithTools(describe, ['chromium'], 'the panel beside engines of their own', ({ chromium }) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser(chromium);
  });
  afterAll(() => browser?.close());

  it('shows within two seconds that the engine of a stream was killed, and how the stream went on', async () => {
    await using first = await spawnSimulator();
    await using second = await spawnSimulator();
    await using server = await startServer({ ENGINE_URLS: `${first.url},${second.url}` });
    await using viewer = await watch(server.origin, channel(1));
    const [stream] = (await (await fetch(`${server.origin}/streams`)).json()) as [{ id: string; container_id: string }];
    const playing = first.url.endsWith(stream.container_id.split(':').at(-1)!) ? first : second;
    const other = playing === first ? second : first;
    await using panel = await openPanel(browser, server.origin, { key });
    const { page } = panel;
    await panel.go(`/streams/${encodeURIComponent(stream.id)}`);
    await page.getByText('Its engine never failed').waitFor();
    playing.kill('SIGKILL');
    await playing.exited;
    // Either that it looks for another engine, or that it has found one: both say that the first is gone.
    await page
      .getByText(/Recovering|took over/)
      .first()
      .waitFor({ timeout: 2_000 });
    expect(await page.getByText('Its engine never failed').count()).toBe(0);
    const name = new URL(other.url).host;
    await page.getByText(`${name} took over.`).waitFor({ timeout: 20_000 });
    const before = viewer.bytes;
    await expect.poll(() => viewer.bytes, { timeout: 20_000 }).toBeGreaterThan(before);
  });

  it('says that the server is gone, and goes on by itself when it is back', async () => {
    await using engine = await spawnSimulator();
    await using server = await startServer({ ENGINE_URLS: engine.url });
    await using panel = await openPanel(browser, server.origin);
    const { page } = panel;
    await page.getByText('Playing now').waitFor();
    await page.waitForResponse('**/looping-page-*.js');
    await server.kill();
    await page.getByText('The server does not answer.').waitFor();
    // What was known stays in sight, and so do pages that nobody has been to.
    await page.getByText('Playing now').waitFor();
    await panel.go('/looping');
    await page.getByText('Contents whose broadcast is over').waitFor();
    await panel.go('/performance');
    await page.getByText('The server cannot be reached.').waitFor({ timeout: 20_000 });
    await server.restart();
    await expect.poll(() => page.getByText('The server does not answer.').count(), { timeout: 20_000 }).toBe(0);
    // What was asked in vain is asked again.
    await page.getByRole('table', { name: 'Operations' }).waitFor();
    await panel.go('/');
    await using _viewer = await watch(server.origin, channel(4));
    await page.getByText('44444444…44444444').waitFor();
  });

  it('keeps its frame when the code of a page cannot be loaded, and loads it anew', async () => {
    await using server = await startServer({ ENGINES: 'demo' });
    await using panel = await openPanel(browser, server.origin);
    const { page } = panel;
    await page.route('**/events-page-*.js', (route) => route.abort());
    await panel.go('/events');
    await page.getByText('This page could not be shown').waitFor();
    await page.getByRole('link', { name: 'Overview' }).first().click();
    await page.getByText('Playing now').waitFor();
    await panel.go('/events');
    await page.unroute('**/events-page-*.js');
    await page.getByRole('button', { name: 'Load it anew' }).click();
    await page.getByRole('table', { name: 'Events' }).waitFor();
  });

  it('plays under a base path, with links below it, and says what they lack where players need a token', async () => {
    await using server = await startServer({ ENGINES: 'demo', BASE_PATH: '/tv', AUTH_PLAYBACK: 'key' });
    await using panel = await openPanel(browser, `${server.origin}/tv`, { key });
    const { page } = panel;
    await panel.go(`/play/${channel(1)}`);
    await page.getByText(`${server.origin}/tv/ace/getstream?id=${channel(1)}`).waitFor();
    await page.getByText('A player needs a token here').waitFor();
    await expect.poll(() => playedSeconds(page), { timeout: 60_000 }).toBeGreaterThan(1);
    await page
      .getByRole('link', { name: /Streams/ })
      .first()
      .click();
    await page.getByRole('link', { name: /^1111111/ }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/tv/panel/');
    expect(panel.complaints).toEqual([]);
    // The picture goes on by itself as well when the server was away.
    await page.goBack();
    await expect.poll(() => playedSeconds(page), { timeout: 60_000 }).toBeGreaterThan(0);
    await server.kill();
    await page.getByRole('main').getByRole('alert').first().waitFor();
    await server.restart();
    await expect.poll(() => page.getByRole('main').getByRole('alert').count(), { timeout: 20_000 }).toBe(0);
    const before = await playedSeconds(page);
    await expect.poll(() => playedSeconds(page), { timeout: 60_000 }).not.toBe(before);
  });

  it('says why a channel does not play', async () => {
    await using engine = await spawnSimulator();
    await fetch(`${engine.controlUrl}/faults/start-error`, { method: 'PUT', body: '{}' });
    await using server = await startServer({ ENGINE_URLS: engine.url });
    await using panel = await openPanel(browser, server.origin);
    const { page } = panel;
    await panel.go(`/play/${channel(6)}`);
    await page.getByText(/The server answered 50\d/).waitFor({ timeout: 60_000 });
    const diagnosis = page.getByRole('region', { name: 'Why it does not play' });
    await diagnosis.getByText('It failed').first().waitFor();
    await diagnosis.getByText('The engine takes it').first().waitFor();
    await page.screenshot({ path: `${shots}diagnosis.png` });
  });

  it('moves a stream to the other engine, and drains an engine', async () => {
    await using first = await spawnSimulator();
    await using second = await spawnSimulator();
    await using server = await startServer({ ENGINE_URLS: `${first.url},${second.url}` });
    await using _viewer = await watch(server.origin, channel(1));
    await using panel = await openPanel(browser, server.origin, { key });
    const { page } = panel;
    const engineOf = async (): Promise<string> =>
      ((await (await fetch(`${server.origin}/streams?status=started`)).json()) as [{ container_id: string }])[0]
        .container_id;
    const before = await engineOf();
    await panel.go('/streams');
    await page.getByRole('link', { name: /^1111111/ }).click();
    await page.getByRole('button', { name: 'Move' }).click();
    await page.getByText('1 viewer stay connected').waitFor();
    await page.getByRole('button', { name: 'Move stream' }).click();
    await expect.poll(engineOf, { timeout: 30_000 }).not.toBe(before);
    await panel.go(`/engines/${encodeURIComponent(before)}`);
    await page.getByRole('button', { name: 'Drain' }).click();
    await page.getByRole('button', { name: 'Drain engine' }).click();
    await page.getByText('Draining').first().waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('Ready').first().waitFor();
  });
});

function playedSeconds(page: Page): Promise<number> {
  return page.locator('video').evaluate((video: HTMLVideoElement) => video.currentTime);
}

async function settingOf(server: ServerProcess, name: string): Promise<unknown> {
  const response = await fetch(`${server.origin}/settings`, { headers: { 'x-api-key': key } });
  return ((await response.json()) as Record<string, unknown>)[name];
}

async function changedBackup(path: string): Promise<string> {
  const backup = JSON.parse(await readFile(path, 'utf8')) as { settings: Record<string, unknown> };
  return JSON.stringify({ ...backup, settings: { ...backup.settings, MAX_STREAMS: '123' } });
}
