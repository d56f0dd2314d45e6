import { randomBytes } from 'node:crypto';
import { describeWithTools } from '@acestream-orchestrator/engine-simulator/testing';
import { describe, expect, it } from 'vitest';
import { type DockerEngines, dockerEngines } from './docker-engines.ts';
import { eventually } from './eventually.ts';
import { Player } from './player.ts';
import { channel } from './serve.ts';
import { type ServerProcess, spawnServer } from './server-process.ts';

interface Engine {
  readonly container_id: string;
  readonly host: string;
  readonly port: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly ready: boolean;
  readonly vpn_container: string | null;
}

interface Status {
  readonly status: string;
  readonly vpn: Readonly<Record<string, unknown>>;
  readonly provisioning: { readonly blocked_reason: string | null };
}

async function readJson<Body>({ origin }: ServerProcess, path: string): Promise<Body> {
  return (await (await fetch(origin + path)).json()) as Body;
}

/** Waits for so many engines that answer. */
async function ready(server: ServerProcess, count: number, timeoutMs = 60_000): Promise<readonly Engine[]> {
  return eventually(async () => {
    const engines = await readJson<Engine[]>(server, '/engines');
    return engines.length === count && engines.every((engine) => engine.ready) && engines;
  }, timeoutMs);
}

/** A container that stands for a VPN: engines may have its network, and nothing else of it is used. */
async function standIn(engines: DockerEngines): Promise<AsyncDisposable & { name: string; make(): Promise<string> }> {
  const name = `vpn-${randomBytes(4).toString('hex')}`;
  const image = engines.env['ENGINE_IMAGE'] ?? '';
  const idle = ['/bin/node', '-e', 'setInterval(() => {}, 1000)'];
  return {
    name,
    make: () => engines.docker('run', '-d', '--name', name, image, ...idle),
    [Symbol.asyncDispose]: async () => void (await engines.docker('rm', '-f', name).catch(() => {})),
  };
}

/** Containers of the installation that were ever connected to a network of their own, since `since`. */
async function leaks(engines: DockerEngines, since: string): Promise<readonly string[]> {
  const range = ['--since', since, '--until', `${Date.now() / 1_000}`, '--format', '{{json .Actor}}'];
  const read = async (...filters: readonly string[]) =>
    (await engines.docker('events', ...range, ...filters.flatMap((filter) => ['--filter', filter])))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { ID: string; Attributes: Record<string, string> });
  const ours = await read('type=container', 'event=create', `label=ondemand.app=${engines.instance}`);
  expect(ours.length).toBeGreaterThan(0);
  const connected = await read('type=network', 'event=connect');
  return connected
    .map(({ Attributes }) => Attributes['container'] ?? '')
    .filter((id) => ours.some(({ ID }) => ID === id));
}

async function modeOf(engines: DockerEngines, id: string): Promise<string> {
  return engines.docker('inspect', '-f', '{{.HostConfig.NetworkMode}} {{json .NetworkSettings.Ports}}', id);
}

describeWithTools(describe, ['docker', 'ldd', 'tar'], 'engines inside the network of a VPN container', () => {
  it('play from there, and are made anew when that container is; the player stays connected', async () => {
    const since = `${Date.now() / 1_000}`;
    await using engines = await dockerEngines({ ports: '19300-19349' });
    await using vpn = await standIn(engines);
    const first = await vpn.make();
    // The name that the 1.5 release had for it.
    await using server = await spawnServer({ ...engines.env, GLUETUN_CONTAINER_NAME: vpn.name, AUTH: 'off' });
    using player = new Player(`${server.origin}/ace/getstream?id=${channel(1)}`);
    await player.more(188 * 100, 60_000);
    const before = await ready(server, 2);
    const address = await engines.docker('inspect', '-f', '{{.NetworkSettings.IPAddress}}', vpn.name);
    for (const { container_id, host, vpn_container } of before) {
      expect([host, vpn_container]).toEqual([address, vpn.name]);
      expect(await modeOf(engines, container_id)).toBe(`container:${first} {}`);
    }
    const ports = before.flatMap(({ labels }) =>
      ['http', 'api', 'p2p'].map((kind) => labels[`acestream.${kind}_port`] ?? 'none'),
    );
    expect(ports).not.toContain('none');
    expect(new Set(ports).size).toBe(6);
    expect((await readJson<Status>(server, '/orchestrator/status')).vpn).toEqual({
      enabled: true,
      connected: true,
      health: 'healthy',
      container: vpn.name,
    });

    await engines.docker('rm', '-f', vpn.name);
    const second = await vpn.make();
    const after = await eventually(async () => {
      const all = await readJson<Engine[]>(server, '/engines');
      const isNew = ({ container_id }: Engine): boolean => !before.some((old) => old.container_id === container_id);
      return all.length === 2 && all.every((engine) => engine.ready && isNew(engine)) && all;
    }, 90_000);
    for (const { container_id } of after) expect(await modeOf(engines, container_id)).toBe(`container:${second} {}`);
    await player.more(188 * 2_000, 60_000);
    expect([...(await engines.running()).values()].sort()).toEqual(after.map((engine) => engine.container_id).sort());
    expect(await leaks(engines, since)).toEqual([]);
  }, 240_000);

  it('leave with it: whoever asks hears why and when to come back, nothing is made elsewhere, and all is well once it is back', async () => {
    const since = `${Date.now() / 1_000}`;
    await using engines = await dockerEngines({ ports: '19350-19399' });
    await using vpn = await standIn(engines);
    await vpn.make();
    await using server = await spawnServer({
      ...engines.env,
      ENGINE_NETWORK: `container:${vpn.name}`,
      AUTH: 'off',
      MAX_OUTAGE_MS: '5000',
    });
    using watching = new Player(`${server.origin}/ace/getstream?id=${channel(1)}`);
    await watching.more(188 * 100, 60_000);
    await ready(server, 2);

    await engines.docker('stop', '-t', '0', vpn.name);
    // They have no way in or out any more.
    await eventually(async () => (await engines.running()).size === 0, 60_000);
    const status = await eventually(async () => {
      const now = await readJson<Status>(server, '/orchestrator/status');
      // Docker may have removed the last one before the server has heard of it.
      return now.provisioning.blocked_reason === 'vpn_disconnected' && now.status === 'unavailable' && now;
    }, 30_000);
    expect(status).toMatchObject({
      status: 'unavailable',
      vpn: { enabled: true, connected: false, health: 'unhealthy', container: vpn.name },
    });
    await watching.ended;
    using asking = new Player(`${server.origin}/ace/getstream?id=${channel(2)}`);
    expect(await asking.status()).toBe(503);
    expect(await asking.json()).toMatchObject({
      error: {
        code: 'no_engines',
        message: expect.stringContaining(vpn.name),
        recovery_eta_seconds: expect.any(Number),
      },
    });
    expect(await engines.all()).toEqual([]);

    await engines.docker('start', vpn.name);
    using player = new Player(`${server.origin}/ace/getstream?id=${channel(2)}`);
    await player.more(188 * 100, 60_000);
    expect((await readJson<Status>(server, '/orchestrator/status')).vpn).toMatchObject({ connected: true });
    const events = await readJson<{ category: string }[]>(server, '/events?event_type=vpn');
    expect(events.map(({ category }) => category)).toEqual(['connected', 'disconnected', 'connected']);
    expect(await leaks(engines, since)).toEqual([]);
  }, 240_000);
});
