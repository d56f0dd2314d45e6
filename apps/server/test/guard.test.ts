import type { FastifyInstance, InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixedKey } from '../src/auth/api-key.ts';
import { ClientAddresses } from '../src/auth/client-address.ts';
import { FailureLimit } from '../src/auth/failure-limit.ts';
import { GrantedKey } from '../src/auth/granted-key.ts';
import { PlaybackTokens } from '../src/auth/playback-tokens.ts';
import { compose } from '../src/compose.ts';
import { type AccessPolicy, type Config, readConfig } from '../src/config/config.ts';
import { createApp } from '../src/http/app.ts';
import { installGuard } from '../src/http/guard.ts';
import { createHttpServer } from '../src/http/server.ts';
import { createLog } from '../src/log.ts';
import { Settings } from '../src/settings/settings.ts';
import { databaseHere } from '../src/storage/database-thread.ts';
import { Storage } from '../src/storage/storage.ts';

const key = 'the-right-key';
const wrong = 'the-wrong-key';
const storage = await Storage.open({ thread: databaseHere(), log: createLog('silent') });
const { text: token } = await new PlaybackTokens(storage).create('a player');

type Area = 'open' | 'metrics' | 'read' | 'playback' | 'viewer' | 'admin';

/** Every route and what it gives away or changes. A route that is missing here fails the first test. */
const management: Readonly<Record<string, Area>> = {
  'GET /engines': 'read',
  'GET /engines/:id': 'read',
  'GET /engines/stats/all': 'read',
  'GET /engines/stats/total': 'read',
  'GET /engines/:id/stats': 'read',
  'POST /engines/:id/drain': 'admin',
  'POST /engines/:id/resume': 'admin',
  'POST /engines/:id/restart': 'admin',
  'DELETE /engines/:id': 'admin',
  'POST /provision/acestream': 'admin',
  'POST /scale/:count': 'admin',
  'POST /gc': 'admin',
  'POST /custom-variant/reprovision': 'admin',
  'GET /custom-variant/reprovision/status': 'read',
  'GET /health/status': 'read',
  'POST /health/circuit-breaker/reset': 'admin',
  'POST /streams/:id/move': 'admin',
  'GET /streams': 'read',
  'GET /streams/:id': 'read',
  'GET /streams/:id/stats': 'read',
  'DELETE /streams/:id': 'admin',
  'POST /streams/batch-stop': 'admin',
  'GET /proxy/streams/:key/clients': 'read',
  'GET /healthz': 'open',
  'GET /readyz': 'open',
  'GET /version': 'read',
  'GET /metrics': 'metrics',
  'GET /metrics/performance': 'metrics',
  'GET /metrics/performance/history': 'metrics',
  'GET /orchestrator/status': 'read',
  'GET /containers/:id': 'admin',
  'DELETE /containers/:id': 'admin',
  'GET /containers/:id/logs': 'admin',
  'GET /by-label': 'admin',
  'GET /images': 'read',
  'POST /images/check': 'admin',
  'POST /images/pull': 'admin',
  'DELETE /images/pull': 'admin',
  'POST /provision': 'admin',
  'GET /custom-variant/config': 'admin',
  'POST /custom-variant/config': 'admin',
  'GET /custom-variant/platform': 'read',
  'GET /events': 'read',
  'GET /events/stats': 'read',
  'GET /events/stream': 'read',
  'POST /events/cleanup': 'admin',
  'GET /live': 'read',
  'GET /settings': 'admin',
  'POST /settings': 'admin',
  'GET /settings/schema': 'admin',
  'GET /settings/engine': 'admin',
  'POST /settings/engine': 'admin',
  'GET /proxy/config': 'admin',
  'POST /proxy/config': 'admin',
  'GET /settings/export': 'admin',
  'POST /settings/import': 'admin',
  'GET /diagnose': 'read',
  'GET /stream-loop-detection/config': 'read',
  'POST /stream-loop-detection/config': 'admin',
  'GET /looping-streams': 'read',
  'DELETE /looping-streams/:id': 'admin',
  'POST /looping-streams/clear': 'admin',
  'POST /events/stream_started': 'admin',
  'POST /events/stream_ended': 'admin',
  'GET /streams/:id/livepos': 'read',
  'GET /streams/:id/extended-stats': 'read',
  'GET /metrics/history': 'metrics',
  'GET /openapi.json': 'open',
  'GET /docs': 'open',
  'GET /modify_m3u': 'playback',
  'POST /modify_m3u': 'playback',
  'OPTIONS /modify_m3u': 'open',
  'GET /tokens': 'admin',
  'POST /tokens': 'admin',
  'DELETE /tokens/:id': 'admin',
};
const playback: Readonly<Record<string, Area>> = {
  'GET /': 'open',
  'HEAD /': 'open',
  'GET /panel': 'open',
  'HEAD /panel': 'open',
  'GET /panel/*': 'open',
  'HEAD /panel/*': 'open',
  'GET /ace/status': 'read',
  'HEAD /ace/status': 'read',
  'GET /ace/getstream': 'playback',
  'HEAD /ace/getstream': 'playback',
  'OPTIONS /ace/getstream': 'open',
  'GET /ace/manifest.m3u8': 'playback',
  'HEAD /ace/manifest.m3u8': 'playback',
  'OPTIONS /ace/manifest.m3u8': 'open',
  'GET /ace/hls/*': 'viewer',
  'HEAD /ace/hls/*': 'viewer',
  'OPTIONS /ace/hls/*': 'open',
  // Preflights of pages that are let in, at whatever path.
  'OPTIONS /*': 'open',
};
const routes: readonly [route: string, area: Area][] = [
  ...Object.entries(playback),
  ...Object.entries(management),
  ...Object.entries(management).map(([route, area]): [string, Area] => [route.replace(' /', ' /api/v1/'), area]),
  // HEAD goes with every GET.
  ...Object.entries(management)
    .filter(([route]) => route.startsWith('GET '))
    .flatMap(([route, area]): [string, Area][] => [
      [route.replace('GET /', 'HEAD /'), area],
      [route.replace('GET /', 'HEAD /api/v1/'), area],
    ]),
];

function appWith(config: Partial<Config>): { app: FastifyInstance; lines: string[] } {
  const lines: string[] = [];
  const log = createLog('trace', { write: (line) => void lines.push(line) });
  const pinned = { authMaxFailures: 0, ...config };
  const settings = new Settings({ env: { ENGINE_URLS: 'http://127.0.0.1:1' }, pinned });
  const services = compose({ settings, log, version: '0', engines: settings.config.engineUrls, storage });
  return { app: createApp({ config: settings.config, log, key: fixedKey(key), services }), lines };
}

const request = (route: string, extra: Partial<InjectOptions>): InjectOptions => {
  const [method, path] = route.split(' ') as [NonNullable<InjectOptions['method']>, string];
  // An answer without an end is looked at as soon as it begins.
  const payloadAsStream = /^GET .*\/(live|events\/stream)$/.test(route);
  return { method, url: path.replace(/:\w+/g, 'x'), remoteAddress: '127.0.0.1', payloadAsStream, ...extra };
};

const withKey = (shown: string): Partial<InjectOptions> => ({ headers: { authorization: `Bearer ${shown}` } });
const local = '192.168.1.5';
const foreign = '203.0.113.9';
const peers: Readonly<Record<string, boolean>> = {
  [local]: true,
  '::ffff:10.0.0.7': true,
  'fd00::7': true,
  [foreign]: false,
  '2001:db8::9': false,
};

/** What the guard must say: 401, 403, or nothing. */
function expected(area: Area, policy: AccessPolicy, peer: string, shown: string | undefined): 401 | 403 | undefined {
  const effective = area === 'open' || area === 'viewer' ? 'open' : area === 'admin' ? 'key' : policy;
  if (effective === 'open' || shown === key) return undefined;
  // A playback token is not a key, whatever header it comes in.
  if (shown === wrong || shown === token) return 403;
  return effective === 'local' && peers[peer] ? undefined : 401;
}

describe.each(['open', 'local', 'key'] as const)('with every policy at %s', (policy) => {
  let app: FastifyInstance;
  beforeAll(async () => {
    ({ app } = appWith({ authMetrics: policy, authPlayback: policy, authRead: policy }));
    await app.ready();
  });
  afterAll(() => app.close());

  it.each(routes)('%s (%s) lets in whom it should, and nobody else', async (route, area) => {
    for (const remoteAddress of Object.keys(peers)) {
      for (const shown of [undefined, wrong, token, key]) {
        const credentials = shown === undefined ? {} : withKey(shown);
        const { statusCode } = await app.inject(request(route, { remoteAddress, ...credentials }));
        expect(statusCode).not.toBe(500);
        const refused = statusCode === 401 || statusCode === 403 ? statusCode : undefined;
        expect([remoteAddress, shown, refused]).toEqual([
          remoteAddress,
          shown,
          expected(area, policy, remoteAddress, shown),
        ]);
      }
    }
  });
});

describe('the guard', () => {
  let app: FastifyInstance;
  let lines: string[];
  beforeAll(async () => {
    ({ app, lines } = appWith({ authPlayback: 'key', authRead: 'key', trustedProxies: ['10.0.0.1'] }));
    await app.ready();
  });
  afterAll(() => app.close());

  it('knows every route', () => {
    for (const [route] of routes) {
      const [method, url] = route.split(' ') as [NonNullable<InjectOptions['method']>, string];
      expect([route, app.hasRoute({ method, url })]).toEqual([route, true]);
    }
    expect(countRoutes(app)).toBe(routes.length);
  });

  it('does not let a route be added that has no area', () => {
    const bare = createHttpServer(createLog('silent'));
    installGuard(bare, {
      addresses: new ClientAddresses(() => []),
      rules: readConfig({}),
      key: new GrantedKey(fixedKey(key), () => {}),
      tokens: new PlaybackTokens(storage),
      failures: new FailureLimit({ max: () => 0 }),
    });
    expect(() => bare.get('/secret', async () => 'secret')).toThrow('GET /secret has no area');
  });

  it('takes the key from X-API-Key, too', async () => {
    const { statusCode } = await app.inject(request('GET /streams', { headers: { 'x-api-key': key } }));
    expect(statusCode).toBe(200);
  });

  it('takes the key from ?token= for playback and for nothing else, and keeps it out of the log', async () => {
    const play = (token: string) => app.inject({ url: `/ace/getstream?id=x&token=${token}`, remoteAddress: foreign });
    expect((await play(key)).statusCode).toBe(400);
    expect((await play(token)).statusCode).toBe(400);
    expect((await play(wrong)).statusCode).toBe(403);
    expect((await play(`${key}&token=${key}`)).statusCode).toBe(400);
    expect((await play(`${key}&token=${wrong}`)).statusCode).toBe(403);
    expect((await app.inject({ url: `/streams?token=${key}`, remoteAddress: foreign })).statusCode).toBe(401);
    expect(lines.join()).toContain('token=***');
    expect(lines.join()).not.toContain(key);
    expect(lines.join()).not.toContain(token);
  });

  it('gives every answer the id that its log lines have', async () => {
    const { headers } = await app.inject(request('GET /streams', {}));
    expect(lines.join()).toContain(`"reqId":"${headers['x-request-id']}"`);
  });

  it('ignores credentials of another scheme', async () => {
    const basic = { authorization: `Basic ${Buffer.from('a:b').toString('base64')}` };
    expect((await app.inject(request('GET /streams', { headers: basic }))).statusCode).toBe(401);
  });

  it('says how to come in, in the shape of every error', async () => {
    const answer = await app.inject(request('GET /streams', {}));
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.json()).toEqual({
      error: { code: 'key_missing', message: expect.any(String), retryable: false, request_id: expect.any(String) },
      detail: expect.stringContaining('API key'),
    });
  });
});

describe('a request through a proxy', () => {
  const read = async (trustedProxies: string[], headers: Record<string, string>): Promise<number> => {
    const { app } = appWith({ trustedProxies });
    try {
      return (await app.inject({ url: '/streams', remoteAddress: '127.0.0.1', headers })).statusCode;
    } finally {
      await app.close();
    }
  };

  it('is not local when the proxy is not trusted, whatever it says', async () => {
    expect(await read([], {})).toBe(200);
    expect(await read([], { 'x-forwarded-for': '192.168.1.5' })).toBe(401);
    expect(await read([], { forwarded: 'for=192.168.1.5' })).toBe(401);
  });

  it('is as local as its client when the proxy is trusted', async () => {
    expect(await read(['127.0.0.1'], { 'x-forwarded-for': '192.168.1.5' })).toBe(200);
    expect(await read(['127.0.0.1'], { 'x-forwarded-for': '203.0.113.9' })).toBe(401);
    expect(await read(['127.0.0.1'], { 'x-forwarded-for': '192.168.1.5, 203.0.113.9' })).toBe(401);
  });
});

describe('an address that guesses', () => {
  it('is not told any more after so many wrong keys, not even with the right one', async () => {
    const { app } = appWith({ authMaxFailures: 3, authRead: 'open' });
    const read = (shown: string | undefined, remoteAddress: string) =>
      app.inject(request('GET /streams', { remoteAddress, ...(shown === undefined ? {} : withKey(shown)) }));
    try {
      for (let count = 0; count < 3; count++) expect((await read(wrong, foreign)).statusCode).toBe(200);
      const refused = await read(key, foreign);
      expect([refused.statusCode, refused.json().error.code]).toEqual([429, 'too_many_attempts']);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(50);
      expect((await read(undefined, foreign)).statusCode).toBe(200);
      expect((await read(key, local)).statusCode).toBe(200);
      const open = { url: '/healthz', remoteAddress: foreign, ...withKey(wrong) };
      expect((await app.inject(open)).statusCode).toBe(200);
    } finally {
      await app.close();
    }
  });
});

describe('a page of another host', () => {
  const page = 'https://tv.example.org';
  const headersFor = async (corsOrigins: string[], origin: string, method: 'GET' | 'OPTIONS' = 'GET') => {
    const { app } = appWith({ corsOrigins });
    try {
      const { statusCode, headers } = await app.inject({
        method,
        url: '/api/v1/streams',
        headers: { origin, 'access-control-request-method': 'GET' },
      });
      return { statusCode, allowed: headers['access-control-allow-origin'], vary: headers.vary };
    } finally {
      await app.close();
    }
  };

  it('is let in when it is named, on errors and preflight requests too', async () => {
    const named = { allowed: page, vary: 'origin' };
    expect(await headersFor([page], page)).toEqual({ statusCode: 200, ...named });
    expect(await headersFor([page], page, 'OPTIONS')).toEqual({ statusCode: 204, ...named });
    expect(await headersFor(['*'], page)).toMatchObject({ allowed: '*' });
  });

  it('is not let in otherwise', async () => {
    expect(await headersFor([], page)).toMatchObject({ allowed: undefined });
    expect(await headersFor([page], 'https://evil.example.org')).toMatchObject({ allowed: undefined, vary: 'origin' });
    expect(await headersFor([], page, 'OPTIONS')).toMatchObject({ statusCode: 405, allowed: undefined });
  });
});

it('AUTH=off opens everything', async () => {
  const { app } = appWith({ auth: 'off' });
  try {
    for (const [route] of routes) {
      const { statusCode } = await app.inject(request(route, { remoteAddress: foreign }));
      expect([route, [401, 403].includes(statusCode)]).toEqual([route, false]);
    }
  } finally {
    await app.close();
  }
});

/** Method and path pairs, from fastify's own trees, one per method: printed together they leave wildcards out. */
function countRoutes(app: FastifyInstance): number {
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
  return methods
    .map((method) => app.printRoutes({ method }).matchAll(/\([A-Z, ]+\)/g))
    .reduce((count, found) => count + [...found].length, 0);
}
