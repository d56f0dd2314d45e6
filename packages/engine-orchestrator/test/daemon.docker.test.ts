import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { describeWithTools, simulatorImage } from '@acestream-orchestrator/engine-simulator/testing';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { aceProbe } from '../src/ace/index.ts';
import {
  type ContainerSpec,
  type DockerRuntime,
  type DockerRuntimeOptions,
  daemonAddress,
  dockerRuntime,
} from '../src/docker/index.ts';
import type { RuntimeLogLine } from '../src/index.ts';
import { simulatorSpec } from './support/simulator-spec.ts';

const run = promisify(execFile);
const { signal } = new AbortController();

/** The numbers in what `docker stats` shows, percent and bytes. */
function readFigures(text: string): number[] {
  const units: Readonly<Record<string, number>> = {
    '%': 1,
    B: 1,
    kB: 1e3,
    MB: 1e6,
    KiB: 2 ** 10,
    MiB: 2 ** 20,
    GiB: 2 ** 30,
  };
  return [...text.matchAll(/([\d.]+)(%|[kKMG]?i?B)/g)].map(
    ([, number, unit = '']) => Number(number) * (units[unit] ?? 0),
  );
}

function isNear(value: number | undefined, expected: number, tolerance: number): boolean {
  return value !== undefined && Math.abs(value - expected) <= expected * tolerance;
}

/** Ports that no other test and no installation here uses. */
const ports = { from: 19_700, to: 19_799 };

async function docker(...args: readonly string[]): Promise<string> {
  return (await run('docker', [...args])).stdout.trim();
}

describeWithTools(describe, ['docker', 'ldd', 'tar', 'iptables', 'nsenter'], 'on a Docker daemon', () => {
  let spec: ContainerSpec;
  let instance: string;
  const others: string[] = [];

  beforeAll(async () => {
    spec = simulatorSpec(await simulatorImage());
  }, 120_000);

  afterEach(async () => {
    const ids = await docker('ps', '-aq', '--filter', `label=ondemand.app=${instance}`);
    const left = [...ids.split('\n').filter((id) => id !== ''), ...others.splice(0)];
    if (left.length > 0) await docker('rm', '-fv', ...left);
  });

  function runtime(options: Partial<DockerRuntimeOptions> = {}): DockerRuntime {
    instance = options.instance ?? `test-${randomBytes(4).toString('hex')}`;
    return dockerRuntime({ instance, name: `t${instance.slice(-6)}`, spec, ports, ...options });
  }

  /** A container that is none of ours; it stands for a VPN, or for something that must not be touched. */
  async function foreign(name: string, ...args: readonly string[]): Promise<string> {
    const command = ['/acestream/acestreamengine', '--bind-all', '--http-port', '6878'];
    const id = await docker('run', '-d', '--name', name, ...args, spec.image, ...command);
    others.push(id);
    return id;
  }

  async function answers(engine: { host: string; port: number }): Promise<void> {
    const probe = aceProbe();
    await expect
      .poll(async () => probe({ ...engine, id: '', name: '', labels: {}, forwarded: false }, { signal }), {
        timeout: 20_000,
        interval: 200,
      })
      .toMatchObject({ ok: true });
  }

  it('an engine is made, answers, is measured, speaks, stops, starts again and goes without a trace', async () => {
    const pool = runtime({ spec: { ...spec, cache: { kind: 'volume', path: '/cache' }, memoryBytes: 512e6, cpus: 1 } });
    const engine = await pool.create({ labels: { mine: 'yes' }, env: { SOME: 'thing' } }, { signal });
    expect(engine).toMatchObject({ running: true, labels: { mine: 'yes' } });
    expect(engine.port).toBeGreaterThanOrEqual(ports.from);
    await answers(engine);

    const stats = (await pool.stats([engine.id], { signal })).get(engine.id);
    expect(stats?.memoryUsageBytes).toBeGreaterThan(1e6);
    expect(stats?.memoryLimitBytes).toBe(Math.floor(512e6 / 4096) * 4096);
    const lines = [];
    for await (const line of pool.logs(engine.id, { signal })) lines.push(line);
    expect(lines.find(({ stream }) => stream === 'stdout')).toMatchObject({
      text: `listening on http://0.0.0.0:${engine.port}`,
      at: expect.any(Number),
    });
    const info = await pool.inspect(engine.name, { signal });
    expect(info).toMatchObject({
      Id: engine.id,
      HostConfig: { NanoCpus: 1e9, RestartPolicy: { Name: 'no' }, LogConfig: { Config: { 'max-size': '10m' } } },
    });

    await pool.stop(engine.id, { signal, graceMs: 2_000 });
    await pool.stop(engine.id, { signal, graceMs: 2_000 });
    const [stopped] = await pool.list({ signal });
    expect(stopped?.running).toBe(false);
    await pool.start(engine.id, { signal });
    await pool.start(engine.id, { signal });
    const [again] = await pool.list({ signal });
    expect(again?.startedAt).toBeGreaterThan(engine.startedAt ?? 0);
    await answers(again ?? engine);

    const volumes = ['volume', 'ls', '-q', '--filter', `label=ondemand.app=${instance}`];
    expect(await docker(...volumes)).not.toBe('');
    await pool.remove(engine.id, { signal });
    await pool.remove(engine.id, { signal });
    expect(await pool.list({ signal })).toEqual([]);
    expect(await docker(...volumes)).toBe('');
  });

  it('the figures are those of docker stats', async () => {
    const busy = [
      '/bin/node',
      '-e',
      "require('http').createServer().listen(6878); setInterval(() => { for (const end = Date.now() + 50; Date.now() < end; ); }, 100)",
    ];
    const pool = runtime({ spec: { ...spec, ports: { http: { container: 6878 } }, command: busy } });
    const engine = await pool.create({}, { signal });
    const shown = async (): Promise<number[]> => {
      const format = '{{.CPUPerc}} {{.MemUsage}} {{.NetIO}}';
      return readFigures(await docker('stats', '--no-stream', '--format', format, engine.id));
    };
    // Two measurements are never of the same moment.
    await expect
      .poll(
        async () => {
          const [cpu = 0, memory = 0, limit = 0, received = 0] = await shown();
          const ours = (await pool.stats([engine.id], { signal })).get(engine.id);
          return {
            cpu: isNear(ours?.cpuPercent, cpu, 0.3) && cpu > 10,
            memory: isNear(ours?.memoryUsageBytes, memory, 0.1),
            limit: isNear(ours?.memoryLimitBytes, limit, 0.01),
            received: isNear(ours?.networkReceivedBytes, received, 0.3),
          };
        },
        { timeout: 40_000, interval: 1_000 },
      )
      .toEqual({ cpu: true, memory: true, limit: true, received: true });
  });

  it('a log is read as it was written: the last lines, those since a time, long ones whole', async () => {
    const script =
      "console.log('first'); console.error('second'); console.log('x'.repeat(40_000)); setTimeout(() => console.log('third'), 2_500)";
    const pool = runtime();
    const { id } = await pool.run({ ...spec, command: ['/bin/node', '-e', script] }, { signal });
    const read = async (options: object): Promise<readonly RuntimeLogLine[]> => {
      const lines = [];
      for await (const line of pool.logs(id, { signal, ...options })) lines.push(line);
      return lines;
    };
    // Followed to the end of its process.
    const all = await read({ follow: true });
    expect(all.map(({ stream }) => stream).sort()).toEqual(['stderr', 'stdout', 'stdout', 'stdout']);
    expect(new Set(all.map(({ text }) => text))).toEqual(new Set(['first', 'second', 'x'.repeat(40_000), 'third']));
    expect(all.at(-1)).toMatchObject({ text: 'third', at: expect.any(Number) });
    expect(await read({ tail: 1 })).toEqual(all.slice(-1));
    expect(await read({ since: (all.at(-1)?.at ?? 0) - 1_000 })).toEqual(all.slice(-1));
    expect(await read({ since: (all.at(-1)?.at ?? 0) + 1_000 })).toEqual([]);
  });

  it('ports are published at loopback and nowhere else, unless bind says so', async () => {
    const local = await runtime().create({}, { signal });
    const bindings = await docker('inspect', '-f', '{{json .HostConfig.PortBindings}}', local.id);
    expect(JSON.parse(bindings)).toEqual({
      [`${local.port}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: `${local.port}` }],
    });
    await docker('rm', '-f', local.id);
    const open = await runtime({ bind: '0.0.0.0' }).create({}, { signal });
    const published = Object.keys(
      JSON.parse(await docker('inspect', '-f', '{{json .HostConfig.PortBindings}}', open.id)),
    );
    const p2p = open.labels[`t${instance.slice(-6)}.p2p_port`];
    expect(published.sort()).toEqual([`${open.port}/tcp`, `${p2p}/tcp`, `${p2p}/udp`].sort());
  });

  it('events tell of what happens to our containers, and of nobody else’s', async () => {
    const pool = runtime();
    const following = new AbortController();
    const seen: string[] = [];
    const followed = (async () => {
      for await (const { type, engineId } of pool.events({ signal: following.signal }))
        seen.push(`${type} ${engineId}`);
    })();
    await expect.poll(() => seen).toEqual(['changed ']);
    await foreign(`foreign-${instance}`);
    const { id } = await pool.create({}, { signal });
    await docker('kill', id);
    await pool.remove(id, { signal });
    await expect.poll(() => seen.at(-1), { timeout: 10_000 }).toBe(`removed ${id}`);
    expect(seen.slice(1)).toEqual([`created ${id}`, `started ${id}`, `stopped ${id}`, `removed ${id}`]);
    following.abort();
    await followed;
  });

  it('a log is followed until nobody listens', async () => {
    const pool = runtime();
    const { id } = await pool.create({}, { signal });
    const following = new AbortController();
    const lines: string[] = [];
    const followed = (async () => {
      for await (const { text } of pool.logs(id, { signal: following.signal, follow: true, tail: 100 }))
        lines.push(text);
    })();
    await expect.poll(() => lines.some((line) => line.startsWith('listening')), { timeout: 10_000 }).toBe(true);
    following.abort(new Error('enough'));
    await expect(followed).rejects.toThrow('enough');
  });

  it('a daemon that listens at a port is as good as one at a socket', async () => {
    const sockets = new Set<Socket>();
    const relay = createServer((client) => {
      const daemon = connect('/var/run/docker.sock');
      for (const [one, other] of [
        [client, daemon],
        [daemon, client],
      ] as const) {
        sockets.add(one);
        one.pipe(other).on('error', () => one.destroy());
      }
    });
    await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
    const { port } = relay.address() as AddressInfo;
    const pool = runtime({ connection: daemonAddress({ DOCKER_HOST: `tcp://127.0.0.1:${port}` }) });
    const following = new AbortController();
    const seen: string[] = [];
    const followed = (async () => {
      for await (const { type } of pool.events({ signal: following.signal })) seen.push(type);
    })();
    await expect.poll(() => seen).toEqual(['changed']);
    // Containers' addresses may be anywhere behind it, so ports are published, and used.
    const engine = await pool.create({}, { signal });
    expect(engine.host).toBe('127.0.0.1');
    await answers(engine);
    await pool.remove(engine.id, { signal });
    await expect.poll(() => seen.at(-1)).toBe('removed');
    following.abort();
    await followed;
    for (const socket of sockets) socket.destroy();
    relay.close();
  });

  it('two installations share a daemon: neither sees nor touches the other, names and ports included', async () => {
    const one = runtime({ name: 'shared' });
    const two = runtime({ name: 'shared' });
    const mine = await one.create({}, { signal });
    others.push(mine.id);
    const theirs = await two.create({}, { signal });
    expect(theirs.name).not.toBe(mine.name);
    expect(theirs.port).not.toBe(mine.port);
    expect((await two.list({ signal })).map(({ id }) => id)).toEqual([theirs.id]);
    await two.remove(mine.id, { signal });
    await two.stop(mine.name, { signal, graceMs: 0 });
    expect((await one.list({ signal })).map(({ running }) => running)).toEqual([true]);
  });

  it('a foreign container with the next name and the next port is passed over and left alone', async () => {
    const name = `t${randomBytes(4).toString('hex')}`;
    const pool = runtime({ name });
    const theirs = await foreign(`${name}-1`, '-p', `127.0.0.1:${ports.from}:6878`);
    const made = await Promise.all([pool.create({}, { signal }), pool.create({}, { signal })]);
    expect(made.map((engine) => engine.name).sort()).toEqual([`${name}-2`, `${name}-3`]);
    expect(made.some(({ port }) => port === ports.from)).toBe(false);
    await Promise.all(made.map(({ id }) => pool.remove(id, { signal })));
    expect(await docker('inspect', '-f', '{{.State.Running}}', theirs)).toBe('true');
  });

  it('engines are adopted by another process, with their ports', async () => {
    const before = runtime({ ports: { from: 19_760, to: 19_765 } });
    const made = await before.create({}, { signal });
    const after = runtime({ instance, ports: { from: 19_760, to: 19_765 } });
    const [adopted] = await after.list({ signal });
    expect(adopted).toMatchObject({ id: made.id, port: made.port });
    expect(adopted?.outdated).toBeUndefined();
    const next = await after.create({}, { signal });
    expect(next.port).toBe(made.port + 3);
  });

  it('an engine of other settings, or of an older image of the same name, is outdated', async () => {
    const tag = `simulator-test:${randomBytes(4).toString('hex')}`;
    await docker('tag', spec.image, tag);
    const pool = runtime({ spec: { ...spec, image: tag } });
    await pool.create({}, { signal });
    expect((await pool.list({ signal }))[0]?.outdated).toBeUndefined();
    // The name gets another image: the same files with another command.
    const folder = await run('mktemp', ['-d']);
    const context = folder.stdout.trim();
    await run('sh', ['-c', `printf 'FROM ${spec.image}\\nLABEL newer=yes\\n' > ${context}/Dockerfile`]);
    await docker('build', '-q', '-t', tag, context);
    await run('rm', ['-r', context]);
    expect((await pool.list({ signal }))[0]?.outdated).toMatchObject({ reason: 'image' });
    pool.configure({ ...spec, image: tag, env: { NEW: 'setting' } });
    expect((await pool.list({ signal }))[0]?.outdated).toMatchObject({ reason: 'config' });
    await docker('rm', '-f', (await pool.list({ signal }))[0]?.id ?? '');
    await docker('rmi', '-f', tag);
  });

  it('a process that ends is told from one that does not listen', async () => {
    const dying = ['/bin/node', '-e', 'setTimeout(() => { console.error("no licence"); process.exit(3); }, 3000)'];
    const pool = runtime({ spec: { ...spec, command: dying } });
    const { id } = await pool.create({}, { signal });
    await expect.poll(async () => (await pool.list({ signal }))[0]?.running, { timeout: 15_000 }).toBe(false);
    expect(await pool.diagnose(id, { signal })).toMatchObject({
      code: 'engine_exited',
      message: expect.stringMatching(/exit code 3.*no licence/),
    });
    await pool.remove(id, { signal });
    pool.configure({ ...spec, command: ['/bin/node', '-e', 'setInterval(() => {}, 1000)'] });
    const deaf = await pool.create({}, { signal });
    // The way there is open, so the network is not to blame.
    expect(await pool.diagnose(deaf.id, { signal })).toMatchObject({
      code: 'engine_not_serving',
      option: 'image',
      message: expect.stringContaining(`nothing listens at ${deaf.host}:${deaf.port}`),
    });
    const pid = await docker('inspect', '-f', '{{.State.Pid}}', deaf.id);
    await run('nsenter', ['-t', pid, '-n', 'iptables', '-A', 'INPUT', '-i', 'eth0', '-j', 'DROP']);
    expect(await pool.diagnose(deaf.id, { signal })).toMatchObject({ code: 'engine_unreachable', option: 'network' });
  });

  it('a program for another processor becomes a sentence', async () => {
    const pool = runtime();
    const context = (await run('mktemp', ['-d'])).stdout.trim();
    // An ELF file for a processor that nobody has.
    const header = Buffer.concat([Buffer.from('7f454c460201010000000000000000000200ffff', 'hex'), Buffer.alloc(100)]);
    await run('sh', [
      '-c',
      `printf '${[...header].map((byte) => `\\${byte.toString(8)}`).join('')}' > ${context}/engine`,
    ]);
    await run('sh', [
      '-c',
      `chmod 755 ${context}/engine; printf 'FROM ${spec.image}\\nCOPY engine /tmp/engine\\n' > ${context}/Dockerfile`,
    ]);
    const tag = `simulator-test:${randomBytes(4).toString('hex')}`;
    await docker('build', '-q', '-t', tag, context);
    await run('rm', ['-r', context]);
    pool.configure({ ...spec, image: tag, command: ['/tmp/engine'] });
    // Some versions of runc start it all the same, and it dies with these words.
    const error: unknown = await pool.create({}, { signal }).catch((refusal: unknown) => refusal);
    expect(error).toMatchObject({
      code: 'wrong_platform',
      message: expect.stringContaining('another kind of processor'),
    });
    others.push(...(await pool.containers({ signal })).map(({ id }) => id));
    if (others.length > 0) await docker('rm', '-f', ...others.splice(0));
    await docker('rmi', '-f', tag);
  });

  describe('inside the network of a VPN container', () => {
    it('engines are made there with ports of their own each, and answer', async () => {
      const vpn = `vpn-${randomBytes(4).toString('hex')}`;
      const vpnId = await foreign(vpn);
      const pool = runtime({ network: `container:${vpn}` });
      const engines = await Promise.all([1, 2, 3].map(() => pool.create({}, { signal })));
      for (const engine of engines) {
        await answers(engine);
        const info = await pool.inspect(engine.id, { signal });
        expect(info).toMatchObject({
          HostConfig: { NetworkMode: `container:${vpnId}` },
          NetworkSettings: { Ports: {} },
        });
      }
      const used = engines.flatMap(({ labels }) =>
        ['http', 'api', 'p2p'].map((name) => labels[`t${instance.slice(-6)}.${name}_port`]),
      );
      expect(new Set(used).size).toBe(9);
      // Another installation in the same network keeps clear of them.
      const mine = instance;
      const other = await runtime({ network: `container:${vpn}` }).create({}, { signal });
      others.push(...engines.map(({ id }) => id));
      expect(used).not.toContain(`${other.port}`);
      expect(instance).not.toBe(mine);
    });

    it('engines are made nowhere while it does not run, or does not exist', async () => {
      const vpn = `vpn-${randomBytes(4).toString('hex')}`;
      const pool = runtime({ network: `container:${vpn}` });
      const refused = { code: 'network_container_down', blocks: 'vpn_disconnected', option: 'network' };
      await expect(pool.create({}, { signal })).rejects.toMatchObject(refused);
      await docker('stop', '-t', '0', await foreign(vpn));
      await expect(pool.create({}, { signal })).rejects.toMatchObject(refused);
      await expect(pool.run(spec, { signal })).rejects.toMatchObject(refused);
      expect(await pool.containers({ signal })).toEqual([]);
    });

    it('an engine behind a firewall that lets nobody in is removed again, and the error names the setting', async () => {
      const vpn = `vpn-${randomBytes(4).toString('hex')}`;
      const pid = await docker('inspect', '-f', '{{.State.Pid}}', await foreign(vpn));
      await run('nsenter', ['-t', pid, '-n', 'iptables', '-A', 'INPUT', '-i', 'eth0', '-j', 'DROP']);
      const pool = runtime({ network: `container:${vpn}`, optionNames: { network: 'ENGINE_NETWORK' } });
      await expect(pool.create({}, { signal })).rejects.toMatchObject({
        code: 'engine_unreachable',
        option: 'network',
        message: expect.stringMatching(/allow the ports in its firewall.*\(ENGINE_NETWORK\)$/),
      });
      expect(await pool.containers({ signal })).toEqual([]);
    });

    it('engines whose VPN container was restarted or made anew are listed as lost, and one event says so', async () => {
      const vpn = `vpn-${randomBytes(4).toString('hex')}`;
      await foreign(vpn);
      const pool = runtime({ network: `container:${vpn}` });
      const first = await pool.create({}, { signal });
      const following = new AbortController();
      const seen: string[] = [];
      const followed = (async () => {
        for await (const { engineId } of pool.events({ signal: following.signal })) seen.push(engineId);
      })();
      await expect.poll(() => seen).toEqual(['']);
      expect((await pool.list({ signal }))[0]?.outdated).toBeUndefined();
      await docker('restart', '-t', '0', vpn);
      expect((await pool.list({ signal }))[0]?.outdated).toMatchObject({ reason: 'network' });
      await expect.poll(() => seen.length, { timeout: 10_000 }).toBeGreaterThan(1);
      await pool.remove(first.id, { signal });
      const second = await pool.create({}, { signal });
      expect((await pool.list({ signal }))[0]?.outdated).toBeUndefined();
      await docker('rm', '-f', vpn);
      others.pop();
      await foreign(vpn);
      expect((await pool.list({ signal })).find(({ id }) => id === second.id)?.outdated).toMatchObject({
        reason: 'network',
      });
      following.abort();
      await followed;
    });
  });
});
