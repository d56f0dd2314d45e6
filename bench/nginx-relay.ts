import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { Relay, RunningServer } from './server-under-test.ts';

export const NGINX = '/usr/sbin/nginx';

/** nginx as a relay: it reads the source once for every client, for it shares no body that does not end. */
export function startNginx(relay: Relay): Promise<RunningServer> {
  return runNginx(`proxy_pass http://127.0.0.1:${relay.sourcePort}; proxy_buffering off; proxy_http_version 1.1;`);
}

/** nginx serving the files of a folder as one is told to: from the page cache, by sendfile. */
export function serveFolder(root: string): Promise<RunningServer> {
  return runNginx(`root ${root}; sendfile on; tcp_nopush on; types { application/vnd.apple.mpegurl m3u8; }`);
}

/** @param directives what it does at every path */
async function runNginx(directives: string): Promise<RunningServer> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-nginx-'));
  const port = await freePort();
  await writeFile(join(folder, 'nginx.conf'), configuration(folder, port, directives));
  const nginx = spawn(NGINX, ['-p', folder, '-e', join(folder, 'error.log'), '-c', join(folder, 'nginx.conf')], {
    stdio: 'ignore',
  });
  const exited = new Promise<void>((resolve) => nginx.once('close', () => resolve()).once('error', () => resolve()));
  const end = async (): Promise<void> => {
    nginx.kill('SIGTERM');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  for (let attempt = 0; !(await answers(port)); attempt++) {
    if (attempt === 50) {
      await end();
      throw new Error(`nginx did not listen on port ${port}`);
    }
    await after(50);
  }
  return { pid: nginx.pid ?? 0, port, loopDelay: async () => undefined, [Symbol.asyncDispose]: end };
}

function configuration(folder: string, port: number, directives: string): string {
  return `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
events { worker_connections 20000; }
http {
  access_log off;
  keepalive_requests 1000000;
  client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  server {
    listen 127.0.0.1:${port};
    location / { ${directives} }
  }
}
`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
