import type { AddressInfo } from 'node:net';
import type { EngineRuntime } from '@acestream-orchestrator/engine-orchestrator';
import type { KeySource } from './auth/api-key.ts';
import { compose } from './compose.ts';
import type { EngineAddress } from './config/setting-types.ts';
import { createApp } from './http/app.ts';
import type { Log } from './log.ts';
import type { Services } from './services.ts';
import type { Settings } from './settings/settings.ts';
import type { Storage } from './storage/storage.ts';

export interface ServerOptions {
  readonly settings: Settings;
  readonly log: Log;
  readonly version: string;
  readonly engines: readonly EngineAddress[];
  /** Engines are made in containers with this label. Without it `engines` are used. */
  readonly instance?: string | undefined;
  /** What makes engines; default containers, or none. */
  readonly runtime?: EngineRuntime | undefined;
  /** What opens every door. */
  readonly key: KeySource;
  /** Closed with the server. */
  readonly storage: Storage;
}

export interface RunningServer {
  /** Where to reach it from this machine, such as `http://127.0.0.1:8000`. */
  readonly origin: string;
  /** What it is made of. */
  readonly services: Services;
  /** Resolves when every engine has been probed once, well or not. */
  readonly started: Promise<void>;
  /** Takes no new connections, ends all players and tells every engine to stop. */
  close(): Promise<void>;
}

/** Starts to serve. Rejects with the system's error when it cannot listen. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { settings, log, key } = options;
  const services = compose(options);
  const { config } = settings;
  const app = createApp({ config, log, key, services });
  try {
    const { port, host } = config;
    await app.listen({ port, host, listenTextResolver: (address) => `listening at ${address}` });
  } catch (error) {
    await app.close();
    throw error;
  }
  return {
    origin: originOf(app.server.address()),
    services,
    started: services.started,
    close: async () => {
      await app.close();
    },
  };
}

function originOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') throw new TypeError('The server does not listen on a TCP port');
  const anywhere = address.address === '0.0.0.0' || address.address === '::';
  const host = anywhere ? '127.0.0.1' : address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}
