import { expect, it } from 'vitest';
import { key, serve, type TestServer } from './serve.ts';

const change = (test: TestServer, settings: Record<string, string>) =>
  test.request('/api/v1/settings', {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify(settings),
  });

it('believes a proxy from the moment it is named', async () => {
  await using test = await serve();
  const forwarded = { 'x-forwarded-for': '192.168.1.2' };
  expect((await test.get('/streams', forwarded)).status).toBe(401);
  expect((await change(test, { trusted_proxies: '127.0.0.1' })).status).toBe(200);
  expect((await test.get('/streams', forwarded)).status).toBe(200);
  await change(test, { trusted_proxies: '' });
  expect((await test.get('/streams', forwarded)).status).toBe(401);
});

it('lets pages of a host in from the moment it is named, preflights included', async () => {
  await using test = await serve();
  const origin = 'https://tv.example.org';
  const allowed = async (method: string) => {
    const { status, headers } = await fetch(`${test.origin}/streams`, { method, headers: { origin } });
    return [status, headers.get('access-control-allow-origin')];
  };
  expect([await allowed('GET'), await allowed('OPTIONS')]).toEqual([
    [200, null],
    [405, null],
  ]);
  await change(test, { cors_origins: origin });
  expect([await allowed('GET'), await allowed('OPTIONS')]).toEqual([
    [200, origin],
    [204, origin],
  ]);
});

it('counts wrong keys against the limit as it is now', async () => {
  await using test = await serve();
  const guess = async () => (await test.get('/settings', { 'x-api-key': 'wrong-wrong' })).status;
  expect([await guess(), await guess(), await guess()]).toEqual([403, 403, 403]);
  await change(test, { auth_max_failures: '0' });
  expect(await guess()).toBe(403);
});

it('shuts an address out once the limit is lowered to what it has tried', async () => {
  await using test = await serve();
  const guess = async () => (await test.get('/settings', { 'x-api-key': 'wrong-wrong' })).status;
  await guess();
  await guess();
  await change(test, { auth_max_failures: '2' });
  expect(await guess()).toBe(429);
});
