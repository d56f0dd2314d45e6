import type { Setting } from './setting.ts';
import { basePath, choice, integer, text } from './setting-types.ts';

/** Settings of the process: where it listens, what it keeps, what it says. */
export interface ServerConfig {
  readonly port: number;
  readonly host: string;
  /** Empty, or `/tv`: no slash at the end. */
  readonly basePath: string;
  readonly shutdownTimeoutMs: number;
  readonly dataDir: string;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
}

export const serverSettings: { readonly [Field in keyof ServerConfig]: Setting<ServerConfig[Field]> } = {
  port: {
    name: 'PORT',
    type: integer(0, 65535),
    default: 8000,
    text: 'TCP port to listen on; 0 takes a free one.',
    changes: 'restart',
  },
  host: { name: 'HOST', type: text('address'), default: '0.0.0.0', text: 'Address to listen on.', changes: 'restart' },
  basePath: {
    name: 'BASE_PATH',
    type: basePath(),
    default: '',
    text: 'Path under which a reverse proxy shows this server; requests with and without it are answered.',
    changes: 'restart',
  },
  shutdownTimeoutMs: {
    name: 'SHUTDOWN_TIMEOUT_MS',
    type: integer(100, 600_000, 'ms'),
    default: 900,
    text: 'What is not closed so long after SIGTERM is cut off. With ENGINES_ON_EXIT=remove it is at least 10 s more than ENGINE_STOP_TIMEOUT_MS.',
    changes: 'restart',
  },
  dataDir: {
    name: 'DATA_DIR',
    type: text('folder'),
    default: './data',
    text: 'Folder for what must survive a restart.',
    changes: 'environment',
  },
  logLevel: {
    name: 'LOG_LEVEL',
    type: choice('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    default: 'info',
    text: 'Least important log line that is written.',
  },
};
