import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { CHANNELS } from '../channels.ts';
import type { EngineState } from '../engine/engine-state.ts';
import type { LoggedRequest } from '../engine/request-log.ts';
import type { EngineEvent } from '../engine/session-events.ts';
import type { Faults } from '../faults/fault-set.ts';
import { FAULT_NAMES, FAULT_TABLE, isFaultName } from '../faults/fault-table.ts';
import { REACH_PARAMETERS } from '../faults/resolve-settings.ts';
import { SimulatorError } from '../simulator-error.ts';

/** What the control API steers. */
export interface Controlled {
  readonly faults: Faults;
  state(): EngineState;
  requests(): readonly LoggedRequest[];
  clearRequests(): void;
  emit(infohash: string, event: EngineEvent): number;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

const MAX_BODY_BYTES = 65_536;
const ok = (body: unknown): Reply => ({ status: 200, body });
const refuse = (status: number, message: string): Reply => ({ status, body: { error: message } });

/** The control API: JSON over HTTP on a port of its own, ordinary HTTP whatever the engine beside it does. */
export class ControlServer {
  readonly #engine: Controlled;
  readonly #address: { readonly host: string; readonly port: number };
  readonly #server: Server;
  #url: string | undefined;

  constructor(engine: Controlled, address: { readonly host: string; readonly port: number }) {
    this.#engine = engine;
    this.#address = address;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  get url(): string | undefined {
    return this.#url;
  }

  /** Rejects with `SimulatorError` `listen-failed` when the address cannot be had. */
  async listen(): Promise<void> {
    const { host, port } = this.#address;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port }, resolve);
    }).catch((cause: unknown) => {
      throw new SimulatorError('listen-failed', `cannot listen for control on ${host}:${port}`, {
        cause,
        retryable: false,
      });
    });
    const address = this.#server.address();
    if (address && typeof address === 'object') {
      this.#url = `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
    }
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, body } = await this.#answer(request);
    const json = JSON.stringify(body);
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) });
    response.end(json);
  }

  async #answer(request: IncomingMessage): Promise<Reply> {
    const url = new URL(request.url ?? '/', 'http://control');
    const [resource = '', name, ...more] = url.pathname.split('/').slice(1);
    const operation = `${request.method} /${resource}${name === undefined ? '' : '/*'}`;
    if (more.length > 0) return refuse(404, `there is no ${url.pathname}`);
    switch (operation) {
      case 'GET /state':
        return ok(this.#engine.state());
      case 'GET /channels':
        return ok(CHANNELS);
      case 'GET /requests':
        return ok(this.#engine.requests());
      case 'DELETE /requests':
        this.#engine.clearRequests();
        return ok([]);
      case 'GET /faults':
        return ok({ active: this.#engine.faults.list(), known: describeFaults() });
      case 'DELETE /faults':
        await this.#engine.faults.clear();
        return ok([]);
      case 'PUT /faults/*':
      case 'DELETE /faults/*':
        return this.#changeFault(request, name ?? '', url.searchParams.get('infohash'));
      case 'POST /events/*':
        return this.#emit(name ?? '', await readJson(request));
      default:
        return refuse(404, `there is no ${request.method} ${url.pathname}`);
    }
  }

  async #changeFault(request: IncomingMessage, name: string, infohash: string | null): Promise<Reply> {
    if (!isFaultName(name)) return refuse(404, `there is no fault "${name}"; there are ${FAULT_NAMES.join(', ')}`);
    if (request.method === 'DELETE') {
      await this.#engine.faults.clear(name, infohash === null ? {} : { infohash });
      return ok(this.#engine.faults.list());
    }
    const settings = await readJson(request);
    if (!isRecord(settings)) return refuse(400, 'the body must be a JSON object of parameters');
    try {
      this.#engine.faults.set(name, settings);
    } catch (error) {
      if (error instanceof TypeError || error instanceof RangeError) return refuse(400, error.message);
      throw error;
    }
    return ok(this.#engine.faults.list());
  }

  #emit(infohash: string, event: unknown): Reply {
    const { name, params = {} } = isRecord(event) ? event : {};
    if (typeof name !== 'string' || !isRecord(params)) {
      return refuse(400, 'the body must be {"name": string, "params": object}');
    }
    return ok({ players: this.#engine.emit(infohash, { name, params }) });
  }
}

function describeFaults(): readonly unknown[] {
  return FAULT_NAMES.map((name) => {
    const { number, scope, text, parameters } = FAULT_TABLE[name];
    return { name, number, scope, text, parameters: { ...parameters, ...REACH_PARAMETERS[scope] } };
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The body as JSON; an empty one is `{}`, one that is no JSON or too long is `undefined`. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (bytes > MAX_BODY_BYTES) return undefined;
  const text = Buffer.concat(chunks).toString().trim();
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}
