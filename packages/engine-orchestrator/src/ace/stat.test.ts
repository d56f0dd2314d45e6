import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStatus, parseVersion } from './engine-version.ts';
import { parseStat } from './stat.ts';

const nothing = { status: 'unknown', peers: 0, speedDownKBps: 0, speedUpKBps: 0, downloadedBytes: 0, uploadedBytes: 0 };

describe('parseStat', () => {
  it('reads what an engine sends, live positions as the strings they are', () => {
    const stat = parseStat({
      status: 'dl',
      peers: 4,
      speed_down: 257,
      speed_up: 29,
      downloaded: 3_276_800,
      uploaded: 491_520,
      livepos: {
        pos: '1639986704',
        live_first: '1639984904',
        live_last: '1639986704',
        first_ts: '1639984904',
        last_ts: '1639986704',
        last: '1639986704',
        is_live: '1',
        buffer_pieces: '30',
      },
    });
    expect(stat).toEqual({
      status: 'dl',
      peers: 4,
      speedDownKBps: 257,
      speedUpKBps: 29,
      downloadedBytes: 3_276_800,
      uploadedBytes: 491_520,
      livepos: {
        pos: 1_639_986_704,
        last: 1_639_986_704,
        liveFirst: 1_639_984_904,
        liveLast: 1_639_986_704,
        firstTs: 1_639_984_904,
        lastTs: 1_639_986_704,
        bufferPieces: 30,
      },
    });
  });

  it('reads camel case, and numbers as strings', () => {
    expect(parseStat({ speedDown: '12.5', speedUp: 3, peers: '7' })).toEqual({
      ...nothing,
      speedDownKBps: 12.5,
      speedUpKBps: 3,
      peers: 7,
    });
  });

  it('takes a 0 for a 0, not for something that is missing', () => {
    expect(parseStat({ speed_down: 0, speedDown: 99 }).speedDownKBps).toBe(0);
  });

  it('has a progress only while the engine says so', () => {
    expect(parseStat({ status: 'prebuf', progress: 0 })).toEqual({ ...nothing, status: 'prebuf', progress: 0 });
    expect(parseStat({ status: 'dl' })).not.toHaveProperty('progress');
  });

  it.each([[{}], [{ livepos: null }], [{ livepos: {} }], [{ livepos: 'x' }], [{ livepos: { pos: 'x', last: '' } }]])(
    'has no live position in %j',
    (response) => {
      expect(parseStat(response)).toEqual(nothing);
    },
  );

  it('makes numbers of anything, and never a negative one', () => {
    const value = fc.oneof(fc.anything(), fc.integer(), fc.double(), fc.string());
    const names = ['status', 'peers', 'speed_down', 'speedDown', 'speed_up', 'downloaded', 'uploaded', 'livepos'];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value), (response) => {
        const { status, livepos, progress, ...numbers } = parseStat(response);
        expect(status).toEqual(expect.any(String));
        for (const number of Object.values(numbers)) expect(number).toBeGreaterThanOrEqual(0);
        for (const number of Object.values(livepos ?? {})) expect(Number.isFinite(number)).toBe(true);
        expect(progress).toBeUndefined();
      }),
    );
  });
});

describe('versions', () => {
  it('are read with or without code and platform', () => {
    const full = { code: 3_021_100, platform: 'linux', version: '3.2.11', websocket_port: 43_879 };
    expect(parseVersion(full)).toEqual({ code: 3_021_100, platform: 'linux', version: '3.2.11' });
    expect(parseVersion({ version: '3.1.32' })).toEqual({ version: '3.1.32' });
    expect(parseVersion({ code: 1 })).toBeUndefined();
    expect(parseVersion(null)).toBeUndefined();
  });

  it('are part of a status, when the engine gives one', () => {
    expect(parseStatus({ playlist_loaded: true, version: { version: '3.2.3' } })).toEqual({
      playlistLoaded: true,
      version: { version: '3.2.3' },
    });
    expect(parseStatus({})).toEqual({ playlistLoaded: false });
  });
});
