import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { listen } from './run-example.ts';

/** A plain HTTP server with one endless stream. */
export interface LiveOrigin {
  readonly url: string;
  /** Readers since it started. */
  readonly readers: number;
  close(): Promise<void>;
}

/** Serves whatever `send` writes to each reader; what `send` returns is called when that reader has gone. */
export async function serveLive(send: (response: ServerResponse) => () => void): Promise<LiveOrigin> {
  let readers = 0;
  const server = createServer((_request, response) => {
    readers++;
    response.writeHead(200, { 'content-type': 'video/mp2t' });
    const stop = send(response);
    response.once('close', stop);
  });
  const url = `${await listen(server)}/live.ts`;
  return {
    url,
    get readers() {
      return readers;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
