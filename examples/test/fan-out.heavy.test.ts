import { spawn } from 'node:child_process';
import { describeWithTools, runProcess } from '@acestream-orchestrator/engine-simulator/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LiveOrigin, serveLive } from './live-origin.ts';
import { freePort, type RunningExample, runExample } from './run-example.ts';

/** A moving picture with a tone, made while it is watched; a keyframe every second. */
const CAMERA = [
  ...['-v', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25', '-f', 'lavfi', '-i', 'sine=440'],
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '25', '-c:a', 'aac'],
  ...['-f', 'mpegts', 'pipe:1'],
];

describeWithTools(describe, ['ffmpeg', 'ffprobe'], 'fan-out of a stream that ffmpeg makes', ({ ffmpeg, ffprobe }) => {
  let origin: LiveOrigin;
  let example: RunningExample;
  let url: string;

  beforeAll(async () => {
    origin = await serveLive((response) => {
      const camera = spawn(ffmpeg, CAMERA, { stdio: ['ignore', 'pipe', 'ignore'] });
      camera.stdout.pipe(response);
      return () => void camera.kill('SIGKILL');
    });
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    example = runExample('fan-out.ts', origin.url, port);
    await example.nextLine();
  });
  afterAll(async () => {
    await example.stop();
    await origin.close();
  });

  test('two players decode five seconds each without a word, from one reader of the source', async () => {
    const players = await Promise.all(
      [1, 2].map(() => runProcess(ffmpeg, ['-v', 'error', '-i', url, '-t', '5', '-f', 'null', '-'])),
    );
    for (const { exitCode, stderr } of players) expect([exitCode, stderr]).toEqual([0, '']);
    expect(origin.readers).toBe(1);
  });

  test('a player that comes later finds video and audio', async () => {
    const { stdout } = await runProcess(ffprobe, [
      '-v',
      'error',
      '-show_entries',
      'stream=codec_name',
      '-of',
      'csv=p=0',
      url,
    ]);
    expect(new Set(stdout.split(/\s+/).filter(Boolean))).toEqual(new Set(['h264', 'aac']));
    expect(origin.readers).toBe(1);
  });
});
