import { describe, expect, it } from 'vitest';
import { parseEngineUrl } from './parse-engine-url.ts';
import { staticRuntime } from './static-runtime.ts';

const { signal } = new AbortController();

describe('staticRuntime', () => {
  it('lists engines given as URLs and as objects', async () => {
    const runtime = staticRuntime([
      'http://10.0.0.5:6878/',
      { host: 'vpn', port: 19_000, name: 'first', labels: { zone: 'a' }, forwarded: true },
      'http://[::1]:6878',
    ]);
    expect(runtime.canProvision).toBe(false);
    expect(await runtime.list({ signal })).toEqual([
      {
        id: '10.0.0.5:6878',
        name: '10.0.0.5:6878',
        host: '10.0.0.5',
        port: 6878,
        labels: {},
        forwarded: false,
        running: true,
      },
      {
        id: 'vpn:19000',
        name: 'first',
        host: 'vpn',
        port: 19_000,
        labels: { zone: 'a' },
        forwarded: true,
        running: true,
      },
      { id: '[::1]:6878', name: '[::1]:6878', host: '::1', port: 6878, labels: {}, forwarded: false, running: true },
    ]);
  });

  it('refuses an engine that is given twice, also in two spellings', () => {
    expect(() => staticRuntime(['http://LOCALHOST:6878', { host: 'localhost', port: 6878 }])).toThrow(
      /localhost:6878.*twice/,
    );
  });

  it.each([0, 65_536, 1.5, Number.NaN])('refuses port %s', (port) => {
    expect(() => staticRuntime([{ host: 'a', port }])).toThrow(RangeError);
  });
});

describe('parseEngineUrl', () => {
  it('takes port 80 when there is none', () => {
    expect(parseEngineUrl('http://engine')).toEqual({ host: 'engine', port: 80 });
  });

  it.each([
    ['localhost:6878', /http:\/\//],
    ['engine', /not a URL/],
    ['https://engine:6878', /plain HTTP/],
    ['http://engine:6878/ace', /more than a host and a port/],
    ['http://engine:6878?x=1', /more than a host and a port/],
    ['http://user:secret@engine:6878', /user name or password/],
    ['http://engine:0', /port 0/],
    ['http://engine:99999', /not a URL/],
  ])('says what is wrong with %s', (text, message) => {
    expect(() => parseEngineUrl(text)).toThrow(TypeError);
    expect(() => parseEngineUrl(text)).toThrow(message);
  });

  it('does not repeat a password', () => {
    expect(() => parseEngineUrl('http://user:secret@engine:6878')).not.toThrow(/secret/);
  });
});
