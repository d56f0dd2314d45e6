import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithTools, runProcess } from '@acestream-orchestrator/engine-simulator/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../src/free-port.ts';
import { repository } from '../src/repository.ts';
import { type ServerProcess, startServer } from '../src/server-process.ts';

/** The settings in deploy/, with real proxies and the built server. */
const channel = `/ace/getstream?id=${'1'.repeat(40)}`;
let folder: string;
let server: ServerProcess;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'proxy-'));
  server = await startServer([process.execPath, join(repository, 'apps/server/dist/main.js')], {
    TRUSTED_PROXIES: '127.0.0.1',
    LINGER_MS: '1000',
  });
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** A file of deploy/ with this server's address in it. */
function settings(file: string): string {
  return readFileSync(join(repository, 'deploy', file), 'utf8').replace('127.0.0.1:8000', new URL(server.origin).host);
}

interface Proxy extends AsyncDisposable {
  readonly origin: string;
}

async function startProxy(port: number, program: string, args: readonly string[]): Promise<Proxy> {
  const child = spawn(program, args, { stdio: 'ignore', env: { ...process.env, HOME: folder } });
  const exited = once(child, 'exit');
  const origin = `http://127.0.0.1:${port}`;
  for (let attempt = 0; ; attempt++) {
    const answer = await fetch(`${origin}/healthz`).catch(() => undefined);
    if (answer?.ok) break;
    if (attempt === 100 || child.exitCode !== null) throw new Error(`${program} does not pass requests on`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    origin,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function startNginx(program: string): Promise<Proxy> {
  const port = await freePort();
  const site = settings('nginx.conf').replace('listen 80;', `listen 127.0.0.1:${port};`);
  const conf = `daemon off; pid ${folder}/pid; error_log ${folder}/log; events {} http { access_log off; ${[
    'client_body',
    'proxy',
    'fastcgi',
    'uwsgi',
    'scgi',
  ]
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(' ')}\n${site}\n}`;
  writeFileSync(join(folder, 'nginx.conf'), conf);
  return startProxy(port, program, ['-e', join(folder, 'log'), '-c', join(folder, 'nginx.conf')]);
}

async function startCaddy(program: string): Promise<Proxy> {
  const port = await freePort();
  const site = settings('Caddyfile').replace('tv.example.org', `http://127.0.0.1:${port}`);
  writeFileSync(join(folder, 'Caddyfile'), `{\n\tadmin off\n}\n${site}`);
  return startProxy(port, program, ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile']);
}

for (const [name, start] of [
  ['nginx', startNginx],
  ['caddy', startCaddy],
] as const) {
  describeWithTools(describe, [name, 'ffmpeg'], `behind ${name}`, (paths) => {
    test('a player gets the channel at once and without a fault', async () => {
      await using proxy = await start(paths[name]);
      const { stderr, exitCode } = await runProcess(
        paths.ffmpeg,
        ['-v', 'error', '-i', proxy.origin + channel, '-t', '4', '-c', 'copy', '-f', 'null', '-'],
        { timeoutMs: 30_000 },
      );
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    });

    test('the engine is told to stop soon after the player left', async () => {
      await using proxy = await start(paths[name]);
      const abort = new AbortController();
      const reader = (await fetch(proxy.origin + channel, { signal: abort.signal })).body!.getReader();
      await reader.read();
      abort.abort();
      await expect
        .poll(async () => (await fetch(`${server.origin}/streams?status=started`)).json(), { timeout: 10_000 })
        .toEqual([]);
    });

    test("the server takes the player's address from the proxy", async () => {
      await using proxy = await start(paths[name]);
      const foreign = { headers: { 'x-forwarded-for': '203.0.113.9' } };
      expect((await fetch(`${proxy.origin}/streams`)).status).toBe(200);
      const answer = await fetch(`${server.origin}/streams`, foreign);
      expect(answer.status).toBe(401);
    });
  });
}
