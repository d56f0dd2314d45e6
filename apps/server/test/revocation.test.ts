import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { analyseTs } from '@acestream-orchestrator/engine-simulator/testing';
import { describe, expect, it } from 'vitest';
import { type KeySource, loadApiKey, rotateApiKey } from '../src/auth/api-key.ts';
import { EventReader } from './event-reader.ts';
import { eventually } from './eventually.ts';
import { HlsViewer } from './hls-viewer.ts';
import { Player } from './player.ts';
import { channel, key, serve, type TestServer, type TestServerOptions } from './serve.ts';

/** Nobody plays without a token or the key; enough of the past for a first playlist at once. */
const guarded: TestServerOptions = {
  engines: [{ burstMs: 20_000 }],
  config: { authPlayback: 'key', hlsTargetDurationSeconds: 2 },
};
const withKey = { 'x-api-key': key };
const json = { ...withKey, 'content-type': 'application/json' };

async function tokenFor(test: TestServer, name: string): Promise<{ id: string; token: string }> {
  const init = { method: 'POST', headers: json, body: JSON.stringify({ name }) };
  return (await test.request<{ id: string; token: string }>('/tokens', init)).body;
}

async function revoke(test: TestServer, id: string): Promise<void> {
  const init = { method: 'DELETE', headers: withKey };
  expect((await test.request(`/tokens/${id}`, init)).body).toEqual({ id, revoked: true });
}

const getstream = (test: TestServer, token: string, digit = 1): string =>
  `${test.origin}/ace/getstream?id=${channel(digit)}&token=${token}`;
const manifest = (test: TestServer, token: string): string =>
  `${test.origin}/ace/manifest.m3u8?id=${channel(1)}&token=${token}`;

async function refusal(answer: Response): Promise<unknown[]> {
  const { error } = (await answer.json()) as { error: { code: string } };
  return [answer.status, error.code];
}

async function eventsOf(test: TestServer, category: string): Promise<unknown[]> {
  return (await test.get<unknown[]>(`/events?category=${category}`)).body;
}

describe('revoking a playback token', () => {
  it('cuts off the players that it let in, at once, and no byte of the others', async () => {
    await using test = await serve(guarded);
    const [tv, phone] = [await tokenFor(test, 'tv'), await tokenFor(test, 'phone')];
    using cut = new Player(getstream(test, tv.token));
    using kept = new Player(getstream(test, phone.token));
    await Promise.all([cut.more(), kept.more()]);
    await revoke(test, tv.id);
    await cut.ended;
    await kept.more();
    await delay(500);
    await kept.more();
    const report = analyseTs(Buffer.concat(kept.chunks));
    expect(report).toMatchObject({ continuityErrors: [], leadingBytes: 0 });
    const again = new Player(getstream(test, tv.token));
    expect(await again.status()).toBe(403);
    expect(await eventsOf(test, 'token_revoked')).toMatchObject([
      {
        event_type: 'system',
        message: 'Playback token "tv" was revoked; players and readers that ended with it: 1.',
        details: { token_id: tv.id, name: 'tv', ended: 1 },
      },
    ]);
    expect(test.logs).toContainEqual(expect.objectContaining({ msg: 'playback token revoked', name: 'tv', ended: 1 }));
    expect((await test.get<{ clients: number }[]>('/streams?status=started')).body).toMatchObject([{ clients: 1 }]);
  });

  it('gives a player that has stopped reading nothing of what waits for it', async () => {
    await using test = await serve({ engines: [{ burstMs: 30_000 }], config: { authPlayback: 'key' } });
    const { id, token } = await tokenFor(test, 'tv');
    const { hostname, port } = new URL(test.origin);
    const socket = connect(Number(port), hostname);
    const failed = new Promise<NodeJS.ErrnoException>((resolve) => socket.once('error', resolve));
    socket.write(`GET ${getstream(test, token, 2).slice(test.origin.length)} HTTP/1.1\r\nHost: tv\r\n\r\n`);
    await once(socket, 'data');
    socket.pause();
    await delay(1_000);
    await revoke(test, id);
    socket.resume();
    // A reset, which takes what the kernel still has with it.
    expect((await failed).code).toBe('ECONNRESET');
  });

  it('tells a player that waits for its first bytes', async () => {
    await using test = await serve({ ...guarded, config: { ...guarded.config, statusHoldMs: 20_000 } });
    test.engines[0]!.faults.set('playback-hangs');
    const { id, token } = await tokenFor(test, 'tv');
    using player = new Player(getstream(test, token));
    await eventually(async () => (await test.get<unknown[]>('/streams?status=started')).body.length === 1);
    await revoke(test, id);
    expect(await player.status()).toBe(403);
    expect(await player.json()).toMatchObject({ error: { code: 'access_revoked', retryable: false } });
    expect(await eventsOf(test, 'token_revoked')).toMatchObject([{ details: { ended: 0 } }]);
  });

  it.each(['ts', 'engine'] as const)(
    'refuses its viewers of HLS (HLS_SOURCE=%s) whatever they ask for next',
    async (hlsSource) => {
      await using test = await serve({ ...guarded, config: { ...guarded.config, hlsSource } });
      const [tv, phone] = [await tokenFor(test, 'tv'), await tokenFor(test, 'phone')];
      // The same household, and the same kind of player.
      const cut = new HlsViewer(manifest(test, tv.token));
      const kept = new HlsViewer(manifest(test, phone.token));
      await cut.until(1);
      await kept.until(1);
      expect(kept.url).not.toBe(cut.url);
      const name = cut.playlist.split('\n').findLast((line) => line.endsWith('.ts'))!;
      await revoke(test, tv.id);
      for (const url of [cut.url, new URL(name, cut.url)]) {
        expect(await refusal(await fetch(url))).toEqual([403, 'access_revoked']);
        expect((await fetch(url, { method: 'HEAD' })).status).toBe(403);
      }
      expect((await fetch(manifest(test, tv.token))).status).toBe(403);
      const before = kept.segments.length;
      await kept.until(before + 1);
      expect(await eventsOf(test, 'token_revoked')).toMatchObject([{ details: { ended: 1 } }]);
      expect((await test.get('/streams?status=started')).body).toMatchObject([{ hls: { viewers: 1 } }]);
    },
    60_000,
  );

  it('tells a viewer of HLS that waits for its first playlist', async () => {
    await using test = await serve(guarded);
    test.engines[0]!.faults.set('playback-hangs');
    const { id, token } = await tokenFor(test, 'tv');
    const answer = fetch(manifest(test, token));
    await eventually(async () => (await test.get<unknown[]>('/streams?status=started')).body.length === 1);
    await revoke(test, id);
    expect(await refusal(await answer)).toEqual([403, 'access_revoked']);
  });

  it('is what an import does to the tokens that are not in it, and one that comes back opens things anew', async () => {
    await using test = await serve(guarded);
    const before = (await test.get('/settings/export')).body;
    const { token } = await tokenFor(test, 'tv');
    const after = (await test.get('/settings/export')).body;
    const take = async (file: unknown) => {
      const init = { method: 'POST', headers: json, body: JSON.stringify(file) };
      expect((await test.request('/settings/import', init)).status).toBe(200);
    };
    using player = new Player(getstream(test, token));
    const viewer = new HlsViewer(manifest(test, token));
    await player.more();
    await viewer.until(1);
    // The same tokens again change nothing.
    await take(after);
    await player.more();
    await viewer.load();
    await take(before);
    await player.ended;
    await expect(viewer.load()).rejects.toThrow('access_revoked');
    await take(after);
    using again = new Player(getstream(test, token));
    await again.more();
    await new HlsViewer(manifest(test, token)).until(1);
    await expect(viewer.load()).rejects.toThrow('access_revoked');
  }, 30_000);
});

describe('replacing the key', () => {
  it('ends what was opened with the one before, as soon as the file has the new one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'revocation-'));
    try {
      const first = await loadApiKey(undefined, folder);
      await using test = await serve({ ...guarded, keySource: first });
      const keyed = { 'x-api-key': first.value };
      const made = await test.request<{ token: string }>('/tokens', {
        method: 'POST',
        headers: { ...json, ...keyed },
        body: '{"name":"tv"}',
      });
      using byKey = new Player(getstream(test, first.value));
      using byHeader = new Player(getstream(test, ''), { headers: keyed });
      using byToken = new Player(getstream(test, made.body.token));
      using feed = new EventReader(`${test.origin}/live`, keyed);
      using openFeed = new EventReader(`${test.origin}/live`);
      const viewer = new HlsViewer(manifest(test, first.value));
      await Promise.all([byKey.more(), byToken.more(), viewer.until(1), openFeed.next('snapshot')]);
      expect(await byHeader.status()).toBe(200);
      await feed.next('snapshot');
      const next = await rotateApiKey(folder);
      // Nobody asks for anything meanwhile.
      await Promise.all([byKey.ended, byHeader.ended, feed.ended]);
      await expect(viewer.load()).rejects.toThrow('access_revoked');
      await byToken.more();
      const { data } = await openFeed.next('event', ({ category }) => category === 'key_replaced');
      expect(data).toMatchObject({ event_type: 'system', details: { ended: 4 } });
      expect((await test.get('/settings', keyed)).body).toMatchObject({ error: { code: 'access_revoked' } });
      expect((await test.get('/settings', { 'x-api-key': next })).status).toBe(200);
    } finally {
      await rm(folder, { recursive: true });
    }
  }, 30_000);

  it('is noticed with the next request that shows a key where the system does not tell', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'revocation-'));
    try {
      const kept = await loadApiKey(undefined, folder);
      const untold: KeySource = { ...kept, watch: () => () => {} };
      await using test = await serve({ ...guarded, keySource: untold });
      using player = new Player(getstream(test, kept.value));
      await player.more();
      const next = await rotateApiKey(folder);
      await player.more();
      await test.get('/settings', { 'x-api-key': next });
      await player.ended;
      await writeFile(kept.path, '');
      expect((await test.get('/settings', { 'x-api-key': next })).status).toBe(200);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
