import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { runServer } from 'verdaccio';

export interface LocalRegistry extends AsyncDisposable {
  readonly url: string;
}

/** A registry on a free port of this machine that has only what is published to it; anybody may. */
export async function startLocalRegistry(folder: string): Promise<LocalRegistry> {
  const server = (await runServer({
    self_path: folder,
    configPath: join(folder, 'config.yaml'),
    storage: join(folder, 'storage'),
    uplinks: {},
    packages: { '**': { access: '$all', publish: '$all', unpublish: '$all' } },
    auth: { htpasswd: { file: join(folder, 'htpasswd'), max_users: 1 } },
    max_body_size: '100mb',
    log: { type: 'stdout', format: 'pretty', level: 'error' },
    web: { enable: false },
  } as never)) as Server;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}
