import { getEventListeners } from 'node:events';
import {
  CHANNELS,
  createEngine,
  type EngineOptions,
  type SimulatedEngine,
} from '@acestream-orchestrator/engine-simulator';
import { afterEach, describe, expect, it } from 'vitest';
import type { ContentRef } from '../src/ace/content-ref.ts';
import { AceEngineClient, type AceEngineClientOptions } from '../src/ace/engine-client.ts';

const [channel] = CHANNELS;
const contentId = channel?.contentId ?? '';
const infohash = channel?.infohash ?? '';
const byId: ContentRef = { kind: 'content_id', value: contentId };

const engines: SimulatedEngine[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

async function startEngine(options: EngineOptions = {}): Promise<SimulatedEngine> {
  const engine = await createEngine({ controlPort: false, resolveDelayMs: 0, startDelayMs: 0, ...options });
  engines.push(engine);
  return engine;
}

function clientOf(engine: SimulatedEngine, options: Partial<AceEngineClientOptions> = {}): AceEngineClient {
  return new AceEngineClient({ host: '127.0.0.1', port: engine.port, ...options });
}

function paths(engine: SimulatedEngine): string[] {
  return engine.requests().map(({ target }) => target.split('?')[0] ?? '');
}

describe('a session on an engine', () => {
  it('is opened, asked for its figures, and stopped once', async () => {
    const engine = await startEngine();
    const client = clientOf(engine);
    const session = await client.open(byId);
    expect(session).toMatchObject({ infohash, isLive: true, ref: byId, pid: expect.stringMatching(/^[0-9a-f]{32}$/) });
    for (const url of [session.playbackUrl, session.statUrl, session.commandUrl])
      expect(url.startsWith(client.origin)).toBe(true);
    const stat = await client.stat(session);
    expect(['prebuf', 'dl']).toContain(stat.status);
    expect(engine.state().downloads.map((download) => download.infohash)).toEqual([infohash]);
    expect(await client.stop(session)).toBe(true);
    expect(engine.state().downloads).toEqual([]);
    expect(await client.stop(session)).toBe(false);
    await expect(client.stat(session)).rejects.toMatchObject({ code: 'session_gone' });
  });

  it('is asked for with the manners an engine needs', async () => {
    const engine = await startEngine();
    const client = clientOf(engine);
    await client.stop(await client.open({ ...byId, fileIndex: 2 }, { pid: 'a b&c' }));
    const [start, stop] = engine.requests();
    expect(new URL(start?.target ?? '', 'http://x').searchParams.toString()).toBe(
      `format=json&id=${contentId}&pid=a+b%26c&_idx=2`,
    );
    expect(stop?.target).toMatch(/\/ace\/cmd\/.*\?method=stop$/);
    for (const { method, headers } of engine.requests()) {
      expect([method, headers['connection'], headers['accept-encoding']]).toEqual(['GET', 'close', 'identity']);
    }
    await expect.poll(() => engine.state().connections).toBe(0);
  });

  it('is asked for its figures without counting as activity', async () => {
    const engine = await startEngine();
    const client = clientOf(engine);
    await client.stat(await client.open(byId));
    expect(engine.requests().at(-1)?.target).toMatch(/\/ace\/stat\/.*\?skip_player_activity=1$/);
  });

  it('has another player name each time', async () => {
    const client = clientOf(await startEngine());
    expect((await client.open(byId)).pid).not.toBe((await client.open(byId)).pid);
  });

  it('is reached at the address we know, whatever host the engine puts into its URLs', async () => {
    const engine = await startEngine({ faults: { 'wrong-host': { host: '203.0.113.7:1' } } });
    const client = clientOf(engine);
    const session = await client.open(byId);
    expect(session.playbackUrl).toContain(`http://127.0.0.1:${engine.port}/ace/r/`);
    await expect(client.stop(session)).resolves.toBe(true);
  });
});

describe('the wrong kind of hash', () => {
  it('is tried as the other one: an infohash sent as an id', async () => {
    const engine = await startEngine();
    const session = await clientOf(engine).open({ kind: 'content_id', value: infohash });
    expect(session).toMatchObject({ infohash, ref: { kind: 'infohash', value: infohash } });
    expect(paths(engine)).toEqual(['/ace/getstream', '/ace/getstream']);
  });

  it('is dead content when neither kind loads, with the first answer', async () => {
    const engine = await startEngine({ faults: { 'start-error': {} } });
    await expect(clientOf(engine).open(byId)).rejects.toMatchObject({
      code: 'content_dead',
      outcome: 'content-dead',
      engineMessage: 'failed to load content',
      message: expect.stringContaining('start of content_id'),
    });
    expect(paths(engine)).toHaveLength(2);
  });

  it('is not looked for in a URL, nor after another error', async () => {
    const engine = await startEngine({ faults: { 'start-error': {} } });
    await expect(clientOf(engine).open({ kind: 'url', value: 'http://x/y.acelive' })).rejects.toMatchObject({
      code: 'content_dead',
    });
    await engine.faults.set('start-error', { message: 'got newer download' });
    await expect(clientOf(engine).open(byId)).rejects.toMatchObject({ code: 'superseded' });
    expect(paths(engine)).toHaveLength(2);
  });
});

describe('an engine in trouble', () => {
  it('that hangs is given up in time, and blamed', async () => {
    const engine = await startEngine({ faults: { 'api-hangs': { endpoints: ['start', 'server-api'] } } });
    const client = clientOf(engine, { jsonTimeoutMs: 200 });
    await expect(client.open(byId)).rejects.toMatchObject({ code: 'engine_hung', outcome: 'engine-bad' });
    await expect(client.status()).rejects.toMatchObject({ code: 'engine_hung' });
    await expect(client.version()).resolves.toMatchObject({ version: '3.2.11', platform: 'linux' });
  });

  it('that hangs on a stop is given up in its own time', async () => {
    const engine = await startEngine({ faults: { 'stop-hangs': {} } });
    const client = clientOf(engine, { stopTimeoutMs: 100 });
    await expect(client.stop(await client.open(byId))).rejects.toMatchObject({
      code: 'engine_hung',
      message: /within 100 ms/,
    });
  });

  it('that refuses or resets connections is unreachable', async () => {
    const engine = await startEngine();
    const client = clientOf(engine);
    await engine.faults.set('reset-connections');
    await expect(client.open(byId)).rejects.toMatchObject({ code: 'engine_unreachable', outcome: 'engine-bad' });
    await engine.faults.set('refuse-connections');
    await expect(client.open(byId)).rejects.toMatchObject({
      code: 'engine_unreachable',
      cause: { code: 'ECONNREFUSED' },
    });
    await expect(new AceEngineClient({ host: 'no-such-host.invalid', port: 1 }).status()).rejects.toMatchObject({
      code: 'engine_unreachable',
    });
  });

  it('that restarted does not know its old sessions', async () => {
    const engine = await startEngine();
    const client = clientOf(engine);
    const session = await client.open(byId);
    await engine.faults.set('crash', { restartAfterMs: 60_000 });
    await expect(client.stop(session)).rejects.toMatchObject({ code: 'engine_unreachable' });
    await engine.faults.clear('crash');
    expect(await client.stop(session)).toBe(false);
  });
});

describe('content on demand', () => {
  it('is refused, and not left running', async () => {
    const engine = await startEngine({ faults: { 'on-demand': {} } });
    await expect(clientOf(engine).open(byId)).rejects.toMatchObject({
      code: 'vod_not_supported',
      retryable: false,
      outcome: undefined,
    });
    expect(engine.state().downloads).toEqual([]);
  });

  it('is refused also when the engine does not take the stop', async () => {
    const engine = await startEngine({ faults: { 'on-demand': {}, 'stop-hangs': {} } });
    await expect(clientOf(engine, { stopTimeoutMs: 50 }).open(byId)).rejects.toMatchObject({
      code: 'vod_not_supported',
    });
  });
});

describe('giving up', () => {
  it('during the handshake leaves no session behind, and no listener', async () => {
    const engine = await startEngine({ resolveDelayMs: 200 });
    const leaving = new AbortController();
    const opening = clientOf(engine).open(byId, { signal: leaving.signal });
    setTimeout(() => leaving.abort(new Error('zapped away')), 50);
    await expect(opening).rejects.toThrow('zapped away');
    expect(engine.state().downloads).toEqual([]);
    expect(paths(engine).map((path) => path.split('/')[2])).toEqual(['getstream', 'cmd']);
    expect(getEventListeners(leaving.signal, 'abort')).toEqual([]);
  });

  it('during the handshake leaves a session running that somebody else shares', async () => {
    const engine = await startEngine({ resolveDelayMs: 200 });
    const leaving = new AbortController();
    const asked: string[] = [];
    const isShared = ({ infohash }: { infohash: string }): boolean => asked.push(infohash) > 0;
    const opening = clientOf(engine).open(byId, { signal: leaving.signal, isShared });
    setTimeout(() => leaving.abort(new Error('zapped away')), 50);
    await expect(opening).rejects.toThrow('zapped away');
    expect(engine.state().downloads.map(({ infohash }) => infohash)).toEqual(asked);
    expect(paths(engine).map((path) => path.split('/')[2])).toEqual(['getstream']);
  });

  it('on an engine that hangs takes no longer than a stop may', async () => {
    const engine = await startEngine({ faults: { 'api-hangs': { endpoints: ['start'] } } });
    const leaving = new AbortController();
    const opening = clientOf(engine, { stopTimeoutMs: 100 }).open(byId, { signal: leaving.signal });
    const startedAt = performance.now();
    leaving.abort(new Error('zapped away'));
    await expect(opening).rejects.toThrow('zapped away');
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });

  it('before it began asks the engine nothing', async () => {
    const engine = await startEngine();
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(clientOf(engine).open(byId, { signal })).rejects.toThrow('too late');
    await expect(clientOf(engine).status({ signal })).rejects.toThrow('too late');
    expect(engine.requests()).toEqual([]);
  });

  it('does not try the other kind', async () => {
    const engine = await startEngine({ faults: { 'start-error': {} } });
    const leaving = new AbortController();
    const opening = clientOf(engine).open(byId, { signal: leaving.signal });
    leaving.abort(new Error('zapped away'));
    await expect(opening).rejects.toThrow('zapped away');
    expect(paths(engine).length).toBeLessThanOrEqual(1);
  });
});

describe('what an engine says about itself', () => {
  it('is read', async () => {
    const client = clientOf(await startEngine({ version: '3.1.70' }));
    expect(await client.version()).toEqual({ version: '3.1.70', code: 3_017_000, platform: 'linux' });
    expect(await client.status()).toMatchObject({ playlistLoaded: true, version: { version: '3.1.70' } });
    expect(await client.networkConnected()).toBe(true);
  });
});
