import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixedKey } from '../src/auth/api-key.ts';
import { ClientAddresses } from '../src/auth/client-address.ts';
import { FailureLimit } from '../src/auth/failure-limit.ts';
import { GrantedKey } from '../src/auth/granted-key.ts';
import { PlaybackTokens } from '../src/auth/playback-tokens.ts';
import { readConfig } from '../src/config/config.ts';
import { installGuard } from '../src/http/guard.ts';
import { panelRoutes } from '../src/http/panel.ts';
import { createHttpServer } from '../src/http/server.ts';
import { createLog } from '../src/log.ts';
import { findPanel } from '../src/panel-folder.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'panel-'));
  await mkdir(join(folder, 'dist/assets'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(
    join(folder, 'dist/index.html'),
    '<!doctype html><html><head lang="en"><title>page</title></head></html>',
  );
  await writeFile(join(folder, 'dist/assets/app-B1a2.js'), 'run()');
  await writeFile(join(folder, 'dist/icon.svg'), '<svg/>');
});
afterAll(() => rm(folder, { recursive: true }));

async function panelAt(path: string | undefined, basePath = '', trusted: string[] = []): Promise<FastifyInstance> {
  const app = createHttpServer(createLog('silent'), basePath);
  const config = readConfig({});
  installGuard(app, {
    addresses: new ClientAddresses(() => trusted),
    rules: config,
    key: new GrantedKey(fixedKey('key'), () => {}),
    tokens: new PlaybackTokens({ document: () => [], saveDocuments: async () => {} }),
    failures: new FailureLimit({ max: () => 0 }),
  });
  app.register(panelRoutes({ basePath, folder: () => findPanel(path === undefined ? [] : [path]) }));
  await app.ready();
  return app;
}

describe('the panel', () => {
  let app: FastifyInstance;
  beforeAll(async () => {
    app = await panelAt(join(folder, 'dist'));
  });
  afterAll(() => app.close());

  it.each(['/', '/panel'])('%s leads to it', async (url) => {
    const { statusCode, headers } = await app.inject({ url });
    expect([statusCode, headers.location]).toEqual([302, '/panel/']);
  });

  it.each(['/panel/', '/panel/streams/abc', '/panel/index.html', '/panel/settings?tab=keys'])(
    '%s is the page itself, so that a reload of a deep link works',
    async (url) => {
      const { statusCode, headers, body } = await app.inject({ url });
      expect(statusCode).toBe(200);
      expect(body).toContain('<head lang="en"><base href="/panel/"><title>page');
      expect(headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
        'content-security-policy': expect.stringContaining("script-src 'self'"),
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      });
    },
  );

  it('files named by their content are kept for ever, others for an hour', async () => {
    const asset = await app.inject({ url: '/panel/assets/app-B1a2.js' });
    expect([asset.body, asset.headers['content-type']]).toEqual(['run()', expect.stringContaining('javascript')]);
    expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect((await app.inject({ url: '/panel/icon.svg' })).headers['cache-control']).toBe('public, max-age=3600');
  });

  it('a file that is not there is an error and not the page', async () => {
    for (const url of ['/panel/assets/app-old.js', '/panel/assets/x', '/panel/missing.png']) {
      const { statusCode, headers } = await app.inject({ url });
      expect([url, statusCode, headers['content-type']]).toEqual([url, 404, 'application/json; charset=utf-8']);
    }
  });

  it('no path leads out of its folder', async () => {
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as { port: number };
    const up = [
      '../',
      '..%2f',
      '%2e%2e/',
      '%2e%2e%2f',
      '..%5c',
      '....//',
      '..%00/',
      '%252e%252e%252f',
      'assets/../../',
    ];
    for (const step of up) {
      for (const path of [
        `/panel/${step}secret.txt`,
        `/panel/${step}${step}secret.txt`,
        `/panel//${folder}/secret.txt`,
      ]) {
        const answer = await rawGet(port, path);
        expect([path, answer.status < 500, answer.body.includes('secret') && !answer.body.includes('"error"')]).toEqual(
          [path, true, false],
        );
      }
    }
  });
});

it('without a build says so', async () => {
  const app = await panelAt(undefined);
  const { statusCode, body } = await app.inject({ url: '/panel/' });
  expect([statusCode, JSON.parse(body).error.code]).toEqual([404, 'panel_missing']);
  await app.close();
});

it('knows the path that a reverse proxy shows it under, told by the setting or by a trusted proxy', async () => {
  const app = await panelAt(join(folder, 'dist'), '/tv', ['10.0.0.1']);
  for (const url of ['/tv/panel/streams', '/panel/streams']) {
    expect((await app.inject({ url })).body).toContain('<base href="/tv/panel/">');
  }
  expect((await app.inject({ url: '/tv' })).headers.location).toBe('/tv/panel/');
  expect((await app.inject({ url: '/tvx/panel/' })).statusCode).toBe(404);
  const headers = { 'x-forwarded-for': '10.2.2.2', 'x-forwarded-prefix': '/other/' };
  const prefixed = (remoteAddress: string) => app.inject({ url: '/panel/', headers, remoteAddress });
  expect((await prefixed('10.0.0.1')).body).toContain('<base href="/other/panel/">');
  expect((await prefixed('10.0.0.2')).body).toContain('<base href="/tv/panel/">');
  const evil = { ...headers, 'x-forwarded-prefix': '/"><script>' };
  expect((await app.inject({ url: '/panel/', headers: evil, remoteAddress: '10.0.0.1' })).body).not.toContain(
    '<script',
  );
  await app.close();
});

/** A GET whose path goes out as it is: fetch would tidy it up. */
function rawGet(port: number, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
    })
      .once('error', reject)
      .end();
  });
}
