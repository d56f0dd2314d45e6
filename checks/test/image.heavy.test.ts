import { randomUUID } from 'node:crypto';
import { describeWithTools, runProcess } from '@acestream-orchestrator/engine-simulator/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../src/free-port.ts';
import { run } from '../src/pnpm.ts';
import { repository } from '../src/repository.ts';

/** The Dockerfile, built from this tree and run on the daemon of this machine. */
const channel = `/ace/getstream?id=${'1'.repeat(40)}`;
const name = `image-${randomUUID().slice(0, 8)}`;

describeWithTools(describe, ['docker', 'ffmpeg'], 'the container image', ({ docker, ffmpeg }) => {
  let origin: string;

  const inspect = (format: string): Promise<string> =>
    run(repository, docker, ['inspect', '--format', format, name]).then((text) => text.trim());

  beforeAll(async () => {
    // The host's network, because a registry may be reached through a proxy on this machine only.
    await run(repository, docker, ['build', '--quiet', '--network', 'host', '--tag', name, '.']);
    const port = await freePort();
    origin = `http://127.0.0.1:${port}`;
    await run(repository, docker, [
      'run',
      '--detach',
      '--health-interval',
      '1s',
      '--name',
      name,
      '--publish',
      `127.0.0.1:${port}:8000`,
      name,
    ]);
  }, 400_000);

  afterAll(async () => {
    await run(repository, docker, ['rm', '--force', '--volumes', name]);
    await run(repository, docker, ['rmi', '--force', name]);
  }, 60_000);

  test('becomes healthy by its own check', async () => {
    await expect.poll(() => inspect('{{.State.Health.Status}}'), { timeout: 60_000, interval: 500 }).toBe('healthy');
  });

  test('plays a channel', async () => {
    const { stderr, exitCode } = await runProcess(
      ffmpeg,
      ['-v', 'error', '-i', origin + channel, '-t', '4', '-c', 'copy', '-f', 'null', '-'],
      { timeoutMs: 30_000 },
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  test('does not run as root, and keeps its key where only it can read it', async () => {
    expect(await run(repository, docker, ['exec', name, 'id', '-u'])).toBe('1000\n');
    expect(await run(repository, docker, ['exec', name, 'stat', '-c', '%a %U', '/data/api-key'])).toBe('600 node\n');
  });

  test('has no tools of the build in it', async () => {
    const paths = await run(repository, docker, ['exec', name, 'ls', '/app', '/app/node_modules/.pnpm']);
    expect(paths).not.toMatch(/turbo|typescript|vitest|tsup|esbuild/);
  });

  test('ends within two seconds when it is stopped, with a player on it', async () => {
    const player = await fetch(origin + channel);
    const before = performance.now();
    await run(repository, docker, ['stop', name]);
    expect(performance.now() - before).toBeLessThan(2_000);
    expect(await inspect('{{.State.ExitCode}}')).toBe('0');
    await player.body?.cancel().catch(() => {});
  });
});
