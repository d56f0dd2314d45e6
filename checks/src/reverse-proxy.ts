import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { repository } from './repository.ts';

export interface ReverseProxy extends AsyncDisposable {
  readonly origin: string;
}

/** nginx with the site of `deploy/`, in front of a server at `target` (`http://host:port`). Resolves when it passes requests on. */
export async function startNginx(program: string, target: string): Promise<ReverseProxy> {
  const port = await freePort();
  const site = settingsFor('nginx.conf', target).replace('listen 80;', `listen 127.0.0.1:${port};`);
  return startProxy(port, program, (folder) => {
    const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    const paths = folders.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ');
    const head = `daemon off; pid ${folder}/pid; error_log ${folder}/log; events {}`;
    writeFileSync(join(folder, 'nginx.conf'), `${head} http { access_log off; ${paths}\n${site}\n}`);
    return ['-e', join(folder, 'log'), '-c', join(folder, 'nginx.conf')];
  });
}

/** Caddy with the site of `deploy/`, without TLS. */
export async function startCaddy(program: string, target: string): Promise<ReverseProxy> {
  const port = await freePort();
  const site = settingsFor('Caddyfile', target).replace('tv.example.org', `http://127.0.0.1:${port}`);
  return startProxy(port, program, (folder) => {
    writeFileSync(join(folder, 'Caddyfile'), `{\n\tadmin off\n}\n${site}`);
    return ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'];
  });
}

/** A file of `deploy/` with this server's address in it. */
function settingsFor(file: string, target: string): string {
  return readFileSync(join(repository, 'deploy', file), 'utf8').replace('127.0.0.1:8000', new URL(target).host);
}

async function startProxy(
  port: number,
  program: string,
  writeSettings: (folder: string) => readonly string[],
): Promise<ReverseProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'proxy-'));
  const child = spawn(program, writeSettings(folder), { stdio: 'ignore', env: { ...process.env, HOME: folder } });
  const exited = once(child, 'exit');
  const origin = `http://127.0.0.1:${port}`;
  const end = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
    rmSync(folder, { recursive: true });
  };
  for (let attempt = 0; ; attempt++) {
    const answer = await fetch(`${origin}/healthz`).catch(() => undefined);
    if (answer?.ok) return { origin, [Symbol.asyncDispose]: end };
    if (attempt === 200 || child.exitCode !== null) {
      await end();
      throw new Error(`${program} does not pass requests on`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
