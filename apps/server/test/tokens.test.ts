import { describe, expect, it } from 'vitest';
import { PlaybackTokens } from '../src/auth/playback-tokens.ts';
import { createLog } from '../src/log.ts';
import { databaseHere } from '../src/storage/database-thread.ts';
import { Storage } from '../src/storage/storage.ts';
import { key, serve, type TestServer } from './serve.ts';

const withKey = { 'x-api-key': key };

function send<Body = Record<string, unknown>>(test: TestServer, method: string, path: string, body?: unknown) {
  return test.request<Body>(path, {
    method,
    headers: { ...withKey, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

const head = async (test: TestServer, path: string) => (await fetch(test.origin + path, { method: 'HEAD' })).status;
const play = `/ace/getstream?id=${'a'.repeat(40)}`;

describe('a playback token', () => {
  it('plays and does nothing else, until it is revoked', async () => {
    await using test = await serve({ config: { authPlayback: 'key', authRead: 'key' } });
    const made = await send<Record<string, string>>(test, 'POST', '/api/v1/tokens', { name: ' Living room ' });
    expect(made).toMatchObject({ status: 201, body: { name: 'Living room', last_used_at: null } });
    const { token, id } = made.body as { token: string; id: string };
    expect(await head(test, play)).toBe(401);
    expect(await head(test, `${play}&token=${token}`)).toBe(200);
    expect(await head(test, `/streams?token=${token}`)).toBe(401);
    expect((await test.get('/streams', { authorization: `Bearer ${token}` })).status).toBe(403);
    expect((await send(test, 'GET', '/tokens')).body).toEqual([
      { id, name: 'Living room', created_at: made.body['created_at'], last_used_at: expect.any(String) },
    ]);
    expect((await send(test, 'DELETE', `/tokens/${id}`)).body).toEqual({ id, revoked: true });
    expect(await head(test, `${play}&token=${token}`)).toBe(403);
    expect((await send(test, 'DELETE', `/tokens/${id}`)).status).toBe(404);
  });

  it('that was revoked says so, and its player is nobody who guesses', async () => {
    await using test = await serve({ config: { authPlayback: 'key', authMaxFailures: 3 } });
    const [old, other] = [
      (await send<Record<string, string>>(test, 'POST', '/tokens', { name: 'old' })).body as {
        id: string;
        token: string;
      },
      (await send<Record<string, string>>(test, 'POST', '/tokens', { name: 'other' })).body as { token: string },
    ];
    await send(test, 'DELETE', `/tokens/${old.id}`);
    for (let retry = 0; retry < 5; retry++) {
      const { status, body } = await test.get(`${play}&token=${old.token}`, {});
      expect([status, body]).toMatchObject([403, { error: { code: 'access_revoked', retryable: false } }]);
    }
    // Somebody else behind the same address plays on.
    expect(await head(test, `${play}&token=${other.token}`)).toBe(200);
    for (let guess = 0; guess < 3; guess++) {
      expect((await test.get(`${play}&token=x`, {})).body).toMatchObject({ error: { code: 'key_wrong' } });
    }
    expect(await head(test, `${play}&token=${other.token}`)).toBe(429);
  });

  it('has a name of its own, in bounds', async () => {
    await using test = await serve();
    expect((await send(test, 'POST', '/tokens', { name: 'tv' })).status).toBe(201);
    expect((await send(test, 'POST', '/tokens', { name: 'tv' })).body).toMatchObject({
      error: { code: 'token_exists' },
    });
    for (const body of [{}, { name: ' ' }, { name: 'x'.repeat(101) }, { name: 5 }, { name: 'a\nb' }, []]) {
      expect((await send(test, 'POST', '/tokens', body)).status).toBe(400);
    }
  });
});

describe('kept tokens', () => {
  it('are there after a restart, as hashes', async () => {
    const storage = await Storage.open({ thread: databaseHere(), log: createLog('silent') });
    const first = new PlaybackTokens(storage);
    const [one, two] = await Promise.all([first.create('one'), first.create('two')]);
    await first.revoke(two.token.id);
    expect(JSON.stringify(storage.document('playback_tokens'))).not.toContain(one.text);
    const second = new PlaybackTokens(storage);
    expect(second.admit(one.text)).toBeDefined();
    expect(second.admit(two.text)).toBeUndefined();
    await storage.close();
  });

  it('are not made when they cannot be kept', async () => {
    const full = () => Promise.reject(new Error('no room'));
    const tokens = new PlaybackTokens({ document: () => undefined, saveDocuments: full });
    await expect(tokens.create('tv')).rejects.toThrow('no room');
    expect(tokens.list()).toEqual([]);
  });

  it('that make no sense are none', () => {
    const tokens = new PlaybackTokens({ document: () => [{ id: 1 }], saveDocuments: async () => {} });
    expect([tokens.list(), tokens.admit('x')]).toEqual([[], undefined]);
  });
});
