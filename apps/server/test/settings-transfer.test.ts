import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { key, serve, type TestServer } from './serve.ts';

type Fields = Record<string, unknown>;

const send = (test: TestServer, body: NonNullable<RequestInit['body']>, type = 'application/json') =>
  test.request<Fields>('/settings/import', {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': type },
    body,
  });

const changed = (test: TestServer, values: Fields) =>
  test.request('/settings', {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify(values),
  });

describe('export and import', () => {
  it('carry everything from one server to another: settings, tokens, looping streams', async () => {
    await using from = await serve();
    await changed(from, { linger_ms: 0, max_streams: 9 });
    const token = await from.request<Fields>('/tokens', {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'tv' }),
    });
    from.services.looping.add('a'.repeat(40), 'b'.repeat(40));
    const file = (await from.get('/settings/export')).body;
    expect(file).toMatchObject({ settings: { LINGER_MS: '0', MAX_STREAMS: '9' } });
    expect(JSON.stringify(file)).not.toContain(token.body['token']);

    await using to = await serve({ env: { AUTH_PLAYBACK: 'key' } });
    await changed(to, { hedge_ms: 5 });
    expect((await send(to, JSON.stringify(file))).body).toMatchObject({
      changed: ['LINGER_MS', 'HEDGE_MS', 'MAX_STREAMS'],
      ignored: [],
    });
    expect((await to.get('/settings')).body).toMatchObject({ linger_ms: 0, max_streams: 9, hedge_ms: 10_000 });
    expect((await to.get('/looping-streams')).body).toMatchObject({ stream_ids: ['a'.repeat(40), 'b'.repeat(40)] });
    expect((await to.get<Fields[]>('/tokens')).body).toMatchObject([{ name: 'tv' }]);
    const { body: again } = await to.get('/settings/export');
    expect(again).toEqual({ ...file, exported_at: expect.any(String) });
  });

  it.each([
    ['a value out of bounds', { settings: { LINGER_MS: '-1', MAX_STREAMS: '3' } }, 'bad_settings'],
    ['settings that do not fit together', { settings: { FIRST_BYTE_TIMEOUT_MS: '500' } }, 'bad_settings'],
    ['an unknown setting', { settings: { NOTHING: '1' } }, 'bad_backup'],
    ['the key in it', { settings: { API_KEY: 'a-new-key' } }, 'bad_backup'],
    ['broken tokens', { playback_tokens: [{ name: 1 }] }, 'bad_backup'],
    ['another version', { version: 2 }, 'bad_backup'],
    ['something else in it', { more: 1 }, 'bad_backup'],
  ])('a file with %s changes nothing at all', async (_title, part, code) => {
    await using test = await serve();
    await changed(test, { max_streams: 5 });
    test.services.looping.add('x', 'y');
    const { body: before } = await test.get('/settings/export');
    const file = { ...before, looping_streams: [], ...part };
    const answer = await send(test, JSON.stringify(file));
    expect([answer.status, answer.body]).toMatchObject([400, { error: { code, faults: expect.any(Array) } }]);
    expect((await test.get('/settings/export')).body).toEqual({ ...before, exported_at: expect.any(String) });
  });

  it.each(['toString', 'constructor'])('take a part named %s for one that means nothing', async (name) => {
    await using test = await serve();
    const file = `{"proxy_settings":{"${name}":{}},"${name}":{}}`;
    expect(await send(test, file)).toMatchObject({ status: 200 });
    expect(await send(test, `{"${name}":{}}`)).toMatchObject({ status: 400 });
  });

  it('take a backup of the 1.5 release, as its ZIP and in JSON, and say what means nothing here', async () => {
    await using test = await serve();
    const parts = {
      proxy_settings: { channel_shutdown_delay: 7, stream_mode: 'TS', something_new: 1 },
      loop_detection_settings: { enabled: true, threshold_seconds: 5_400, retention_minutes: 10 },
      custom_engine_variant: { enabled: false },
    };
    const expected = {
      changed: [
        'LINGER_MS',
        ...['ENABLED', 'THRESHOLD_S'].map((name) => `STREAM_LOOP_DETECTION_${name}`),
        'STREAM_LOOP_RETENTION_MINUTES',
      ],
      ignored: ['proxy_settings.stream_mode', 'proxy_settings.something_new', 'custom_engine_variant'],
    };
    const files = Object.entries(parts).map(([name, part]) => [`${name}.json`, JSON.stringify(part)] as const);
    const zipped = await send(test, zip(files), 'application/zip');
    expect(zipped.body).toMatchObject(expected);
    expect((await test.get('/settings')).body).toMatchObject({
      linger_ms: 7_000,
      stream_loop_detection_enabled: 'on',
      stream_loop_detection_threshold_s: 5_400,
    });
    expect((await send(test, JSON.stringify({ proxy_settings: { channel_shutdown_delay: 8 } }))).body).toMatchObject({
      changed: ['LINGER_MS'],
    });
  });

  it.each([
    ['bytes that are no archive', Buffer.from('hello'), 'application/zip'],
    ['an archive that is cut off', zip([['proxy_settings.json', '{"a":1}']]).subarray(20), 'application/zip'],
    ['an archive of other things', zip([['readme.txt', 'x']]), 'application/zip'],
    ['broken JSON inside', zip([['proxy_settings.json', '{']]), 'application/octet-stream'],
    ['an object that says nothing', Buffer.from('{}'), 'application/json'],
    ['no object', Buffer.from('[1]'), 'application/json'],
  ])('refuse %s', async (_title, body, type) => {
    await using test = await serve({ engineUrls: ['http://127.0.0.1:1'] });
    const answer = await send(test, new Uint8Array(body), type);
    expect([answer.status, answer.body]).toMatchObject([400, { error: { code: 'bad_backup' } }]);
  });
});

/** A ZIP archive of deflated files. */
function zip(files: readonly (readonly [name: string, text: string])[]): Buffer {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of files) {
    const packed = deflateRawSync(text);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(8, 8);
    local.writeUInt32LE(packed.length, 18);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(text.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    locals.push(local, Buffer.from(name), packed);
    entries.push(entry, Buffer.from(name));
    offset += 30 + name.length + packed.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}
