import { describe, expect, it, vi } from 'vitest';
import { StreamBook, type StreamRecord } from './stream-book.ts';

const content = { kind: 'content_id', value: 'aa' } as const;
const engine = (id: string) => ({ id, name: id, host: '127.0.0.1', port: 1 });
const session = (playbackSessionId: string) => ({
  playbackSessionId,
  statUrl: '/stat',
  commandUrl: '/cmd',
  infohash: 'FF',
  isLive: true,
});

describe('StreamBook', () => {
  it('names a stream by its content and its first engine session, also after another engine took over', () => {
    const book = new StreamBook({ now: () => 7 });
    book.opened('content_id:aa', content, engine('one'), session('s1'));
    book.opened('content_id:aa', content, engine('two'), session('s2'));
    expect(book.active()).toEqual([expect.objectContaining({ engine: engine('one'), sources: 2 })]);
    book.playedBy('content_id:aa', engine('two'), session('s2'));
    book.recovered('content_id:aa');
    expect(book.active()).toEqual([
      expect.objectContaining({ id: 'aa|s1', startedAt: 7, engine: engine('two'), sources: 2, recoveries: 1 }),
    ]);
  });

  it('finds a stream by id, key, content or infohash in any case, the running one first', () => {
    let now = 1;
    const book = new StreamBook({ now: () => now++ });
    book.opened('content_id:aa', content, engine('one'), session('s1'));
    book.ended('content_id:aa', 'idle');
    book.opened('content_id:aa', content, engine('one'), session('s2'));
    for (const name of ['content_id:aa', 'AA', 'ff']) expect(book.find(name)?.id).toBe('aa|s2');
    expect(book.find('aa|s1')).toMatchObject({ endedAt: 2, endReason: 'idle' });
    expect(book.find('bb')).toBeUndefined();
  });

  it('finds the latest of several that ended', () => {
    let now = 1;
    const book = new StreamBook({ now: () => now++ });
    for (const id of ['s1', 's2']) {
      book.opened('content_id:aa', content, engine('one'), session(id));
      book.ended('content_id:aa', 'idle');
    }
    expect(book.find('aa')?.id).toBe('aa|s2');
  });

  it('ends a stream once, and only one that was there', () => {
    const book = new StreamBook();
    expect(book.ended('content_id:aa', 'open_failed')).toBeUndefined();
    book.opened('content_id:aa', content, engine('one'), session('s1'));
    expect(book.ended('content_id:aa', 'idle')).toBeDefined();
    expect(book.ended('content_id:aa', 'idle')).toBeUndefined();
    expect(book.active()).toEqual([]);
  });

  it('keeps a bounded number of ended streams and says which it dropped', () => {
    const dropped: StreamRecord[] = [];
    const book = new StreamBook({ onForget: (record) => dropped.push(record) });
    for (let index = 0; index < 203; index++) {
      book.opened('content_id:aa', content, engine('one'), session(String(index)));
      book.ended('content_id:aa', 'idle');
    }
    expect(book.all()).toHaveLength(200);
    expect(dropped.map(({ id }) => id)).toEqual(['aa|0', 'aa|1', 'aa|2']);
  });

  it('calls whoever waits for an engine to answer: once, at once when it has, and not after it was cancelled', () => {
    const book = new StreamBook();
    const waiting = vi.fn();
    const cancelled = vi.fn();
    book.onceOpened('content_id:aa', waiting);
    book.onceOpened('content_id:aa', cancelled)();
    book.opened('content_id:aa', content, engine('one'), session('s1'));
    book.opened('content_id:aa', content, engine('two'), session('s2'));
    expect(waiting).toHaveBeenCalledTimes(1);
    expect(cancelled).not.toHaveBeenCalled();
    const late = vi.fn();
    book.onceOpened('content_id:aa', late);
    expect(late).toHaveBeenCalledTimes(1);
  });
});
