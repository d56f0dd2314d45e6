import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describeWithTools } from '@acestream-orchestrator/engine-simulator/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seriousFaults } from './stage/accessibility.ts';
import { launchBrowser, openPanel } from './stage/browser.ts';
import { key, type ServerProcess, startServer } from './stage/server.ts';
import { channel, type Viewer, watch } from './stage/viewer.ts';

/** For people to look at. */
const shots = fileURLToPath(new URL('../reports/screenshots/', import.meta.url));

describeWithTools(describe, ['chromium'], 'every page, with a server that plays', ({ chromium }) => {
  let browser: Browser;
  let server: ServerProcess;
  let viewers: Viewer[];
  let streamId: string;
  let engineId: string;

  beforeAll(async () => {
    await mkdir(shots, { recursive: true });
    browser = await launchBrowser(chromium);
    server = await startServer({ ENGINES: 'demo' });
    viewers = await Promise.all([1, 1, 2, 8].map((digit) => watch(server.origin, channel(digit))));
    [{ id: streamId, container_id: engineId }] = (await (await fetch(`${server.origin}/streams`)).json()) as [
      { id: string; container_id: string },
    ];
  }, 120_000);
  afterAll(async () => {
    await Promise.all((viewers ?? []).map((viewer) => viewer[Symbol.asyncDispose]()));
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  const pages = (): readonly (readonly [name: string, path: string, text: RegExp])[] => [
    ['overview', '/', /Playing now/],
    ['streams', '/streams', /11111/],
    ['stream', `/streams/${encodeURIComponent(streamId)}`, /VLC\/3/],
    ['engines', '/engines', /Ready/],
    ['engine', `/engines/${encodeURIComponent(engineId)}`, /Streams on it/],
    ['custom-image', '/engines/image', /makes no engines/],
    ['play', '/play', /Running now/],
    ['performance', '/performance', /mpegts_chunk_read/],
    ['events', '/events', /started/],
    ['looping', '/looping', /Refused/],
    ['settings', '/settings', /STREAMS_PER_ENGINE/],
    ['sign-in', '/sign-in', /API key/],
    ['nothing', '/no-such-page', /nothing at this address/],
  ];

  it.each([
    [1440, [1280, 1024, 1440]],
    [390, [320, 768, 390]],
  ])('%d px wide, light and dark: is shown, without a fault of axe or a word in the console', async (width, widths) => {
    await using panel = await openPanel(browser, server.origin, {
      viewport: { width, height: width < 600 ? 844 : 900 },
      key,
    });
    const main = panel.page.getByRole('main');
    for (const [name, path, text] of pages()) {
      await panel.go(path);
      await main.getByText(text).first().waitFor();
      // Until nothing is being loaded any more.
      await expect.poll(() => main.getByRole('status').count()).toBe(0);
      for (const window of widths) {
        await panel.page.setViewportSize({ width: window, height: 900 });
        await expect.poll(() => sidewaysOverflow(panel.page), { message: `${name}, ${window} px` }).toBe(0);
      }
      for (const colorScheme of ['light', 'dark'] as const) {
        await panel.page.emulateMedia({ colorScheme });
        expect(await seriousFaults(panel.page), `${name}, ${colorScheme}`).toEqual([]);
        await panel.page.screenshot({ path: `${shots}${name}-${colorScheme}-${width}.png`, fullPage: true });
      }
    }
    expect(panel.complaints).toEqual([]);
  });

  it('without the key everything that may be seen is seen, and nothing that changes something is offered', async () => {
    await using panel = await openPanel(browser, server.origin);
    const { page } = panel;
    await panel.go('/streams');
    await page.getByText('11111').first().waitFor();
    expect(await page.getByRole('button', { name: /^Actions for/ }).count()).toBe(0);
    await panel.go('/settings');
    await page.getByText('Settings need the API key').waitFor();
    await panel.go('/events');
    await page.getByText('started').first().waitFor();
    expect(await page.getByRole('button', { name: 'Clean up' }).count()).toBe(0);
    expect(panel.complaints).toEqual([]);
  });

  it('goes by keyboard: past the menu, into a dialog and out of it', async () => {
    await using panel = await openPanel(browser, server.origin, { key });
    const { page } = panel;
    await panel.go('/streams');
    await page.getByText('11111').first().waitFor();
    await page.getByRole('link', { name: 'Skip to the page' }).focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('MAIN');
    const actions = page.getByRole('button', { name: /^Actions for/ }).first();
    await actions.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Stop' }).waitFor();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.getByRole('alertdialog').waitFor();
    // The least dangerous button has the focus; it goes back to where it was when nothing is done.
    await expect.poll(() => focusedName(page)).toBe('Cancel');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('alertdialog').count()).toBe(0);
    await expect.poll(() => focusedName(page)).toMatch(/^Actions for/);
    await panel.go(`/streams/${encodeURIComponent(streamId)}`);
    await page.getByRole('button', { name: 'Move' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('alertdialog').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => focusedName(page)).toBe('Move');
    await panel.go('/events');
    await page
      .getByRole('button', { name: /started/ })
      .first()
      .focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => focusedName(page)).toMatch(/started/);
  });
});

/** What the focused element is called. */
function focusedName(page: Page): Promise<string | undefined> {
  return page.evaluate(
    () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim(),
  );
}

/** Pixels by which a page is wider than its window. */
function sidewaysOverflow(page: Page): Promise<number> {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth));
}
