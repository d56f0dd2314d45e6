import { type Agent, request } from 'node:http';

export interface Sent {
  readonly method: string;
  /** Goes out as it is. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  /** Empty for what never ends. */
  readonly body: string;
}

const endless = /^(text\/event-stream|video\/mp2t)/;
const patienceMs = 15_000;

/** Sends a request that may be broken; an answer that never ends is left after its head. Rejects when there is none in time. */
export function send(origin: string, { method, path, headers = {}, body }: Sent, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const client = request({ hostname, port, method, path, agent, headers: { ...length, ...headers } }, (response) => {
      const { statusCode: status = 0, headers: answered } = response;
      const type = answered['content-type'] ?? '';
      if (endless.test(type)) {
        resolve({ status, type, body: '' });
        client.destroy();
        return;
      }
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('end', () => resolve({ status, type, body: Buffer.concat(chunks).toString() }));
      response.once('error', reject);
    });
    client.setTimeout(patienceMs, () => client.destroy(new Error(`${method} ${path.slice(0, 200)} hangs`)));
    // An error after the answer, such as a refused body that is still being sent, changes nothing any more.
    client.once('error', reject);
    client.end(body);
  });
}
