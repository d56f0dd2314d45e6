import { createServer } from 'node:net';

/** Whether a TCP port of this machine can be bound at `address` now. */
export function isPortFree(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'));
    server.listen({ port, host: address, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
