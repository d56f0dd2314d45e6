import { describe, expect, it } from 'vitest';
import type { ContentRef } from './content-ref.ts';
import { engineOrigin, rebaseUrl } from './engine-address.ts';
import { parseSession } from './session.ts';

const infohash = '94c2fd8fb9bc8f2fc71a2cbe9d4b866f227a0209';
const key = 'f528764d624db129b32c21fbca0cb8d6';
const origin = 'http://10.0.0.5:6878';
const ref: ContentRef = { kind: 'content_id', value: '1'.repeat(40) };
const response = {
  playback_url: `http://127.0.0.1:6878/ace/r/${infohash}/${key}`,
  stat_url: `http://127.0.0.1:6878/ace/stat/${infohash}/${key}`,
  command_url: `http://172.17.0.2:40001/ace/cmd/${infohash}/${key}`,
  infohash: infohash.toUpperCase(),
  playback_session_id: 'abc',
  is_live: 1,
};

describe('parseSession', () => {
  it('leads every URL to the address where the engine was reached', () => {
    const eventUrl = `https://elsewhere/ace/event/${infohash}/${key}?x=1`;
    expect(parseSession({ ...response, event_url: eventUrl }, origin, ref, 'me')).toEqual({
      playbackUrl: `${origin}/ace/r/${infohash}/${key}`,
      statUrl: `${origin}/ace/stat/${infohash}/${key}`,
      commandUrl: `${origin}/ace/cmd/${infohash}/${key}`,
      eventUrl: `${origin}/ace/event/${infohash}/${key}?x=1`,
      infohash,
      playbackSessionId: 'abc',
      isLive: true,
      ref,
      pid: 'me',
    });
  });

  it.each([
    [0, false],
    ['0', false],
    [false, false],
    ['false', false],
    [1, true],
    ['1', true],
    [undefined, true],
    [null, true],
  ])('reads is_live %j as %s', (is_live, isLive) => {
    expect(parseSession({ ...response, is_live }, origin, ref, '').isLive).toBe(isLive);
  });

  it('finds the infohash in the URLs, or in what was asked for, when the reply does not say', () => {
    const { infohash: _, ...silent } = response;
    expect(parseSession(silent, origin, ref, '').infohash).toBe(infohash);
    const odd = { ...silent, stat_url: '/odd/stat', infohash: 'none' };
    expect(parseSession(odd, origin, { kind: 'infohash', value: infohash }, '').infohash).toBe(infohash);
    expect(() => parseSession(odd, origin, ref, '')).toThrow(/without infohash/);
  });

  it.each(['playback_url', 'stat_url', 'command_url'])('does not accept a reply without %s', (name) => {
    for (const value of [undefined, '', null, 7]) {
      expect(() => parseSession({ ...response, [name]: value }, origin, ref, '')).toThrow(
        expect.objectContaining({ code: 'bad_response', message: expect.stringContaining(name) }),
      );
    }
  });
});

describe('the address of an engine', () => {
  it('puts brackets around IPv6', () => {
    expect(engineOrigin({ host: '::1', port: 6878 })).toBe('http://[::1]:6878');
    expect(rebaseUrl('http://127.0.0.1/ace/r/x', 'http://[::1]:6878')).toBe('http://[::1]:6878/ace/r/x');
  });

  it.each(['', 'a b', 'user@host', 'host/path', 'host?x'])('is not "%s"', (host) => {
    expect(() => engineOrigin({ host, port: 1 })).toThrow(TypeError);
  });

  it.each([0, 65_536, 1.5])('has no port %s', (port) => {
    expect(() => engineOrigin({ host: 'h', port })).toThrow(RangeError);
  });

  it.each(['javascript:alert(1)', 'file:///etc/passwd', 'http://'])('is not led to by %s', (url) => {
    expect(() => rebaseUrl(url, origin)).toThrow(expect.objectContaining({ code: 'bad_response' }));
  });
});
