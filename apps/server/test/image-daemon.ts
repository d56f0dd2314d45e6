import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Docker daemon with one image and no containers. */
export interface ImageDaemon extends AsyncDisposable {
  /** As in DOCKER_HOST. */
  readonly host: string;
  /** Digests of the image that is here. */
  digests: readonly string[];
  /** What it says of the registry: a status and a body. */
  registry: readonly [status: number, body: unknown];
  /** Answers of pulls that run. */
  readonly pulls: Set<ServerResponse>;
}

const info = { Architecture: 'x86_64', ServerVersion: '20.10.24', Name: 'fake', LoggingDriver: 'json-file' };

export async function imageDaemon(name: string): Promise<ImageDaemon> {
  const folder = await mkdtemp(join(tmpdir(), 'image-daemon-'));
  const socketPath = join(folder, 'docker.sock');
  const pulls = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0];
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (path === '/info') send(200, info);
    else if (path === '/containers/json') send(200, []);
    else if (path === '/volumes') send(200, { Volumes: [] });
    else if (path === `/distribution/${name}/json`) send(...daemon.registry);
    else if (path === `/images/${name}/json`) {
      const RepoDigests = daemon.digests.map((digest) => `${name.replace(/:[^:/]*$/, '')}@${digest}`);
      send(200, { Id: 'sha256:1', Architecture: 'amd64', Size: 5, Created: '2026-01-01T00:00:00Z', RepoDigests });
    } else if (path === '/images/create') {
      response.writeHead(200).flushHeaders();
      pulls.add(response);
      response.once('close', () => pulls.delete(response));
    } else if (path !== '/events') send(404, { message: `page not found: ${path}` });
    else response.writeHead(200).flushHeaders();
  });
  await once(server.listen(socketPath), 'listening');
  const daemon: ImageDaemon = {
    host: `unix://${socketPath}`,
    digests: [],
    registry: [404, { message: 'manifest unknown' }],
    pulls,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return daemon;
}
