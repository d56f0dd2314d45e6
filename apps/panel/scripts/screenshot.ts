import { fileURLToPath } from 'node:url';
import { requireTool } from '@acestream-orchestrator/engine-simulator/testing';
import { launchBrowser, openPanel } from '../test/stage/browser.ts';
import { startServer } from '../test/stage/server.ts';
import { channel, watch } from '../test/stage/viewer.ts';

/**
 * Makes the picture in the root README: the built page over a server with simulated engines, and some viewers. Build the
 * page first; needs Chromium. The picture is of a real server, so it is never twice the same to the pixel.
 */
const picture = fileURLToPath(new URL('../../../docs/panel.png', import.meta.url));

const audiences: Readonly<Record<string, number>> = { 1: 7, 2: 4, 3: 2, 5: 3, 8: 1 };
const players = ['VLC/3.0.20 LibVLC/3.0.20', 'Kodi/21.0', 'Lavf/60.16.100', 'TiviMate/5.0.4', 'mpv 0.38.0'];
/** Until the charts have something to show. */
const waitMs = 75_000;

await using server = await startServer({ ENGINES: 'demo' });
await using viewers = new AsyncDisposableStack();
for (const [digit, count] of Object.entries(audiences)) {
  for (let index = 0; index < count; index += 1) {
    viewers.use(await watch(server.origin, channel(Number(digit)), players[index % players.length]));
    await new Promise((resolve) => setTimeout(resolve, waitMs / 40));
  }
}
const browser = await launchBrowser(requireTool('chromium').path);
try {
  await using panel = await openPanel(browser, server.origin, {
    viewport: { width: 1440, height: 960 },
    colorScheme: 'light',
    deviceScaleFactor: 1.5,
  });
  await panel.page.getByText('Playing now').waitFor();
  await new Promise((resolve) => setTimeout(resolve, waitMs / 2));
  await panel.page.screenshot({ path: picture });
} finally {
  await browser.close();
}
