import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface SlowRelay extends AsyncDisposable {
  /** `127.0.0.1:<port>` */
  readonly host: string;
}

/** Stands in front of a server at `127.0.0.1:<port>`; each connection gets at most so many bytes of it in a second. */
export async function slowRelay(host: string, bytesPerSecond: number): Promise<SlowRelay> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  };
  const relay = createServer((client) => {
    const upstream = connect(Number(host.split(':')[1]), '127.0.0.1');
    for (const socket of [client, upstream]) keep(socket);
    client.once('close', () => upstream.destroy());
    client.pipe(upstream);
    void passSlowly(upstream, client, bytesPerSecond);
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  return {
    host: `127.0.0.1:${(relay.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(relay, 'close');
      relay.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function passSlowly(from: Socket, to: Socket, bytesPerSecond: number): Promise<void> {
  try {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      if (!to.write(chunk)) await once(to, 'drain');
      await delay((chunk.length / bytesPerSecond) * 1_000);
    }
    to.end();
  } catch {
    to.destroy();
  }
}
