import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findTool } from './find-tool.ts';
import { collect, ended } from './run-process.ts';

/** Options of `spawnRegistry`. */
export interface SpawnRegistryOptions {
  /** Whether it refuses everybody but {@link RegistryProcess.login}. Default false. */
  readonly locked?: boolean;
}

/** A registry of container images in a process of its own, with an empty store. */
export interface RegistryProcess extends AsyncDisposable {
  /** `127.0.0.1:<port>`, which names of its images begin with. Docker takes a loopback address without TLS. */
  readonly host: string;
  /** Who is let in when it is locked. */
  readonly login: { readonly username: string; readonly password: string };
  /** Ends it; its store stays until it is disposed of. */
  stop(): Promise<void>;
}

const login = Object.freeze({ username: 'somebody', password: 'opens-the-tests' });
/** Of that password; bcrypt is the only kind that it takes. */
const passwordHash = '$2b$05$abcdefghijklmnopqrstuuTgUEny2SNFfgkMFKfcJolkXboL46V4.';

/** It says nothing about itself once it listens. */
const pollMs = 50;

/**
 * Runs `docker-registry` (of the Debian package of that name) on a free port of 127.0.0.1. Disposing of it ends it and
 * removes its store.
 *
 * @throws Error when it is not installed, or ends before it answers; the message holds what it printed.
 */
export async function spawnRegistry({ locked = false }: SpawnRegistryOptions = {}): Promise<RegistryProcess> {
  const program = findTool('docker-registry');
  if (!program.available) throw new Error(program.reason);
  const folder = await mkdtemp(join(tmpdir(), 'registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  const config = join(folder, 'config.json');
  const passwords = join(folder, 'passwords');
  // JSON is YAML.
  const settings = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'store') } },
    http: { addr: host },
    ...(locked ? { auth: { htpasswd: { realm: 'locked', path: passwords } } } : {}),
  };
  await writeFile(config, JSON.stringify(settings));
  await writeFile(passwords, `${login.username}:${passwordHash}\n`);
  const child = spawn(program.path, ['serve', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const stderr = collect(child.stderr);
  const exited = ended(child);
  let isOver = false;
  const over = exited.then(
    () => (isOver = true),
    () => (isOver = true),
  );
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await over;
  };
  const dispose = async (): Promise<void> => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  };
  while (!(await answers(host))) {
    if (isOver) {
      await dispose();
      throw new Error(`the registry ended before it answered: ${stderr().trim()}`);
    }
    await delay(pollMs);
  }
  return { host, login, stop, [Symbol.asyncDispose]: dispose };
}

async function answers(host: string): Promise<boolean> {
  try {
    return [200, 401].includes((await fetch(`http://${host}/v2/`)).status);
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
