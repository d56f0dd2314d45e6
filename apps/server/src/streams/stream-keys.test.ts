import { describe, expect, it } from 'vitest';
import { StreamKeys } from './stream-keys.ts';

describe('StreamKeys', () => {
  it('leaves a key alone that nothing is known about', () => {
    expect(new StreamKeys().resolve('content_id:a')).toBe('content_id:a');
  });

  it('leads a request by infohash to the stream that was started by content id', () => {
    const keys = new StreamKeys();
    expect(keys.learn('content_id:a', 'infohash:h')).toBe('content_id:a');
    expect(keys.resolve('infohash:h')).toBe('content_id:a');
    expect(keys.resolve('content_id:a')).toBe('content_id:a');
  });

  it('leads a content id that was seen before to the stream that was started by infohash', () => {
    const keys = new StreamKeys();
    keys.learn('content_id:a', 'infohash:h');
    keys.release('content_id:a');
    keys.learn('infohash:h', 'infohash:h');
    expect(keys.resolve('content_id:a')).toBe('infohash:h');
  });

  it('names the stream that was first when two turn out to be the same', () => {
    const keys = new StreamKeys();
    keys.learn('infohash:h', 'infohash:h');
    expect(keys.learn('content_id:a', 'infohash:h')).toBe('infohash:h');
    keys.release('content_id:a');
    expect(keys.resolve('infohash:h')).toBe('infohash:h');
  });

  it('forgets the stream when it ends, and nothing else', () => {
    const keys = new StreamKeys();
    keys.learn('content_id:a', 'infohash:h');
    keys.learn('content_id:b', 'infohash:i');
    keys.release('content_id:a');
    keys.release('content_id:a');
    expect(keys.resolve('infohash:h')).toBe('infohash:h');
    expect(keys.resolve('infohash:i')).toBe('content_id:b');
  });

  it('learns again when a source of the same stream tells once more', () => {
    const keys = new StreamKeys();
    keys.learn('content_id:a', 'infohash:h');
    expect(keys.learn('content_id:a', 'infohash:h')).toBe('content_id:a');
    keys.release('content_id:a');
    expect(keys.resolve('infohash:h')).toBe('infohash:h');
  });

  it('remembers a bounded number of names, the newest ones', () => {
    const keys = new StreamKeys();
    for (let index = 0; index <= 10_000; index++) {
      keys.learn(`content_id:${index}`, `infohash:${index}`);
      keys.release(`content_id:${index}`);
    }
    keys.learn('infohash:0', 'infohash:0');
    keys.learn('infohash:10000', 'infohash:10000');
    expect(keys.resolve('content_id:0')).toBe('content_id:0');
    expect(keys.resolve('content_id:10000')).toBe('infohash:10000');
  });
});
