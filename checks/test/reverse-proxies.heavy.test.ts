import { join } from 'node:path';
import { describeWithTools, runProcess } from '@acestream-orchestrator/engine-simulator/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { repository } from '../src/repository.ts';
import { startCaddy, startNginx } from '../src/reverse-proxy.ts';
import { type ServerProcess, startServer } from '../src/server-process.ts';

/** The settings in deploy/, with real proxies and the built server. */
const channel = `id=${'1'.repeat(40)}`;
let server: ServerProcess;

beforeEach(async () => {
  server = await startServer([process.execPath, join(repository, 'apps/server/dist/main.js')], {
    TRUSTED_PROXIES: '127.0.0.1',
    LINGER_MS: '1000',
  });
});

afterEach(() => server[Symbol.asyncDispose]());

for (const [name, start] of [
  ['nginx', startNginx],
  ['caddy', startCaddy],
] as const) {
  describeWithTools(describe, [name, 'ffmpeg'], `behind ${name}`, (paths) => {
    test.each(['getstream', 'manifest.m3u8'])('a player gets /ace/%s without a fault', async (kind) => {
      await using proxy = await start(paths[name], server.origin);
      const { stderr, exitCode } = await runProcess(
        paths.ffmpeg,
        ['-v', 'error', '-i', `${proxy.origin}/ace/${kind}?${channel}`, '-t', '4', '-c', 'copy', '-f', 'null', '-'],
        { timeoutMs: 60_000 },
      );
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    });

    test('the engine is told to stop soon after the player left', async () => {
      await using proxy = await start(paths[name], server.origin);
      const abort = new AbortController();
      const reader = (
        await fetch(`${proxy.origin}/ace/getstream?${channel}`, { signal: abort.signal })
      ).body!.getReader();
      await reader.read();
      abort.abort();
      const started = async (): Promise<unknown> => (await fetch(`${server.origin}/streams?status=started`)).json();
      await expect.poll(started, { timeout: 10_000 }).toEqual([]);
    });

    test("the server takes the player's address from the proxy", async () => {
      await using proxy = await start(paths[name], server.origin);
      expect((await fetch(`${proxy.origin}/streams`)).status).toBe(200);
      const foreign = { headers: { 'x-forwarded-for': '203.0.113.9' } };
      expect((await fetch(`${server.origin}/streams`, foreign)).status).toBe(401);
    });
  });
}
