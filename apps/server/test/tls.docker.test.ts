import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describeWithTools } from '@acestream-orchestrator/engine-simulator/testing';
import { describe, expect, it } from 'vitest';
import { certificates } from './certificates.ts';
import { dockerEngines } from './docker-engines.ts';
import { eventually } from './eventually.ts';
import { ownDaemon } from './own-daemon.ts';
import { Player } from './player.ts';
import { channel } from './serve.ts';
import { spawnServer } from './server-process.ts';

const port = 23_760;

/** What the server says of its engines when Docker does not let it in. */
async function trouble(env: Readonly<Record<string, string>>): Promise<string> {
  await using server = await spawnServer({ ENGINES: 'docker', INSTANCE_ID: 'test-tls', AUTH: 'off', ...env });
  return await eventually(async () => {
    const answer = await fetch(`${server.origin}/images`);
    const { error } = (await answer.json()) as { error?: { code: string; message: string } };
    return error !== undefined && `${answer.status} ${error.code}: ${error.message}`;
  }, 30_000);
}

describeWithTools(
  describe,
  ['docker', 'dockerd', 'ip', 'iptables', 'ldd', 'openssl', 'tar'],
  'a Docker daemon behind TLS',
  () => {
    it('makes engines that play for whoever has its certificates, and tells everybody else what is wrong', async () => {
      await using ours = await certificates();
      await using theirs = await certificates();
      await using daemon = await ownDaemon({ liveRestore: false, tls: { port, certPath: ours.path } });
      await using engines = await dockerEngines({ dockerHost: daemon.host, ports: '19200-19224' });
      const host = { DOCKER_HOST: `tcp://127.0.0.1:${port}`, DOCKER_TLS_VERIFY: '1' };
      {
        const env = { ...engines.env, ...host, DOCKER_CERT_PATH: ours.path, AUTH: 'off', MIN_FREE_REPLICAS: '0' };
        await using server = await spawnServer(env);
        using player = new Player(`${server.origin}/ace/getstream?id=${channel(1)}`);
        await player.more(188 * 1_000, 60_000);
        expect((await engines.running()).size).toBe(1);
        // Over a connection that goes on, too.
        await engines.docker('kill', [...(await engines.running()).values()][0] ?? '');
        await player.more(188 * 1_000, 60_000);
      }

      const folder = async (name: string, files: Readonly<Record<string, string>>): Promise<string> => {
        const path = join(ours.path, name);
        await mkdir(path);
        for (const [file, from] of Object.entries(files)) await copyFile(join(from, file), join(path, file));
        return path;
      };
      const cases = [
        [
          'other-authority',
          { 'ca.pem': theirs.path, 'cert.pem': ours.path, 'key.pem': ours.path },
          'not signed by ca.pem',
        ],
        ['no-certificate', { 'ca.pem': ours.path }, 'does not accept the client certificate'],
        [
          'other-client',
          { 'ca.pem': ours.path, 'cert.pem': theirs.path, 'key.pem': theirs.path },
          'does not accept the client certificate',
        ],
        ['mixed', { 'ca.pem': ours.path, 'cert.pem': ours.path, 'key.pem': theirs.path }, 'do not fit'],
        ['empty', {}, 'ca.pem for the Docker daemon cannot be read'],
      ] as const;
      const told = cases.map(async ([name, files, words]) => {
        const path = await folder(name, files);
        const said = await trouble({ ...host, DOCKER_CERT_PATH: path });
        expect(said).toMatch(/^503 daemon_forbidden: /);
        expect(said).toContain(words);
        expect(said).toContain(`${path}`);
        expect(said).toContain('(DOCKER_CERT_PATH)');
      });
      await Promise.all(told);
      expect(await trouble({ DOCKER_HOST: host.DOCKER_HOST })).toMatch(
        /daemon_forbidden: .*wants TLS.*DOCKER_TLS_VERIFY/,
      );
      // It speaks for 127.0.0.1 alone.
      expect(await trouble({ ...host, DOCKER_HOST: `tcp://localhost:${port}`, DOCKER_CERT_PATH: ours.path })).toMatch(
        /another name than localhost.*\(DOCKER_HOST\)/,
      );
    });
  },
);
