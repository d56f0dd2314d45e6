import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlaylistRewriter } from './rewrite-stream.ts';

const target = { base: 'http://h' };
const id = 'f'.repeat(40);
const limit = { maxBytes: 10_000_000, tooLarge: () => new Error('too large') };

async function rewrite(chunks: readonly Buffer[], maxBytes = limit.maxBytes): Promise<Buffer> {
  return buffer(
    Readable.from(chunks, { objectMode: false }).pipe(new PlaylistRewriter(target, { ...limit, maxBytes })),
  );
}

/** Cuts `whole` at the given places. */
function cut(whole: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (whole.length + 1)), whole.length].toSorted((a, b) => a - b);
  return ends.map((end, index) => whole.subarray(ends[index - 1] ?? 0, end));
}

const line = fc.oneof(
  fc.constant(Buffer.from(`acestream://${id}`)),
  fc.constant(Buffer.from('#EXTINF:-1,Канал = 1')),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 10 && byte !== 13))),
);
const lineEnd = fc.constantFrom('\n', '\r\n', '\r', '\n\n').map((end) => Buffer.from(end));

describe('a playlist', () => {
  it('comes out the same however it arrives: links lead here, every other byte stays', async () => {
    const list = fc.array(fc.tuple(line, lineEnd), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(list, fc.array(fc.nat(), { maxLength: 12 }), fc.boolean(), async (lines, places, bom) => {
        const whole = Buffer.concat([Buffer.from(bom ? '\ufeff' : ''), ...lines.flat()]);
        const expected = Buffer.from(
          whole.toString('latin1').replaceAll(`acestream://${id}`, `http://h/ace/getstream?id=${id}`),
          'latin1',
        );
        expect(await rewrite(cut(whole, places))).toEqual(expected);
      }),
    );
  });

  it('without a last line end gets none', async () => {
    expect(String(await rewrite([Buffer.from(`#EXTM3U\r\nace://${id}`)]))).toBe(
      `#EXTM3U\r\nhttp://h/ace/getstream?id=${id}`,
    );
  });

  it('in UTF-16 is left alone', async () => {
    const list = Buffer.from(`\ufeff#EXTM3U\r\nacestream://${id}\r\n`, 'utf16le');
    expect(await rewrite([list])).toEqual(list);
  });

  it('with an endless line takes bounded memory, and the lines after it are read', async () => {
    const long = Buffer.alloc(1_000_000, 'x');
    const rewriter = new PlaylistRewriter(target, limit);
    rewriter.write(long);
    expect(rewriter.readableLength).toBe(long.length);
    rewriter.end(`${'y'.repeat(10)}acestream://${id}\nacestream://${id}\n`);
    const text = String(await buffer(rewriter)).slice(long.length);
    expect(text).toBe(`yyyyyyyyyyacestream://${id}\nhttp://h/ace/getstream?id=${id}\n`);
  });

  it('that is too large fails', async () => {
    await expect(rewrite([Buffer.alloc(600), Buffer.alloc(600)], 1_000)).rejects.toThrow('too large');
  });
});
