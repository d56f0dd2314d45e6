import { describe, expect, it } from 'vitest';
import { ConfigError, engineSource, readConfig, settings } from './config.ts';
import { helpText } from './config-help.ts';
import { wishedNetwork } from './container-settings.ts';

const faultsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
};

describe('readConfig', () => {
  it('starts with the defaults of the table', () => {
    const config = readConfig({});
    for (const [field, { default: value }] of Object.entries(settings)) {
      expect(config[field as keyof typeof config]).toEqual(value);
    }
    expect(config).toMatchObject({
      port: 8000,
      host: '0.0.0.0',
      dataDir: './data',
      joinBehindMs: 10_000,
      lingerMs: 15_000,
    });
  });

  it('reads every setting under its own name', () => {
    const names = Object.values(settings).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(
      readConfig({
        PORT: '0',
        API_KEY: 'long enough'.replace(' ', '-'),
        AUTH_PLAYBACK: 'key',
        ENGINE_URLS: 'http://e:1',
      }),
    ).toMatchObject({
      port: 0,
      apiKey: 'long-enough',
      authPlayback: 'key',
      engineUrls: [{ host: 'e', port: 1 }],
    });
  });

  it('takes an empty variable as one that is not set', () => {
    expect(readConfig({ PORT: '', API_KEY: '  ', ENGINES: '' })).toEqual(readConfig({}));
  });

  it('tells all faults at once, each in a sentence that starts with the setting', () => {
    const faults = faultsOf({ PORT: 'x', LINGER_MS: '-1', AUTH: 'maybe', ENGINE_URLS: 'ftp://a', ENGINES: 'some' });
    expect(faults.map((fault) => fault.split(' ', 1)[0]).toSorted()).toEqual([
      'AUTH',
      'ENGINES',
      'ENGINE_URLS',
      'LINGER_MS',
      'PORT',
    ]);
    for (const fault of faults) expect(fault).toMatch(/\.$/);
  });

  it('reads where engines are put, under its own name and those of the 1.5 release', () => {
    const network = (env: Record<string, string>): string | undefined =>
      wishedNetwork(readConfig({ ENGINES: 'docker', ...env }));
    expect(network({})).toBeUndefined();
    expect(network({ ENGINE_NETWORK: 'media' })).toBe('media');
    expect(network({ DOCKER_NETWORK: 'media' })).toBe('media');
    expect(network({ GLUETUN_CONTAINER_NAME: 'gluetun' })).toBe('container:gluetun');
    expect(network({ GLUETUN_CONTAINER_NAME: 'gluetun', DOCKER_NETWORK: 'media' })).toBe('container:gluetun');
    expect(network({ GLUETUN_CONTAINER_NAME: 'gluetun', ENGINE_NETWORK: 'container:gluetun' })).toBe(
      'container:gluetun',
    );
  });

  it('refuses what cannot be the name of an image', () => {
    for (const image of ['http://ghcr.io/name', 'a//b', '../b', 'a b', '-rm']) {
      expect(faultsOf({ ENGINES: 'docker', ENGINE_IMAGE: image })).toEqual([
        `ENGINE_IMAGE must be the name of an image, such as ghcr.io/name:tag, not "${image}".`,
      ]);
    }
    const image = `registry.example:5000/some/Name_1.2:x@sha256:${'0'.repeat(64)}`;
    expect(readConfig({ ENGINES: 'docker', ENGINE_IMAGE: image }).engineImage).toBe(image);
  });

  it('refuses settings that want engines inside a VPN and elsewhere', () => {
    expect(faultsOf({ ENGINES: 'docker', GLUETUN_CONTAINER_NAME: 'gluetun', ENGINE_NETWORK: 'bridge' })).toEqual([
      'GLUETUN_CONTAINER_NAME wants engines inside the network of gluetun, and ENGINE_NETWORK in bridge: leave one of them out.',
    ]);
    expect(faultsOf({ ENGINES: 'docker', ENGINE_URLS: 'http://127.0.0.1:1', INSTANCE_ID: 'a b' })).toEqual([
      'ENGINE_URLS names engines of yours, and ENGINES=docker makes others: leave one of them out.',
      'INSTANCE_ID must consist of letters, digits, _ . and -, not "a b".',
    ]);
  });

  it('wants URLs for static engines', () => {
    expect(faultsOf({ ENGINES: 'static' })).toEqual([
      'ENGINES=static needs ENGINE_URLS, such as http://127.0.0.1:6878.',
    ]);
  });

  it('refuses a whole wait that is shorter than its first part', () => {
    expect(faultsOf({ FIRST_BYTE_TIMEOUT_MS: '1000' })).toEqual([
      'FIRST_BYTE_TIMEOUT_MS (1000) must not be shorter than START_TIMEOUT_MS (20000).',
    ]);
  });

  it('never repeats a key', () => {
    expect(faultsOf({ API_KEY: 'hunter2' }).join()).not.toContain('hunter2');
  });
});

describe('engineSource', () => {
  it.each([
    [{}, 'demo'],
    [{ ENGINE_URLS: 'http://e:1' }, 'static'],
    [{ ENGINES: 'static', ENGINE_URLS: 'http://e:1' }, 'static'],
    [{ ENGINES: 'demo', ENGINE_URLS: 'http://e:1' }, 'demo'],
  ])('is decided for %j: %s', (env, source) => {
    expect(engineSource(readConfig(env))).toBe(source);
  });
});

describe('helpText', () => {
  it('has every setting with its default and its purpose', () => {
    const help = helpText('1.2.3');
    for (const { name, text } of Object.values(settings)) {
      expect(help).toMatch(new RegExp(`^  ${name} `, 'm'));
      expect(help).toContain(text);
    }
    expect(help).toContain('0 to 65535; default 8000');
    expect(help).toContain('1.2.3');
  });
});
