import { expect, it } from 'vitest';
import type { ContainerSpec, ContainerSpecOf } from '../docker/container-spec.ts';
import { aceContainer } from './ace-container.ts';
import { aceVariants, variantFor } from './ace-variants.ts';
import { type CustomParameter, parameterFault, parseBytes } from './custom-variant.ts';

const ports = { http: 19_000, https: 19_003, api: 19_001, p2p: 19_002 };
const flags = '--client-console --bind-all --http-port 19000 --https-port 19003 --api-port 19001 --port 19002';

function resolve(spec: ContainerSpecOf, architecture = 'amd64'): ContainerSpec {
  return typeof spec === 'function' ? spec({ architecture, version: '', name: '' }) : spec;
}

function commandOf({ command }: ContainerSpec): string | undefined {
  return (typeof command === 'function' ? command(ports) : command)?.join(' ');
}

function envOf({ env }: ContainerSpec): Readonly<Record<string, string>> | undefined {
  return typeof env === 'function' ? env(ports) : env;
}

it.each([
  ['amd64', 'nano-ace'],
  ['arm64', 'jopsis-arm64'],
  ['arm', 'jopsis-arm32'],
])('on %s it is %s', (architecture, variant) => {
  expect(variantFor(architecture)).toBe(variant);
  expect(resolve(aceContainer(), architecture)).toMatchObject({ variant });
});

it('says which variants there are when none fits', () => {
  expect(() => resolve(aceContainer(), 'riscv64')).toThrow(/"riscv64".*nano-ace, jopsis-amd64/);
});

it('gives flags as the command', () => {
  const spec = resolve(aceContainer({ variant: 'nano-ace', memoryBytes: 1e9, cpus: 2 }));
  expect(commandOf(spec)).toBe(`/acestream/acestreamengine ${flags} --live-cache-type memory`);
  expect(spec).toMatchObject({ image: aceVariants['nano-ace'].image, memoryBytes: 1e9, cpus: 2, ports: { http: {} } });
  expect(Object.keys(spec.ports)[0]).toBe('http');
  expect(commandOf(resolve(aceContainer({ variant: 'jopsis-arm64' })))).toMatch(/^python main\.py --client-console/);
});

it('gives flags in an environment variable', () => {
  const spec = resolve(
    aceContainer({ variant: 'jopsis-amd64', image: 'mirror/acestream:1', flags: [['--live-buffer', '30']] }),
  );
  expect(spec.image).toBe('mirror/acestream:1');
  expect(commandOf(spec)).toBeUndefined();
  expect(envOf(spec)).toEqual({ ACESTREAM_ARGS: `${flags} --live-cache-type memory --live-buffer 30` });
  expect(envOf(resolve(aceContainer({ variant: 'http-proxy' })))).toEqual({
    ALLOW_REMOTE_ACCESS: 'yes',
    EXTRA_FLAGS: `${flags} --live-cache-type memory`,
  });
});

it('leads the cache to its folder, a little smaller than it', () => {
  const cache = { kind: 'tmpfs', path: '/cache', sizeBytes: 1_000_000 } as const;
  expect(commandOf(resolve(aceContainer({ variant: 'nano-ace', cache })))).toContain(
    '--live-cache-type disk --cache-dir /cache --live-disk-cache-size 900000',
  );
});

const parameters: readonly CustomParameter[] = [
  { name: '--live-cache-type', type: 'string', value: 'hybrid' },
  { name: '--live-mem-cache-size', type: 'bytes', value: '100MB' },
  { name: '--disable-sentry', type: 'flag', value: true },
  { name: '--upnp-enabled', type: 'flag', value: false },
  { name: '--max-peers', type: 'int', value: 50 },
  { name: '--state-dir', type: 'path', value: '/state', enabled: false },
  { name: '--http-port', type: 'int', value: 1 },
];
const own = '--live-cache-type hybrid --live-mem-cache-size 104857600 --disable-sentry --max-peers 50';

it('adds the flags of an image of one’s own to its command', () => {
  const spec = resolve(aceContainer({ variant: { image: 'own/engine:1', command: ['/engine'], parameters } }));
  expect(commandOf(spec)).toBe(`/engine ${flags} ${own}`);
  expect(spec).toMatchObject({ image: 'own/engine:1', variant: 'custom' });
});

it('fills in the places that an image of one’s own has for them', () => {
  const variant = {
    image: 'own/engine:1',
    command: ['/start', '--port={http_port}', '{flags}'],
    env: { CONF: '{conf}', ARGS: '{flags}', PLAIN: 'as it is {x}' },
    parameters: [{ name: '--max-peers', type: 'int', value: 5 }],
  } as const;
  const spec = resolve(aceContainer({ variant }));
  expect(commandOf(spec)).toBe(`/start --port=19000 ${flags} --live-cache-type memory --max-peers 5`);
  expect(envOf(spec)).toEqual({
    CONF: '--client-console\n--bind-all\n--http-port=19000\n--https-port=19003\n--api-port=19001\n--port=19002\n--live-cache-type=memory\n--max-peers=5',
    ARGS: `${flags} --live-cache-type memory --max-peers 5`,
    PLAIN: 'as it is {x}',
  });
  const noCommand = resolve(aceContainer({ variant: { image: 'own/engine:1', env: { ACESTREAM_ARGS: '{flags}' } } }));
  expect(commandOf(noCommand)).toBeUndefined();
});

it.each<[string, CustomParameter]>([
  ['not the name of a flag', { name: 'rm -rf', type: 'flag', value: true }],
  ['a line break', { name: '--a', type: 'string', value: 'x\n--b' }],
  ['a whole number', { name: '--a', type: 'int', value: '1.5' }],
  ['a size', { name: '--a', type: 'bytes', value: 'much' }],
  ['a path', { name: '--a', type: 'path', value: '../etc' }],
  ['is a flag', { name: '--a', type: 'flag', value: 'perhaps' }],
  ['no value', { name: '--a', type: 'string', value: '' }],
])('refuses a parameter: %s', (fault, parameter) => {
  expect(parameterFault(parameter)).toContain(fault);
  expect(() => aceContainer({ variant: { image: 'own/engine:1', parameters: [parameter] } })).toThrow(TypeError);
});

it('reads sizes', () => {
  expect(['0', '512', '1k', '200MB', '200 MiB', '1.5G', '-1', 'MB', ''].map(parseBytes)).toEqual([
    0,
    512,
    1_024,
    209_715_200,
    209_715_200,
    1_610_612_736,
    undefined,
    undefined,
    undefined,
  ]);
});
