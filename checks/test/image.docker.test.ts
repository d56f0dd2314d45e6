import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { describeWithTools, runProcess, simulatorImage } from '@acestream-orchestrator/engine-simulator/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePort } from '../src/free-port.ts';
import { run } from '../src/pnpm.ts';
import { repository } from '../src/repository.ts';
import { startNginx } from '../src/reverse-proxy.ts';

/** The Dockerfile, built from this tree and run on the daemon of this machine as docker-compose.yml does. */
const channel = `/ace/getstream?id=${'1'.repeat(40)}`;
const image = `orchestrator-test-${randomUUID().slice(0, 8)}`;
const socket = '/var/run/docker.sock';
const confined = ['--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];

describeWithTools(
  describe,
  ['docker', 'ffmpeg', 'nginx'],
  'the container image',
  ({ docker: program, ffmpeg, nginx }) => {
    const docker = async (...args: readonly string[]): Promise<string> => (await run(repository, program, args)).trim();

    /** Runs the image, confined, and gives where it is reached. */
    const start = async (name: string, ...options: readonly string[]): Promise<string> => {
      const port = await freePort();
      const published = ['--publish', `127.0.0.1:${port}:8000`];
      await docker(
        'run',
        '--detach',
        '--health-interval',
        '1s',
        '--name',
        name,
        ...confined,
        ...published,
        ...options,
        image,
      );
      await vi.waitFor(
        async () => expect(await docker('inspect', '--format', '{{.State.Health.Status}}', name)).toBe('healthy'),
        { timeout: 60_000, interval: 500 },
      );
      return `http://127.0.0.1:${port}`;
    };

    const play = async (url: string): Promise<void> => {
      const { stderr, exitCode } = await runProcess(
        ffmpeg,
        ['-v', 'error', '-i', url, '-t', '4', '-c', 'copy', '-f', 'null', '-'],
        { timeoutMs: 60_000 },
      );
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    };

    beforeAll(async () => {
      // The host's network, because a registry may be reached through a proxy on this machine only.
      await docker('build', '--quiet', '--network', 'host', '--tag', image, '.');
    }, 600_000);

    afterAll(() => docker('rmi', '--force', image), 60_000);

    describe('by itself', () => {
      const name = `${image}-demo`;
      let origin: string;

      beforeAll(async () => {
        origin = await start(name);
      }, 90_000);
      afterAll(() => docker('rm', '--force', '--volumes', name), 60_000);

      test('plays a channel, and has the panel', async () => {
        await play(origin + channel);
        expect(await (await fetch(`${origin}/panel/`)).text()).toContain('<div id="root">');
        expect(await (await fetch(`${origin}/panel/licenses.txt`)).text()).toContain('Permission is hereby granted');
      });

      test('does not run as root, and keeps its key where only it can read it', async () => {
        expect(await docker('exec', name, 'id', '-u')).toBe('1000');
        expect(await docker('exec', name, 'stat', '-c', '%a %U', '/data/api-key')).toBe('600 node');
      });

      test('has no tools of the build in it', async () => {
        const paths = await docker('exec', name, 'ls', '/app', '/app/node_modules/.pnpm');
        expect(paths).not.toMatch(/turbo|typescript|vitest|tsup|esbuild|vite@/);
      });

      test('ends within two seconds when it is stopped, with a player on it', async () => {
        const player = await fetch(origin + channel);
        const before = performance.now();
        await docker('stop', name);
        expect(performance.now() - before).toBeLessThan(2_000);
        expect(await docker('inspect', '--format', '{{.State.ExitCode}}', name)).toBe('0');
        await player.body?.cancel().catch(() => {});
      });
    });

    describe('with the Docker socket', () => {
      const name = `${image}-docker`;
      const instance = `${image}-instance`;
      const network = `${image}-network`;
      const engines = (): Promise<string> =>
        docker('ps', '--all', '--quiet', '--filter', `label=ondemand.app=${instance}`);
      let origin: string;

      beforeAll(async () => {
        await docker('network', 'create', network);
        const settings = {
          ENGINES: 'docker',
          ENGINE_IMAGE: await simulatorImage(),
          ENGINE_VARIANT: 'nano-ace',
          INSTANCE_ID: instance,
          TRUSTED_PROXIES: '172.16.0.0/12,192.168.0.0/16',
        };
        const env = Object.entries(settings).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
        const group = String(statSync(socket).gid);
        origin = await start(
          name,
          '--network',
          network,
          '--group-add',
          group,
          '--volume',
          `${socket}:${socket}`,
          ...env,
        );
      }, 180_000);

      afterAll(async () => {
        await docker('rm', '--force', '--volumes', name);
        const left = (await engines()).split('\n').filter((id) => id !== '');
        if (left.length > 0) await docker('rm', '--force', '--volumes', ...left);
        await docker('network', 'rm', network);
      }, 60_000);

      test('makes an engine and plays through it, and through nginx in front', async () => {
        await play(origin + channel);
        expect(await engines()).not.toBe('');
        await using proxy = await startNginx(nginx, origin);
        await play(proxy.origin + channel);
      }, 180_000);

      test('stops within two seconds and leaves its engines for the next start', async () => {
        const before = performance.now();
        await docker('stop', name);
        expect(performance.now() - before).toBeLessThan(2_000);
        expect(await engines()).not.toBe('');
      });
    });
  },
);
