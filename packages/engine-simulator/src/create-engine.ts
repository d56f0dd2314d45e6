import { createHash } from 'node:crypto';
import type { ApiContext } from './api/api-context.ts';
import { routeRequest } from './api/route-request.ts';
import { CHANNELS, resolveContentId, resolveInfohash } from './channels.ts';
import { ControlServer } from './control/control-server.ts';
import { CountsByContent } from './engine/content-counts.ts';
import type { EngineContext } from './engine/engine-context.ts';
import { type EngineOptions, type EngineSettings, resolveOptions } from './engine/engine-options.ts';
import { EngineSessions } from './engine/engine-sessions.ts';
import { describeDownload, type EngineState } from './engine/engine-state.ts';
import { seededRandom } from './engine/random.ts';
import { type LoggedRequest, RequestLog } from './engine/request-log.ts';
import type { EngineEvent } from './engine/session-events.ts';
import { FaultSet, type Faults } from './faults/fault-set.ts';
import { FAULT_NAMES, type FaultName } from './faults/fault-table.ts';
import { isLocalAddress } from './http/access.ts';
import type { Exchange } from './http/exchange.ts';
import { HttpServer } from './http/http-server.ts';
import { openPlayout } from './playout/open-playout.ts';
import type { Playout } from './playout/playout.ts';

/** Time between tries to get the port back after a crash, should somebody else hold it. */
const RELISTEN_MS = 250;

/** A running engine stand-in. */
export interface SimulatedEngine extends AsyncDisposable {
  readonly port: number;
  /** `http://host:port`, without a slash at the end. */
  readonly url: string;
  /** Address of the control API; `undefined` with `controlPort: false`. */
  readonly controlUrl: string | undefined;
  readonly faults: Faults;
  state(): EngineState;
  /** The newest requests to the engine's API, oldest first. */
  requests(): readonly LoggedRequest[];
  clearRequests(): void;
  /** Sends an event to the `event_url` of every player of a content. Returns how many there are. */
  emit(infohash: string, event: EngineEvent): number;
  /** Ends every connection and resolves when nothing is left. Idempotent. */
  close(): Promise<void>;
}

/**
 * Starts an engine stand-in and resolves when it listens.
 *
 * @throws TypeError or RangeError (synchronously) for wrong options; rejects with `SimulatorError` `listen-failed` when
 * an address cannot be had.
 */
export function createEngine(options: EngineOptions = {}): Promise<SimulatedEngine> {
  const engine = new EngineProcess(resolveOptions(options));
  return engine.open();
}

class EngineProcess implements SimulatedEngine {
  readonly faults: FaultSet;
  readonly #settings: EngineSettings;
  readonly #sessions: EngineSessions;
  readonly #counts = new CountsByContent();
  readonly #requests: RequestLog;
  readonly #http: HttpServer;
  readonly #control: ControlServer | undefined;
  readonly #api: ApiContext;
  #crashes = 0;
  #crashed = false;
  #closed: Promise<void> | undefined;
  #restartTimer: NodeJS.Timeout | undefined;
  #settling: Promise<void> = Promise.resolve();

  constructor(settings: EngineSettings) {
    const { host, port, controlPort, controlHost, seed, now } = settings;
    this.#settings = settings;
    this.#requests = new RequestLog(settings.requestLogSize);
    this.faults = new FaultSet({ now, changed: (name) => this.#faultChanged(name), settled: () => this.#settle() });
    const engine: EngineContext = {
      settings,
      faults: this.faults,
      counts: this.#counts,
      random: seededRandom(seed),
      otherPlayout,
    };
    this.#sessions = new EngineSessions(engine);
    this.#http = new HttpServer({
      host,
      port,
      manners: { server: settings.version.serverHeader, now },
      accept: (remoteAddress) => this.#accepts(remoteAddress),
      handle: (exchange) => this.#handle(exchange),
    });
    this.#api = {
      engine,
      sessions: this.#sessions,
      accessToken: createHash('sha256').update(`access token ${seed}`).digest('hex'),
      remoteAccess: settings.remoteAccess,
      started: () => this.#crashIfDue(),
    };
    this.#control =
      controlPort === false ? undefined : new ControlServer(this, { host: controlHost, port: controlPort });
  }

  get port(): number {
    return this.#http.port;
  }

  get url(): string {
    const { host } = this.#settings;
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.port}`;
  }

  get controlUrl(): string | undefined {
    return this.#control?.url;
  }

  async open(): Promise<SimulatedEngine> {
    try {
      for (const name of FAULT_NAMES) {
        const settings = this.#settings.faults[name];
        if (settings) this.faults.set(name, settings);
      }
      await this.#http.listen();
      await this.#settle();
      await this.#control?.listen();
      return this;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  state(): EngineState {
    return {
      url: this.url,
      version: this.#settings.version.version,
      listening: this.#http.listening,
      connections: this.#http.connections,
      crashes: this.#crashes,
      downloads: this.#sessions.downloads.map(describeDownload),
      contents: this.#counts.snapshot(),
      faults: this.faults.list(),
    };
  }

  requests(): readonly LoggedRequest[] {
    return this.#requests.list();
  }

  clearRequests(): void {
    this.#requests.clear();
  }

  emit(infohash: string, event: EngineEvent): number {
    const players = [...(this.#sessions.download(infohash.toLowerCase())?.players.values() ?? [])];
    for (const { events } of players) events.push(event);
    return players.length;
  }

  close(): Promise<void> {
    this.#closed ??= this.#shutDown();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shutDown(): Promise<void> {
    clearTimeout(this.#restartTimer);
    await this.#settling.catch(() => undefined);
    await Promise.all([this.#http.close(), this.#control?.close()]);
    this.#sessions.clear('crashed');
  }

  #accepts(remoteAddress: string): boolean {
    if (this.faults.peek('reset-connections')) return false;
    return this.#api.remoteAccess || isLocalAddress(remoteAddress);
  }

  #handle(exchange: Exchange): Promise<void> {
    const { method, target, remoteAddress, headers } = exchange.request;
    exchange.onStatus = this.#requests.add({
      atMs: this.#settings.now(),
      method,
      target,
      remoteAddress,
      headers: Object.fromEntries(headers),
    });
    return routeRequest(exchange, this.#api);
  }

  #faultChanged(name: FaultName): void {
    if (name === 'crash') {
      if (!this.faults.peek('crash')) this.#crashed = false;
      this.#crashIfDue();
    }
    if (!this.#shouldListen) this.#http.stopListening();
    for (const { hls } of this.#sessions.downloads) hls?.noticeFaults();
  }

  get #shouldListen(): boolean {
    return !this.#closed && !this.#crashed && !this.faults.peek('refuse-connections');
  }

  #crashIfDue(): void {
    const fault = this.faults.peek('crash');
    if (!fault || this.#crashed || this.#sessions.downloads.length < fault.parameters.downloads) return;
    fault.meet();
    this.#crashed = true;
    this.#crashes += 1;
    this.#http.stopListening();
    this.#http.resetConnections();
    this.#sessions.clear('crashed');
    clearTimeout(this.#restartTimer);
    this.#restartTimer = setTimeout(() => this.#restart(), fault.parameters.restartAfterMs);
  }

  #restart(): void {
    this.faults.clear('crash').catch(() => {
      this.#restartTimer = setTimeout(() => this.#restart(), RELISTEN_MS);
    });
  }

  /** Listens, or not, as the faults in force say; one change after the other. */
  #settle(): Promise<void> {
    this.#settling = this.#settling
      .catch(() => undefined)
      .then(() => (this.#shouldListen ? this.#http.listen() : this.#http.stopListening()));
    return this.#settling;
  }
}

function otherPlayout(infohash: string, channelName: string): Playout {
  const content = resolveInfohash(infohash);
  const named = channelName ? (resolveContentId(channelName) ?? resolveInfohash(channelName)) : undefined;
  const other = named ?? CHANNELS.find(({ media }) => media !== content?.media && media !== 'radio-aac');
  return openPlayout(other ?? CHANNELS[0]!);
}
