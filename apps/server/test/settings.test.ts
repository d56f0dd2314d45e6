import { describe, expect, it } from 'vitest';
import { databaseHere } from '../src/storage/database-thread.ts';
import { eventually } from './eventually.ts';
import { Player } from './player.ts';
import { channel, key, serve, type TestServer } from './serve.ts';

type Fields = Record<string, unknown>;

const post = (test: TestServer, path: string, body?: unknown) =>
  test.request(path, {
    method: 'POST',
    headers: { 'x-api-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

describe('settings', () => {
  it('are shown with all that a form needs', async () => {
    await using test = await serve();
    const { body } = await test.get<Fields[]>('/settings/schema');
    expect(body.find(({ name }) => name === 'LINGER_MS')).toEqual({
      name: 'LINGER_MS',
      group: 'playback',
      kind: 'integer',
      text: expect.any(String),
      shape: '0 to 3600000 ms',
      min: 0,
      max: 3_600_000,
      unit: 'ms',
      choices: null,
      default: 15_000,
      value: 15_000,
      active: 15_000,
      changes: 'at-once',
      locked: false,
      source: 'default',
    });
    expect(body.find(({ name }) => name === 'PORT')).toMatchObject({ locked: true, source: 'environment' });
    expect(body.find(({ name }) => name === 'AUTH')).toMatchObject({ kind: 'choice', choices: ['on', 'off'] });
    expect((await test.get('/settings')).body).toMatchObject({ linger_ms: 15_000, trusted_proxies: [] });
  });

  it('take effect while the server runs: the next player gets the new linger and the new rules', async () => {
    await using test = await serve();
    const changed = await post(test, '/settings', { linger_ms: 0, auth_playback: 'key', max_streams: 7 });
    expect(changed.body).toMatchObject({
      changed: ['AUTH_PLAYBACK', 'LINGER_MS', 'MAX_STREAMS'],
      restart_required: [],
      settings: { linger_ms: 0 },
    });
    const url = `${test.origin}/ace/getstream?id=${channel(1)}`;
    expect((await fetch(url)).status).toBe(401);
    const player = new Player(url, { headers: { 'x-api-key': key } });
    await player.more();
    player.leave();
    await eventually(() => test.engines[0]!.state().downloads.length === 0, 3_000);
    expect((await test.get<Fields[]>('/events?category=settings_changed')).body).toHaveLength(1);
  });

  it('are there again after a restart, and those that need one are in effect then', async () => {
    const database = databaseHere();
    // Its memory would be gone: it stays open from one server to the next.
    const kept = { ...database, close: async () => {} };
    {
      await using test = await serve({ database: kept });
      const { body } = await post(test, '/settings', { streams_per_engine: 1, joined: null });
      expect(body).toMatchObject({ error: { code: 'bad_settings' } });
      const change = await post(test, '/settings', { streams_per_engine: 1 });
      expect(change.body).toMatchObject({ restart_required: ['STREAMS_PER_ENGINE'] });
      expect((await test.get<Fields[]>('/engines')).body).toMatchObject([{ max_leases: 3 }]);
    }
    await using test = await serve({ database: kept });
    expect((await test.get<Fields[]>('/engines')).body).toMatchObject([{ max_leases: 1 }]);
    await database.close();
  });

  it('that are wrong change nothing; those that the environment says cannot be changed', async () => {
    await using test = await serve({ env: { LINGER_MS: '5' } });
    const before = (await test.get('/settings')).body;
    const wrong = await post(test, '/settings', { max_streams: 3, first_byte_timeout_ms: 500, hedge_ms: -1 });
    expect([wrong.status, wrong.body]).toMatchObject([400, { error: { code: 'bad_settings' } }]);
    const locked = await post(test, '/settings', { linger_ms: 6 });
    expect([locked.status, locked.body]).toMatchObject([409, { error: { code: 'setting_locked' } }]);
    expect((await test.get('/settings')).body).toEqual(before);
  });

  it('answer to the 1.5 release’s paths, names and query parameters', async () => {
    await using test = await serve();
    const change = await post(test, '/proxy/config?channel_shutdown_delay=3&stream_mode=TS&max_streams=11');
    expect(change.body).toMatchObject({ changed: ['LINGER_MS', 'MAX_STREAMS'], ignored: ['stream_mode'] });
    expect((await test.get('/proxy/config')).body).toMatchObject({ channel_shutdown_delay: 3, linger_ms: 3_000 });
    const engine = await post(test, '/settings/engine', { max_streams_per_engine: 2, auto_delete: true });
    expect(engine.body).toMatchObject({ restart_required: ['STREAMS_PER_ENGINE'], ignored: ['auto_delete'] });
    expect((await test.get('/settings/engine')).body).toMatchObject({ streams_per_engine: 2 });
  });
});
