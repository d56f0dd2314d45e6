import { mkdtemp, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { analyseTs, describeWithTools, runProcess } from '@acestream-orchestrator/engine-simulator/testing';
import { chromium as playwright } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { channel, serve, type TestServer } from './serve.ts';

const require = createRequire(import.meta.url);

const playMs = 30_000;
const timeoutMs = 120_000;
/** Presentation is this much ahead of the clock of the simulator's streams. */
const presentationAheadMs = 700;
const wrapMs = 2 ** 33 / 90;

let test: TestServer;
beforeAll(async () => {
  test = await serve({
    engines: [{ burstMs: 25_000, lagMs: 0, unevenness: { burstEveryMs: 0, jitterMs: 0 } }],
  });
});
afterAll(() => test[Symbol.asyncDispose]());

const url = (digit: number, query = ''): string => `${test.origin}/ace/manifest.m3u8?id=${channel(digit)}${query}`;

describeWithTools(describe.concurrent, ['ffmpeg', 'mpv', 'streamlink'], 'players', ({ ffmpeg, mpv, streamlink }) => {
  it.each([1, 7, 8])(
    'ffmpeg decodes half a minute of channel %i without a word',
    async (digit) => {
      const args = ['-v', 'error', '-i', url(digit), '-t', '30', '-f', 'null', '-'];
      const { exitCode, stderr } = await runProcess(ffmpeg, args, { timeoutMs });
      expect([exitCode, stderr]).toEqual([0, '']);
    },
    timeoutMs,
  );

  it.each([1, 8])(
    'mpv plays half a minute of channel %i',
    async (digit) => {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of mpv's
      const status = '--term-status-msg=position=${=time-pos}';
      const args = ['--no-config', '--vo=null', '--ao=null', '--length=30', status, url(digit)];
      const { exitCode, stdout, stderr } = await runProcess(mpv, args, { timeoutMs });
      const said = stdout + stderr;
      const positions = [...said.matchAll(/position=([\d.]+)/g)].map(([, seconds]) => Number(seconds));
      expect(exitCode).toBe(0);
      expect(Math.max(...positions) - Math.min(...positions)).toBeGreaterThan(25);
      expect(said).not.toMatch(/error|failed/i);
    },
    timeoutMs,
  );

  it.each([1, 8])(
    'streamlink records half a minute of channel %i without a gap',
    async (digit) => {
      const file = join(await mkdtemp(join(tmpdir(), 'streamlink-')), 'recording.ts');
      const args = ['--hls-duration', '30', '-o', file, `hls://${url(digit)}`, 'best'];
      const { exitCode, stdout } = await runProcess(streamlink, args, { timeoutMs });
      expect([exitCode, stdout]).toEqual([0, expect.not.stringMatching(/error|failed/i)]);
      const { pcrs, continuityErrors, timestampErrors } = analyseTs(await readFile(file));
      expect([continuityErrors, timestampErrors]).toEqual([[], []]);
      expect((pcrs.at(-1)!.ticks - pcrs[0]!.ticks) / 27_000).toBeGreaterThan(24_000);
    },
    timeoutMs,
  );
});

describeWithTools(describe.concurrent, ['chromium'], 'hls.js in a browser', ({ chromium }) => {
  it.each([1, 8])(
    'plays half a minute of channel %i without a stall or an error',
    async (digit) => {
      const played = await playInBrowser(chromium, url(digit), '{}');
      expect(played.errors).toEqual([]);
      expect(played.positionMs).toBeGreaterThan(playMs - 2_000);
    },
    timeoutMs,
  );
});

// By itself: what is measured is the way of the media, not how long players wait for each other.
describeWithTools(describe, ['chromium'], 'hls.js with low latency', ({ chromium }) => {
  it(
    'stays within three seconds of the live edge of an even channel',
    async () => {
      const config = '{ lowLatencyMode: true, maxLiveSyncPlaybackRate: 1.5 }';
      const played = await playInBrowser(chromium, url(1, '&ll=1'), config, 60_000);
      expect(played.errors).toEqual([]);
      expect(played.positionMs).toBeGreaterThan(playMs - 2_000);
      expect(Math.max(...played.latenciesMs)).toBeLessThan(3_000);
      expect(Math.min(...played.latenciesMs)).toBeGreaterThan(0);
    },
    timeoutMs,
  );
});

interface Played {
  readonly positionMs: number;
  readonly errors: readonly string[];
  /** Behind the newest media there is, by the stream's own clock, once a second. */
  readonly latenciesMs: readonly number[];
}

async function playInBrowser(executablePath: string, source: string, config: string, catchUpMs = 0): Promise<Played> {
  const script = await readFile(require.resolve('hls.js/dist/hls.min.js'));
  const pages = createServer((request, response) => {
    const isScript = request.url === '/hls.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : '<video muted></video><script src="/hls.js"></script>');
  });
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
  const browser = await playwright.launch({
    executablePath,
    args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required'],
  });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(pages.address() as AddressInfo).port}/`);
    await page.evaluate(
      // Runs in the page, whose types are not those of this program.
      `window.errors = []; window.video = document.querySelector('video');
       window.hls = new Hls(${config});
       hls.on(Hls.Events.ERROR, (_, { type, details, fatal }) => errors.push([type, details, fatal].join()));
       hls.on(Hls.Events.INIT_PTS_FOUND, (_, { initPTS, timescale }) => { window.originMs = initPTS / timescale * 1000; });
       hls.loadSource(${JSON.stringify(source)}); hls.attachMedia(video);
       new Promise((resolve) => { video.onplaying = resolve; video.play(); })`,
    );
    const latencyMs = async (): Promise<number> => {
      const [shown, now] = (await page.evaluate('[video.currentTime * 1000 + (window.originMs ?? 0), Date.now()]')) as [
        number,
        number,
      ];
      const behindMs = (((now + presentationAheadMs - shown) % wrapMs) + wrapMs) % wrapMs;
      return behindMs > wrapMs / 2 ? behindMs - wrapMs : behindMs;
    };
    // A player that wants to be close starts where it can and catches up.
    for (const untilMs = performance.now() + catchUpMs; performance.now() < untilMs; await delay(500)) {
      if ((await latencyMs()) < 2_500) break;
    }
    const latenciesMs: number[] = [];
    const startMs = Number(await page.evaluate('video.currentTime * 1000'));
    let positionMs = startMs;
    for (const endMs = performance.now() + playMs; performance.now() < endMs; ) {
      await delay(1_000);
      latenciesMs.push(await latencyMs());
    }
    positionMs = Number(await page.evaluate('video.currentTime * 1000'));
    return { positionMs: positionMs - startMs, errors: (await page.evaluate('errors')) as string[], latenciesMs };
  } finally {
    await browser.close();
    pages.close();
  }
}
