import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findTool } from '@acestream-orchestrator/engine-simulator/testing';
import { eventually } from './eventually.ts';

const run = promisify(execFile);

/** A Docker daemon of one's own, beside that of the machine: it may be stopped and started. Needs root. */
export interface OwnDaemon extends AsyncDisposable {
  /** As in DOCKER_HOST. */
  readonly host: string;
  /** Ends the daemon; with `liveRestore` its containers go on. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** It stands still, with all its connections open, as on a machine that is too busy; `goOn` ends that. */
  standStill(): void;
  goOn(): void;
}

/** A subnet that neither Docker nor most machines use. */
const subnet = '10.213.77.1/24';

export interface OwnDaemonOptions {
  /** Whether containers go on when it ends. */
  readonly liveRestore: boolean;
  /** Listens there as well, over TLS, with the certificates of this folder, for those whom they let in. */
  readonly tls?: { readonly port: number; readonly certPath: string };
}

export async function ownDaemon({ liveRestore, tls }: OwnDaemonOptions): Promise<OwnDaemon> {
  const folder = await mkdtemp(join(tmpdir(), 'dockerd-'));
  const bridge = `dk${process.pid % 100_000}`;
  await run('ip', ['link', 'add', 'name', bridge, 'type', 'bridge']);
  await run('ip', ['address', 'add', subnet, 'dev', bridge]);
  await run('ip', ['link', 'set', bridge, 'up']);
  const config = join(folder, 'daemon.json');
  await writeFile(config, JSON.stringify({ 'live-restore': liveRestore, bridge, iptables: false }));
  const host = `unix://${join(folder, 'docker.sock')}`;
  const args = [
    ...['--config-file', config, '--host', host, '--pidfile', join(folder, 'docker.pid')],
    ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
    ...(tls === undefined ? [] : tlsArgs(tls)),
  ];
  let child: ChildProcess = spawn('true');
  let output = '';
  const docker = (...command: readonly string[]): Promise<{ stdout: string }> =>
    run('docker', ['--host', host, ...command]);
  const start = async (): Promise<void> => {
    child = spawn(findTool('dockerd').path, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk));
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error(`dockerd ended: ${output.slice(-2_000)}`);
      return docker('info').then(
        () => true,
        () => false,
      );
    }, 60_000);
  };
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  await start();
  return {
    host,
    start,
    stop,
    standStill: () => void child.kill('SIGSTOP'),
    goOn: () => void child.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGCONT');
      if (child.exitCode !== null || child.signalCode !== null) await start();
      const ids = (await docker('ps', '-aq')).stdout.split('\n').filter((id) => id !== '');
      if (ids.length > 0) await docker('rm', '-f', ...ids);
      await stop();
      await run('ip', ['link', 'delete', bridge]);
      // It mounts its data folder onto itself, and leaves that behind.
      await run('umount', ['-l', join(folder, 'data')]).catch(() => {});
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
    },
  };
}

function tlsArgs({ port, certPath }: { readonly port: number; readonly certPath: string }): readonly string[] {
  const file = (name: string): string => join(certPath, name);
  return [
    ...['--host', `tcp://127.0.0.1:${port}`, '--tlsverify', '--tlscacert', file('ca.pem')],
    ...['--tlscert', file('server-cert.pem'), '--tlskey', file('server-key.pem')],
  ];
}
