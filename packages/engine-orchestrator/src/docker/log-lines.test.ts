import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RuntimeLogLine } from '../runtime/engine-runtime.ts';
import { LogLines } from './log-lines.ts';

function frame(stream: 1 | 2, text: string | Buffer): Buffer {
  const body = Buffer.from(text as string);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

function readAll(chunks: readonly Buffer[], terminal = false): RuntimeLogLine[] {
  const lines = new LogLines({ terminal });
  return [...chunks.flatMap((chunk) => lines.push(chunk)), ...lines.finish()];
}

it('reads the same lines however the log is cut', () => {
  const log = Buffer.concat([
    frame(1, '2026-11-24T22:38:21.123456789Z Grüße\n2026-11-24T22:38:22Z second\r\n'),
    frame(2, 'no time here\n'),
    frame(1, '2026-11-24T22:38:23.5Z half '),
    frame(2, 'in between\n'),
    frame(1, 'a line\nunfinished'),
  ]);
  const expected = [
    { stream: 'stdout', text: 'Grüße', at: Date.UTC(2026, 10, 24, 22, 38, 21, 123) },
    { stream: 'stdout', text: 'second', at: Date.UTC(2026, 10, 24, 22, 38, 22) },
    { stream: 'stderr', text: 'no time here' },
    { stream: 'stderr', text: 'in between' },
    { stream: 'stdout', text: 'half a line', at: Date.UTC(2026, 10, 24, 22, 38, 23, 500) },
    { stream: 'stdout', text: 'unfinished' },
  ];
  fc.assert(
    fc.property(fc.array(fc.nat(log.length)), (cuts) => {
      const places = [0, ...cuts.sort((one, other) => one - other), log.length];
      const chunks = places.slice(1).map((end, index) => log.subarray(places[index], end));
      expect(readAll(chunks)).toEqual(expected);
    }),
  );
});

it('a line that Docker keeps in pieces, each with the time of the line, is one line with one time', () => {
  const time = '2026-11-24T22:38:21.123456789Z ';
  const lines = readAll([
    frame(1, `${time}${'a'.repeat(16_384)}`),
    frame(2, `${time}between\n`),
    frame(1, `${time}${'b'.repeat(16_384)}`),
    frame(1, `${time}end\n`),
    frame(1, `${time}next\n`),
  ]);
  expect(lines.map(({ text }) => text)).toEqual(['between', `${'a'.repeat(16_384)}${'b'.repeat(16_384)}end`, 'next']);
  expect(new Set(lines.map(({ at }) => at)).size).toBe(1);
});

it('reads the bare log of a terminal', () => {
  expect(readAll([Buffer.from('one\r\ntw'), Buffer.from('o\n')], true)).toEqual([
    { stream: 'stdout', text: 'one' },
    { stream: 'stdout', text: 'two' },
  ]);
});

it('cuts a line that never ends, so that memory is bounded', () => {
  const lines = readAll([frame(1, 'x'.repeat(200_000)), frame(1, 'y\n')]);
  expect(lines.map(({ text }) => text.length)).toEqual([200_000, 1]);
});
