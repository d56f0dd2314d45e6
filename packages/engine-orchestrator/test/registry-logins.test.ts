import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type DockerRuntimeOptions,
  dockerConfigLogins,
  dockerRuntime,
  type RegistryLogin,
} from '../src/docker/index.ts';
import { fakeClock } from '../src/testing.ts';
import { fakeDaemon } from './support/fake-daemon.ts';

const { signal } = new AbortController();
const secret = 'pass:word-of-the-tests';
const login = { username: 'somebody', password: secret };
const auth = Buffer.from(`somebody:${secret}`).toString('base64');

let folder: string;
const path = process.env['PATH'];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docker-config-'));
  process.env['PATH'] = [folder, path].join(delimiter);
});

afterEach(async () => {
  process.env['PATH'] = path;
  await rm(folder, { recursive: true });
});

async function keep(config: unknown): Promise<void> {
  await writeFile(join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
}

function find(registry: string): Promise<RegistryLogin | undefined> {
  return dockerConfigLogins({ DOCKER_CONFIG: folder })(registry, { signal });
}

/** A program `docker-credential-<name>` that runs these lines of shell. */
async function helper(name: string, ...lines: readonly string[]): Promise<void> {
  const file = join(folder, `docker-credential-${name}`);
  await writeFile(file, ['#!/bin/sh', ...lines, ''].join('\n'));
  await chmod(file, 0o755);
}

describe('a login', () => {
  it('is what `docker login` wrote into config.json, for this registry and no other', async () => {
    await keep({ auths: { 'https://registry.example:5000/v2/': { auth }, 'ghcr.io': {} } });
    expect(await find('registry.example:5000')).toEqual(login);
    expect(await find('registry.example')).toBeUndefined();
    expect(await find('ghcr.io')).toBeUndefined();
    expect(await find('docker.io')).toBeUndefined();
  });

  it('may be a token, or a name and a password in plain', async () => {
    await keep({
      auths: {
        'https://index.docker.io/v1/': { auth, identitytoken: 'a-token' },
        'ghcr.io': { username: 'somebody', password: secret },
      },
    });
    expect(await find('docker.io')).toEqual({ identityToken: 'a-token' });
    expect(await find('ghcr.io')).toEqual(login);
  });

  it('counts from the next question on, without a restart', async () => {
    expect(await find('ghcr.io')).toBeUndefined();
    await keep({ auths: { 'ghcr.io': { auth } } });
    expect(await find('ghcr.io')).toEqual(login);
  });

  it('is looked for in the home folder where DOCKER_CONFIG is not set', async () => {
    await keep({ auths: { 'ghcr.io': { auth } } });
    const logins = dockerConfigLogins({ HOME: folder });
    expect(await logins('ghcr.io', { signal })).toBeUndefined();
    await mkdir(join(folder, '.docker'));
    await rename(join(folder, 'config.json'), join(folder, '.docker', 'config.json'));
    expect(await logins('ghcr.io', { signal })).toEqual(login);
  });

  it('is asked of the helper for its registry, or else of the one for all, by the name that docker uses', async () => {
    await helper('one', `read server; printf '{"Username":"%s","Secret":"one"}' "$server"`);
    await helper('all', `read server; printf '{"Username":"<token>","Secret":"%s"}' "$server$1"`);
    await keep({ credHelpers: { 'ghcr.io': 'one' }, credsStore: 'all', auths: { 'ghcr.io': { auth } } });
    expect(await find('ghcr.io')).toEqual({ username: 'ghcr.io', password: 'one' });
    expect(await find('docker.io')).toEqual({ identityToken: 'https://index.docker.io/v1/get' });
  });

  it('that a helper does not have is taken from the file, where there is one', async () => {
    await helper('empty', 'echo "credentials not found in native keychain"; exit 1');
    await keep({ credsStore: 'empty', auths: { 'ghcr.io': { auth } } });
    expect(await find('ghcr.io')).toEqual(login);
    expect(await find('docker.io')).toBeUndefined();
  });

  it('is withdrawn from a helper that nobody waits for any more', async () => {
    await helper('slow', 'exec sleep 60');
    await keep({ credsStore: 'slow' });
    const leaving = new AbortController();
    const found = dockerConfigLogins({ DOCKER_CONFIG: folder })('ghcr.io', { signal: leaving.signal });
    setTimeout(() => leaving.abort(new Error('left')), 50);
    await expect(found).rejects.toThrow('left');
  });
});

describe('what keeps a login from being read is said, without anything that is secret', () => {
  it.each([
    ['a file that is not JSON', `{"auths":{"ghcr.io":{"auth":"${auth}"}`, /config\.json is not JSON$/],
    [
      'a login that is none',
      { auths: { 'ghcr.io': { auth: Buffer.from(secret.replace(':', '')).toString('base64') } } },
      /has for ghcr\.io is not a name and a password$/,
    ],
    ['a helper that is not there', { credsStore: 'gone' }, /docker-credential-gone is not installed/],
    ['a helper that is a path', { credsStore: '../../bin/sh' }, /cannot be the name of a credential helper$/],
    ['a helper that fails', { credsStore: 'locked' }, /docker-credential-locked failed: the keychain is locked$/],
    ['a helper that fails with half an answer', { credsStore: 'half' }, /docker-credential-half failed$/],
    ['a helper that answers nonsense', { credsStore: 'odd' }, /docker-credential-odd gave no Username and Secret$/],
  ])('%s', async (_title, config, message) => {
    await helper('locked', 'echo the keychain is locked; exit 1');
    await helper('half', `echo '{"Secret":"${secret}"'; exit 1`);
    await helper('odd', `echo '${secret}'`);
    await keep(config);
    const error: unknown = await find('ghcr.io').catch((fault: unknown) => fault);
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
    const shown = inspect(error, { depth: 9, showHidden: true });
    for (const hidden of [secret, auth, secret.replace(':', '')]) expect(shown).not.toContain(hidden);
  });
});

const image = 'registry.example:5000/engine:1';

/** A daemon that has no image, and asks a registry that lets nobody in but `somebody`. */
async function lockedRegistry() {
  let isHere = false;
  const shown: unknown[] = [];
  const isIn = (header: unknown): boolean => {
    const credentials: unknown =
      header === undefined ? undefined : JSON.parse(Buffer.from(String(header), 'base64url').toString());
    shown.push(credentials);
    return (credentials as { password?: string } | undefined)?.password === secret;
  };
  const daemon = await fakeDaemon({
    'GET /images/:id/json': () =>
      isHere ? { Id: 'sha256:1', Created: '', RepoDigests: [] } : [404, { message: 'No such image' }],
    'GET /distribution/:id/json': ({ request }) =>
      isIn(request.headers['x-registry-auth'])
        ? { Descriptor: { digest: `sha256:${'a'.repeat(64)}` } }
        : [401, { message: 'unauthorized: authentication required' }],
    'POST /images/create': ({ request, query, body, response }) => {
      expect([...query.keys(), ...Object.keys(body)]).not.toContain('authconfig');
      isHere = isIn(request.headers['x-registry-auth']);
      const said = isHere ? { status: 'Pull complete', id: 'a' } : { error: 'unauthorized: authentication required' };
      response.end(`${JSON.stringify(said)}\n`);
    },
  });
  return Object.assign(daemon, { shown });
}

describe('a registry that wants a login', () => {
  const runtimeAt = ({ socketPath }: { socketPath: string }, options: Partial<DockerRuntimeOptions>) =>
    dockerRuntime({
      instance: 'test',
      spec: { image, ports: { http: {} } },
      connection: { kind: 'unix', socketPath },
      ...options,
    });

  it('is shown it when an image is pulled and when it is looked up, and by the name of that registry only', async () => {
    await using daemon = await lockedRegistry();
    const asked: string[] = [];
    const runtime = runtimeAt(daemon, {
      logins: async (registry) => {
        asked.push(registry);
        return registry === 'registry.example:5000' ? login : undefined;
      },
    });
    await runtime.create({}, { signal });
    await runtime.checkImage(undefined, { signal });
    await expect(runtime.checkImage('other.example/engine', { signal })).rejects.toMatchObject({
      code: 'registry_denied',
    });
    expect(asked).toEqual(['registry.example:5000', 'registry.example:5000', 'other.example']);
    const whole = { ...login, serveraddress: 'registry.example:5000' };
    expect(daemon.shown).toEqual([whole, whole, undefined]);
  });

  it('is shown the logins that docker keeps when nothing else is said', async () => {
    await using daemon = await lockedRegistry();
    const before = process.env['DOCKER_CONFIG'];
    process.env['DOCKER_CONFIG'] = folder;
    try {
      await keep({ auths: { 'registry.example:5000': { auth } } });
      await runtimeAt(daemon, {}).create({}, { signal });
    } finally {
      if (before === undefined) delete process.env['DOCKER_CONFIG'];
      else process.env['DOCKER_CONFIG'] = before;
    }
    expect(daemon.shown).toMatchObject([login]);
  });

  it.each([
    ['there is no login', async () => undefined, 'no login for registry.example:5000 was found'],
    [
      'the login is a wrong one',
      async () => ({ ...login, password: 'no-word-of-the-tests' }),
      'the login for registry.example:5000 was not accepted',
    ],
    [
      'the login cannot be read',
      () => Promise.reject(new Error('the keychain is locked')),
      'the login for registry.example:5000 cannot be read: the keychain is locked',
    ],
  ])('refuses with what to do when %s', async (_title, logins, words) => {
    await using daemon = await lockedRegistry();
    const told: unknown[] = [];
    const runtime = runtimeAt(daemon, {
      logins,
      optionNames: { logins: 'DOCKER_CONFIG' },
      onPull: (progress) => told.push(progress),
      onImage: (state) => told.push(state),
    });
    const refused = {
      code: 'registry_denied',
      retryable: false,
      option: 'logins',
      message: expect.stringMatching(new RegExp(`authentication required; ${words} \\(DOCKER_CONFIG\\)$`)),
    };
    const attempts = [
      () => runtime.create({}, { signal }),
      () => runtime.pull(image, { signal }),
      () => runtime.checkImage(image, { signal }),
    ];
    for (const attempt of attempts) {
      const error: unknown = await attempt().catch((fault: unknown) => fault);
      expect(error).toMatchObject(refused);
      told.push(error);
    }
    const shown = inspect(told, { depth: 12, showHidden: true });
    for (const hidden of [secret, 'no-word-of-the-tests']) expect(shown).not.toContain(hidden);
  });

  it('that wants none is asked all the same when a login cannot be read', async () => {
    await using daemon = await fakeDaemon({
      'GET /distribution/:id/json': () => ({ Descriptor: { digest: `sha256:${'a'.repeat(64)}` } }),
    });
    const runtime = runtimeAt(daemon, { logins: () => Promise.reject(new Error('locked')) });
    expect(await runtime.checkImage(undefined, { signal })).toMatchObject({ check: { error: undefined } });
  });

  it('is asked without a login that does not come in time', async () => {
    await using daemon = await lockedRegistry();
    const clock = fakeClock();
    const runtime = runtimeAt(daemon, { clock, logins: () => new Promise(() => {}) });
    const refusal = expect(runtime.checkImage(image, { signal })).rejects.toMatchObject({
      message: expect.stringContaining('there was no answer within 20000 ms'),
    });
    await expect.poll(() => clock.pendingTimers).toBe(1);
    await clock.advance(20_000);
    await refusal;
  });
});
