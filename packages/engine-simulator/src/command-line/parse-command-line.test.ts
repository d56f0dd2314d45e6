import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseCommandLine } from './parse-command-line.ts';

const parse = (line: string): ReturnType<typeof parseCommandLine> => parseCommandLine(line.split(' ').filter(Boolean));

test('without flags it is an engine on its usual port, for this machine alone', () => {
  expect(parse('')).toEqual({
    options: { port: 6878, controlPort: false, remoteAccess: false, faults: {} },
    help: false,
    readyJson: false,
    notices: [],
  });
});

test('the flags of a real engine are obeyed where they mean something', () => {
  const { options, notices } = parse(
    '--client-console --http-port 40001 --bind-all --live-buffer 60 --live-mem-cache-size=104857600',
  );
  expect(options).toMatchObject({
    port: 40_001,
    host: '0.0.0.0',
    remoteAccess: true,
    liveBufferMs: 60_000,
    liveBufferBytes: 104_857_600,
  });
  expect(notices).toEqual([]);
});

test('other flags of a real engine, and unknown ones, are accepted with a notice', () => {
  const { options, notices } = parse(
    '--client-console --live-cache-type memory --disable-upnp --log-stdout-level=debug --wings 2 --http-port 7000',
  );
  expect(options.port).toBe(7000);
  expect(notices).toEqual([
    'ignored: --live-cache-type (has no effect here)',
    'ignored: --disable-upnp (has no effect here)',
    'ignored: --log-stdout-level (has no effect here)',
    'ignored: --wings (unknown)',
    'ignored: 2',
  ]);
});

test('a file of flags is read in its place', async () => {
  const file = join(tmpdir(), `engine-simulator-${process.pid}.conf`);
  await writeFile(file, '--http-port 41000\n--bind-all\n');
  expect(parse(`--client-console @${file}`).options).toMatchObject({ port: 41_000, host: '0.0.0.0' });
});

test('the simulator’s own flags become options', () => {
  const { options, readyJson } = parse(
    '--host 127.0.0.2 --control-port 0 --control-host 127.0.0.3 --engine-version 3.1.70 --bits-per-second 8000000 --unpaced ' +
      '--burst-ms 0 --lag-ms 10 --start-delay-ms 5-50 --reader-idle-stop-ms 9 --seed 7 --ready-json',
  );
  expect(readyJson).toBe(true);
  expect(options).toMatchObject({
    host: '127.0.0.2',
    controlPort: 0,
    controlHost: '127.0.0.3',
    version: '3.1.70',
    channel: { bitsPerSecond: 8_000_000 },
    rate: 'unpaced',
    burstMs: 0,
    lagMs: 10,
    startDelayMs: [5, 50],
    readerIdleStopMs: 9,
    seed: 7,
  });
});

test('faults can be named with and without parameters', () => {
  const { options } = parse('--fault playback-hangs --fault stall={"durationMs":2000,"times":1}');
  expect(options.faults).toEqual({ 'playback-hangs': {}, stall: { durationMs: 2000, times: 1 } });
});

test.each([
  ['--http-port ten', /--http-port needs a number, not "ten"/],
  ['--burst-ms', /--burst-ms needs a value/],
  ['--fault nonsense', /--fault "nonsense" is none of refuse-connections/],
  ['--fault stall={', /--fault stall= needs JSON/],
  ['--bits-per-second 3', /bitsPerSecond must be/],
])('"%s" is refused with a sentence', (line, message) => {
  expect(() => parse(line)).toThrow(message);
});
