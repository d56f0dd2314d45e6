import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { AddressGuard } from '../src/m3u/address-guard.ts';
import { fetchList } from '../src/m3u/fetch-list.ts';
import { channel, serve, type TestServer } from './serve.ts';

const loopback = { m3uNetworks: ['127.0.0.0/8'] };
const list = (link: string): string => `\ufeff#EXTM3U\r\n#EXTINF:-1 tvg-id="é",Ünë\r\n${link}\r\nhttp://other/live.ts`;

async function listServer(handler: RequestListener): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const fetchPath = (url: string): string => `/modify_m3u?m3u_url=${encodeURIComponent(url)}`;

async function codeAt(test: TestServer, url: string): Promise<string> {
  const { status, body } = await test.get<{ error: { code: string } }>(fetchPath(url));
  return `${status} ${body.error.code}`;
}

describe('GET /modify_m3u', () => {
  it('answers with the list, its engine links leading here', async () => {
    await using source = await listServer((_request, response) => response.end(list(`acestream://${channel(1)}`)));
    await using test = await serve({ config: loopback });
    const response = await fetch(test.origin + fetchPath(`${source.url}/a.m3u`));
    expect(response.headers.get('content-type')).toBe('audio/x-mpegurl');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(Buffer.from(await response.arrayBuffer()).toString()).toBe(
      list(`${test.origin}/ace/getstream?id=${channel(1)}`),
    );
  });

  it('answers a player that asks with HEAD first, without fetching anything', async () => {
    let asked = 0;
    await using source = await listServer((_request, response) => {
      asked += 1;
      response.end(list(`acestream://${channel(1)}`));
    });
    await using test = await serve({ config: loopback });
    for (const prefix of ['', '/api/v1']) {
      const url = test.origin + prefix + fetchPath(source.url);
      const head = await fetch(url, { method: 'HEAD' });
      expect(head.status).toBe(200);
      expect(head.headers.get('content-type')).toBe('audio/x-mpegurl');
    }
    expect(asked).toBe(0);
    expect((await fetch(`${test.origin}/modify_m3u`, { method: 'HEAD' })).status).toBe(400);
    expect((await fetch(test.origin + fetchPath('file:///etc/passwd'), { method: 'HEAD' })).status).toBe(400);
  });

  it('lets web pages send lists and read what is wrong with them', async () => {
    await using test = await serve();
    const preflight = await fetch(`${test.origin}/modify_m3u`, { method: 'OPTIONS', headers: { origin: 'http://x' } });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-methods')).toContain('POST');
    expect(preflight.headers.get('access-control-allow-headers')).toContain('content-type');
    const refused = await fetch(`${test.origin}/modify_m3u`, { headers: { origin: 'http://x' } });
    expect(refused.status).toBe(400);
    expect(refused.headers.get('access-control-allow-origin')).toBe('*');
  });

  it('takes compressed lists and follows redirects', async () => {
    await using source = await listServer((request, response) => {
      if (request.url === '/a') response.writeHead(302, { location: '/b' }).end();
      else response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(`ace://${channel(1)}`));
    });
    await using test = await serve({ config: loopback });
    const response = await fetch(test.origin + fetchPath(`${source.url}/a`));
    expect(await response.text()).toBe(`${test.origin}/ace/getstream?id=${channel(1)}`);
  });

  it('goes into no private network, neither at once nor by a redirect', async () => {
    await using test = await serve({ config: { m3uNetworks: ['127.0.0.1'] } });
    let asked = 0;
    await using source = await listServer((_request, response) => {
      asked += 1;
      response.writeHead(302, { location: 'http://127.0.0.2:1/' }).end();
    });
    expect(await codeAt(test, source.url)).toBe('422 list_not_allowed');
    expect(asked).toBe(1);
    for (const url of ['http://[::1]:1/', 'http://10.0.0.1/', 'http://169.254.169.254/', 'http://0x7f000002:1/']) {
      expect([url, await codeAt(test, url)]).toEqual([url, '422 list_not_allowed']);
    }
    await using strict = await serve();
    expect(await codeAt(strict, source.url)).toBe('422 list_not_allowed');
    expect(await codeAt(strict, source.url.replace('127.0.0.1', 'localhost'))).toBe('422 list_not_allowed');
    expect(asked).toBe(1);
  });

  it('says what is wrong with what it got', async () => {
    await using source = await listServer((request, response) => {
      if (request.url === '/loop') response.writeHead(302, { location: '/loop' }).end();
      else if (request.url === '/file') response.writeHead(302, { location: 'file:///etc/passwd' }).end();
      else if (request.url === '/zstd') response.writeHead(200, { 'content-encoding': 'zstd' }).end('x');
      else if (request.url === '/slow') setTimeout(() => response.end(), 60_000).unref();
      else if (request.url === '/large') response.writeHead(200, { 'content-length': 3 * 2 ** 20 }).write('x');
      else if (request.url === '/stalled') response.writeHead(200).write('#EXTM3U');
      else if (request.url === '/broken') response.writeHead(200).write('#EXTM3U', () => response.destroy());
      else if (request.url === '/not-gzip') response.writeHead(200, { 'content-encoding': 'gzip' }).end('#EXTM3U');
      else response.writeHead(404).end();
    });
    await using test = await serve({ config: { ...loopback, m3uMaxMb: 1, m3uTimeoutMs: 1_000 } });
    for (const path of ['/loop', '/file', '/zstd', '/missing', '/broken', '/not-gzip']) {
      expect([path, await codeAt(test, source.url + path)]).toEqual([path, '502 list_unavailable']);
    }
    expect(await codeAt(test, `${source.url}/slow`)).toBe('504 list_timeout');
    expect(await codeAt(test, `${source.url}/stalled`)).toBe('504 list_timeout');
    expect(await codeAt(test, `${source.url}/large`)).toBe('413 too_large');
    expect(await codeAt(test, 'http://127.0.0.1:1/')).toBe('502 list_unavailable');
    for (const url of ['nonsense', 'file:///etc/passwd', 'ftp://h/'])
      expect(await codeAt(test, url)).toBe('400 bad_input');
  });

  it('cuts off a list that turns out too large', async () => {
    const line = Buffer.from(`${'x'.repeat(1_000)}\n`);
    await using source = await listServer((_request, response) => {
      for (let count = 0; count < 3_000; count++) response.write(line);
      response.end();
    });
    await using test = await serve({ config: { ...loopback, m3uMaxMb: 1 } });
    const response = await fetch(test.origin + fetchPath(source.url));
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });
});

it('a name is looked up once, so that it cannot change between the check and the connection', async () => {
  await using source = await listServer((_request, response) => response.end('#EXTM3U'));
  const answers = ['127.0.0.1', '10.0.0.1'];
  let lookups = 0;
  const guard = new AddressGuard(['127.0.0.1'], async () => [{ address: answers[lookups++]!, family: 4 }]);
  const url = source.url.replace('127.0.0.1', 'rebinding.example');
  const options = { guard, signal: AbortSignal.timeout(5_000) };
  const body = await (await fetchList(url, options)).toArray();
  expect([String(Buffer.concat(body)), lookups]).toEqual(['#EXTM3U', 1]);
  await expect(fetchList(url, options)).rejects.toMatchObject({ code: 'list_not_allowed' });
});

describe('POST /modify_m3u', () => {
  const post = (test: TestServer, body: string | Buffer, headers: Record<string, string> = {}, query = '') =>
    fetch(`${test.origin}/api/v1/modify_m3u${query}`, { method: 'POST', body, headers });

  it.each(['audio/x-mpegurl', 'text/plain', 'application/json', 'application/octet-stream'])(
    'takes a list as %s',
    async (type) => {
      await using test = await serve();
      const response = await post(test, list(`acestream://${channel(2)}`), { 'content-type': type });
      expect(Buffer.from(await response.arrayBuffer()).toString()).toBe(
        list(`${test.origin}/ace/getstream?id=${channel(2)}`),
      );
    },
  );

  it('streams a large list', async () => {
    await using test = await serve();
    const line = `acestream://${channel(3)}\n`;
    const response = await post(test, line.repeat(200_000));
    const text = await response.text();
    expect(text).toBe(`${test.origin}/ace/getstream?id=${channel(3)}\n`.repeat(200_000));
  });

  it('refuses what is missing or too large', async () => {
    await using test = await serve({ config: { m3uMaxMb: 1 } });
    expect((await fetch(`${test.origin}/modify_m3u`, { method: 'POST' })).status).toBe(400);
    expect((await post(test, Buffer.alloc(2 ** 20 + 1))).status).toBe(413);
  });

  it('writes the host, scheme, path and token that the player needs', async () => {
    await using test = await serve({ config: { trustedProxies: ['127.0.0.1'], authPlayback: 'key', basePath: '/tv' } });
    const { body } = await test.request<{ token: string }>('/tokens', {
      method: 'POST',
      headers: { 'x-api-key': 'key-of-the-tests', 'content-type': 'application/json' },
      body: '{"name":"tv"}',
    });
    const forwarded = {
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'tv.example.org',
    };
    const linkWith = async (headers: Record<string, string>) =>
      (await post(test, `ace://${channel(1)}`, headers, `?token=${body.token}`)).text();
    const tail = `/ace/getstream?id=${channel(1)}&token=${body.token}`;
    expect(await linkWith(forwarded)).toBe(`https://tv.example.org/tv${tail}`);
    expect(await linkWith({ ...forwarded, 'x-forwarded-port': '8443', 'x-forwarded-prefix': '/p' })).toBe(
      `https://tv.example.org:8443/p${tail}`,
    );
    expect(await linkWith({})).toBe(`${test.origin}/tv${tail}`);
    expect(await linkWith({ ...forwarded, 'x-forwarded-host': 'evil"><x>' })).toContain('/tv/ace/getstream');
  });

  it('believes nobody but a trusted proxy', async () => {
    await using test = await serve({ config: { authPlayback: 'open' } });
    const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', 'x-forwarded-prefix': '/p' };
    expect(await (await post(test, `ace://${channel(1)}`, headers)).text()).toBe(
      `${test.origin}/ace/getstream?id=${channel(1)}`,
    );
  });
});
