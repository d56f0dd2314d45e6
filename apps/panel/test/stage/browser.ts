import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { serverHasUrl } from './routes.ts';

export interface LaunchOptions {
  /** Whether a page may sound before somebody has clicked on it, which people's browsers forbid. Default true. */
  readonly soundsAtOnce?: boolean;
}

/** Debian's Chromium, which alone has H.264 and AAC. It calls nobody. */
export function launchBrowser(executablePath: string, { soundsAtOnce = true }: LaunchOptions = {}): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--autoplay-policy=${soundsAtOnce ? 'no-user-gesture-required' : 'document-user-activation-required'}`,
    ],
  });
}

export interface OpenedPage extends AsyncDisposable {
  readonly page: Page;
  /** What the console said that it should not. */
  readonly complaints: readonly string[];
  /** Goes to a page of the panel, such as `/streams`, without a reload. */
  go(path: string): Promise<void>;
}

export interface OpenOptions extends BrowserContextOptions {
  /** Keeps the key in the tab's storage, as after a sign-in. */
  readonly key?: string;
}

/** Opens the panel in a fresh context. */
export async function openPanel(browser: Browser, origin: string, options: OpenOptions = {}): Promise<OpenedPage> {
  const { key, ...contextOptions } = options;
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...contextOptions });
  if (key !== undefined) await context.addInitScript((value) => sessionStorage.setItem('panel.key', value), key);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    const { url } = message.location();
    const isFailedRequest = message.text().startsWith('Failed to load resource');
    // The browser itself writes of every failed request; only one of a path that the server has is a fault.
    if (isFailedRequest && url.startsWith(`${origin}/api/v1/`) && !serverHasUrl(url)) return;
    complaints.push(`${message.text()} ${url}`);
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(`${origin}/panel/`);
  return {
    page,
    complaints,
    async go(path) {
      await page.evaluate((hash) => {
        location.hash = hash;
      }, path);
    },
    async [Symbol.asyncDispose]() {
      await context.close();
    },
  };
}
