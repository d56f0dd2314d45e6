import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BufferMeter } from '@acestream-orchestrator/engine-simulator/testing';

/** What passed between one player and the server. */
interface Passage {
  readonly meter: BufferMeter;
  /** Whether the server ended the connection, rather than the player. */
  endedByServer: boolean;
  bytes: number;
}

export interface MeteringRelay extends AsyncDisposable {
  readonly origin: string;
  readonly passages: readonly Passage[];
}

/** Stands between players and a server, passes everything on, and measures what each player has in hand. */
export async function meteringRelay(serverOrigin: string): Promise<MeteringRelay> {
  const passages: Passage[] = [];
  const relay = createServer((request, response) => {
    const passage: Passage = { meter: new BufferMeter(), endedByServer: false, bytes: 0 };
    passages.push(passage);
    let playerLeft = false;
    const upstream = get(serverOrigin + request.url, { agent: false, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('data', (chunk: Buffer) => {
        passage.meter.push(chunk, performance.now());
        passage.bytes += chunk.length;
        response.write(chunk);
      });
      answer.once('close', () => {
        passage.endedByServer ||= !playerLeft;
        response.end();
      });
      answer.on('error', () => {});
    });
    upstream.on('error', () => response.destroy());
    response.once('close', () => {
      playerLeft = true;
      upstream.destroy();
    });
  });
  relay.listen(0, '127.0.0.1');
  await new Promise((resolve) => relay.once('listening', resolve));
  return {
    origin: `http://127.0.0.1:${(relay.address() as AddressInfo).port}`,
    passages,
    async [Symbol.asyncDispose]() {
      relay.closeAllConnections();
      await new Promise((resolve) => relay.close(resolve));
    },
  };
}
