import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Setting, settings } from '../../apps/server/src/config/config.ts';
import { repository } from '../src/repository.ts';

interface Service {
  readonly image?: string;
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
  readonly networks?: Readonly<Record<string, unknown>>;
}

const names = new Set(Object.values<Setting<unknown>>(settings).map(({ name }) => name));
const files = [
  'docker-compose.yml',
  ...readdirSync(join(repository, 'deploy'))
    .filter((file) => file.startsWith('compose.'))
    .map((file) => `deploy/${file}`),
];

describe.each(files)('%s', (file) => {
  const compose = parse(readFileSync(join(repository, file), 'utf8')) as Compose;
  const server = compose.services['orchestrator']!;

  test('sets only settings that the server has', () => {
    expect(Object.keys(server.environment ?? {}).filter((name) => !names.has(name))).toEqual([]);
  });

  test('defines every volume and network that it uses', () => {
    const services = Object.values(compose.services);
    const volumes = services.flatMap((service) => service.volumes ?? []).map((volume) => volume.split(':', 1)[0]!);
    const named = volumes.filter((volume) => !volume.startsWith('/'));
    expect(named.filter((volume) => !(volume in (compose.volumes ?? {})))).toEqual([]);
    const networks = services.flatMap((service) => service.networks ?? []);
    expect(networks.filter((network) => !(network in (compose.networks ?? {})))).toEqual([]);
  });

  test('keeps what the server has to remember', () => {
    expect(server.volumes).toContain('data:/data');
  });
});
