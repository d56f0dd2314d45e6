import type { EngineRuntime } from '@acestream-orchestrator/engine-orchestrator';
import { createEngine, type EngineOptions, type SimulatedEngine } from '@acestream-orchestrator/engine-simulator';
import { fixedKey, type KeySource } from '../src/auth/api-key.ts';
import type { Config } from '../src/config/config.ts';
import { createLog } from '../src/log.ts';
import type { Services } from '../src/services.ts';
import { Settings } from '../src/settings/settings.ts';
import { type RunningServer, startServer } from '../src/start-server.ts';
import { type DatabaseThread, databaseHere } from '../src/storage/database-thread.ts';
import { Storage } from '../src/storage/storage.ts';

export const key = 'key-of-the-tests';

export interface TestServerOptions {
  /** Simulated engines to start; a number of equal ones, or their options. Default 1. */
  readonly engines?: number | readonly EngineOptions[];
  /** Engines that are not started here, by URL. */
  readonly engineUrls?: readonly string[];
  /** What makes engines; then none is started here. */
  readonly runtime?: EngineRuntime;
  /** Engines are made in containers with this label. */
  readonly instance?: string;
  /** Values that nothing changes, within bounds or not. */
  readonly config?: Partial<Config>;
  readonly env?: Readonly<Record<string, string>>;
  /** Default {@link key}. */
  readonly keySource?: KeySource;
  /** Default: in memory. */
  readonly database?: DatabaseThread;
}

export interface TestServer extends AsyncDisposable {
  readonly origin: string;
  readonly engines: readonly SimulatedEngine[];
  /** Log lines so far, parsed. */
  readonly logs: readonly Readonly<Record<string, unknown>>[];
  readonly server: RunningServer;
  readonly services: Services;
  /** GETs JSON, with the key unless told otherwise. */
  get<Body = Record<string, unknown>>(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer<Body>>;
  request<Body = Record<string, unknown>>(path: string, init: RequestInit): Promise<Answer<Body>>;
}

interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** A server on a free port with simulated engines, each answering at once and starting fast. */
export async function serve(options: TestServerOptions = {}): Promise<TestServer> {
  const wanted = options.engines ?? (options.engineUrls === undefined && options.runtime === undefined ? 1 : 0);
  const engineOptions = typeof wanted === 'number' ? Array.from({ length: wanted }, () => ({})) : wanted;
  const engines = await Promise.all(
    engineOptions.map((each) => createEngine({ controlPort: false, resolveDelayMs: 5, startDelayMs: 30, ...each })),
  );
  const urls = [...engines.map(({ url }) => url), ...(options.engineUrls ?? [])];
  const logs: Record<string, unknown>[] = [];
  const log = createLog('debug', { write: (line) => void logs.push(JSON.parse(line)) });
  const storage = await Storage.open({ thread: options.database ?? databaseHere(), log });
  const settings = new Settings({
    env: { PORT: '0', HOST: '127.0.0.1', ENGINE_URLS: urls.join(), ...options.env },
    saved: storage.document('settings'),
    save: (saved) => storage.saveDocuments({ settings: saved }),
    pinned: options.config ?? {},
  });
  const server = await startServer({
    settings,
    log,
    storage,
    version: '0.0.0-test',
    engines: settings.config.engineUrls,
    runtime: options.runtime,
    instance: options.instance,
    key: options.keySource ?? fixedKey(key),
  });
  await server.started;
  async function request<Body>(path: string, init: RequestInit): Promise<Answer<Body>> {
    const response = await fetch(server.origin + path, init);
    // The caller says what it expects and checks it.
    return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
  }
  return {
    origin: server.origin,
    engines,
    logs,
    server,
    services: server.services,
    request,
    get: (path, headers = { 'x-api-key': key }) => request(path, { headers }),
    async [Symbol.asyncDispose]() {
      await server.close();
      await Promise.all(engines.map((engine) => engine.close()));
    },
  };
}

/** Content ids of the simulators' catalogue: 40 times one digit. */
export const channel = (digit: number): string => String(digit).repeat(40);

/** Any other content id. */
export const content = (number: number): string => `c0${number.toString(16).padStart(38, '0')}`;
