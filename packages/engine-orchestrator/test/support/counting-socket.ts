import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A socket in front of another one that writes down every HTTP request that goes through it. */
export interface CountingSocket extends AsyncDisposable {
  readonly path: string;
  /** Method and path of each request so far; emptied by whoever wants to count anew. */
  readonly requests: string[];
}

export async function countingSocket(target: string): Promise<CountingSocket> {
  const folder = await mkdtemp(join(tmpdir(), 'counting-'));
  const path = join(folder, 'docker.sock');
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target);
    let tail = '';
    client.on('data', (chunk: Buffer) => {
      tail += chunk.toString('latin1');
      for (const [, request = ''] of tail.matchAll(/((?:GET|POST|PUT|DELETE|HEAD) \S+) HTTP\/1\.1\r\n/g))
        requests.push(request);
      tail = tail.slice(tail.lastIndexOf('\r\n') + 2);
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    path,
    requests,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
      await rm(folder, { recursive: true });
    },
  };
}
