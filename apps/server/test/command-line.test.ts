import { readFile, stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { settings } from '../src/config/config.ts';
import { eventually } from './eventually.ts';
import { channel } from './serve.ts';
import { runServer, spawnServer } from './server-process.ts';

/** Below a file no folder can be made. */
const noFolder = '/etc/hostname/data';

describe('the command line', () => {
  it('--help prints every setting', async () => {
    const { exitCode, stdout, stderr } = await runServer(['--help']);
    expect([exitCode, stderr]).toEqual([0, '']);
    for (const { name } of Object.values(settings)) expect(stdout).toContain(name);
  });

  it('--version prints the version of the package', async () => {
    const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
    expect(await runServer(['--version'])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
  });

  it.each<[string, string[], Record<string, string>, string[]]>([
    [
      'an argument it does not know',
      ['--port'],
      {},
      ['There is no argument "--port": settings are environment variables, see --help.'],
    ],
    [
      'several bad settings',
      [],
      { PORT: 'http', ENGINE_URLS: 'http://engine:6878/ace', LOG_LEVEL: 'loud' },
      [
        'PORT must be a whole number from 0 to 65535, not "http".',
        'LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent, not "loud".',
        'ENGINE_URLS has "http://engine:6878/ace": only scheme, host and port belong there, as in http://engine:6878.',
      ],
    ],
    [
      'a folder in which the id of this installation’s containers cannot be kept',
      [],
      { ENGINES: 'docker' },
      [
        `The id of this installation cannot be kept in ${noFolder}/instance-id (ENOTDIR: not a directory, mkdir '${noFolder}'): make DATA_DIR writable, or set INSTANCE_ID.`,
      ],
    ],
    [
      'the address of the Docker daemon',
      [],
      { ENGINES: 'docker', INSTANCE_ID: 'test', DOCKER_HOST: 'ssh://somewhere' },
      ['DOCKER_HOST is "ssh://somewhere"; it must be like unix:///var/run/docker.sock or tcp://host:2376'],
    ],
    [
      'an address of another machine',
      [],
      { HOST: '192.0.2.77', ENGINE_URLS: 'http://127.0.0.1:1' },
      ['HOST 192.0.2.77 is not an address of this machine.'],
    ],
  ])('says what is wrong with %s, in one sentence each, and exits with 1', async (_title, args, env, sentences) => {
    const { exitCode, stderr, stdout } = await runServer(args, {
      PORT: '0',
      LOG_LEVEL: 'silent',
      DATA_DIR: noFolder,
      ...env,
    });
    expect(stderr.trimEnd().split('\n')).toEqual(sentences);
    expect([exitCode, stdout]).toEqual([1, '']);
  });

  it('says which port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    try {
      const { exitCode, stderr } = await runServer([], {
        PORT: String(port),
        HOST: '127.0.0.1',
        LOG_LEVEL: 'silent',
        DATA_DIR: noFolder,
      });
      expect(stderr).toBe(`Port ${port} is already in use: stop what listens there, or set PORT to another one.\n`);
      expect(exitCode).toBe(1);
    } finally {
      other.close();
    }
  });
});

describe('key', () => {
  it('show prints the key, and rotate replaces it under a running server', async () => {
    await using server = await spawnServer({});
    const env = { DATA_DIR: server.dataDir };
    const before = (await runServer(['key', 'show'], env)).stdout.trim();
    const after = (await runServer(['key', 'rotate'], env)).stdout.trim();
    expect([before, after]).toEqual([expect.stringMatching(/^[\w-]{32}$/), expect.stringMatching(/^[\w-]{32}$/)]);
    expect(after).not.toBe(before);
    expect((await runServer(['key', 'show'], env)).stdout.trim()).toBe(after);
    const statusWith = async (shown: string) =>
      (await fetch(`${server.origin}/tokens`, { headers: { 'x-api-key': shown } })).status;
    expect(await statusWith(before)).toBe(403);
    expect(await statusWith(after)).toBe(200);
  });

  it.each<[string[], Record<string, string>, string]>([
    [['show'], { DATA_DIR: noFolder.replace('/data', '-data') }, 'There is no key in /etc/hostname-data yet'],
    [['rotate'], { API_KEY: 'from-the-setting' }, 'The key is the one in API_KEY'],
    [[], {}, 'Say "key show" or "key rotate".'],
  ])('%j says what it cannot do', async (actions, env, sentence) => {
    const { exitCode, stderr, stdout } = await runServer(['key', ...actions], env);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain(sentence);
  });

  it('show prints the one of the setting', async () => {
    expect(await runServer(['key', 'show'], { API_KEY: 'from-the-setting' })).toEqual({
      exitCode: 0,
      stdout: 'from-the-setting\n',
      stderr: '',
    });
  });
});

it('--check-config says what is wrong and does not start', async () => {
  expect(await runServer(['--check-config'], { PORT: '0' })).toMatchObject({ exitCode: 0, stderr: '' });
  const { exitCode, stderr, stdout } = await runServer(['--check-config'], { PORT: 'x', BASE_PATH: 'tv' });
  expect([exitCode, stdout]).toEqual([1, '']);
  expect(stderr.trimEnd().split('\n')).toHaveLength(2);
});

describe('a start without settings', () => {
  it('serves the built-in engines and says so, with URLs that work', async () => {
    await using server = await spawnServer({});
    await eventually(() => server.output().includes('/orchestrator/status'));
    const line = /http:\/\/\S+getstream\S+/.exec(server.output())?.[0];
    expect(server.output()).toContain(
      'No engines are configured, so the built-in simulated engines play test pictures.',
    );
    expect(line).toBe(`${server.origin}/ace/getstream?id=${channel(1)}`);
    const response = await fetch(line!);
    expect(response.status).toBe(200);
    await response.body!.cancel();
    const engines = (await (await fetch(`${server.origin}/engines`)).json()) as unknown[];
    expect(engines).toHaveLength(2);
  });

  it('makes a key, prints it once, and keeps it for the next start', async () => {
    await using first = await spawnServer({});
    await eventually(() => first.output().includes('not shown again'));
    const shown = /API key for everything else is (\S+)/.exec(first.output())?.[1];
    const kept = (await readFile(join(first.dataDir, 'api-key'), 'utf8')).trim();
    expect(shown).toBe(kept);
    expect((await stat(join(first.dataDir, 'api-key'))).mode & 0o777).toBe(0o600);
    const remove = (origin: string, token: string) =>
      fetch(`${origin}/streams/x`, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } });
    expect((await remove(first.origin, kept)).status).toBe(404);
    await using second = await spawnServer({ DATA_DIR: first.dataDir });
    expect(second.output()).not.toContain(kept);
    expect((await remove(second.origin, kept)).status).toBe(404);
    expect((await remove(second.origin, 'something-else')).status).toBe(403);
  });
});
