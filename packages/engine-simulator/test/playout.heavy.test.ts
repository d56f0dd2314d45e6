import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHANNELS } from '../src/channels.ts';
import { type LoopName, MEDIA_LOOPS } from '../src/playout/media-loops.ts';
import { openPlayout } from '../src/playout/open-playout.ts';
import { CLOCK_WRAP } from '../src/playout/timeline.ts';
import { analyseTs, describeWithTools, runProcess } from '../src/testing/index.ts';

const PACKET = 188;
const NOW_MS = Date.UTC(2026, 10, 23, 12);
const WRAP_MS = Math.ceil((NOW_MS * 90) / CLOCK_WRAP) * (CLOCK_WRAP / 90);
/** Codec and ticks of 90 kHz from packet to packet, by stream. */
const STREAMS: Record<LoopName, readonly (readonly [codec: string, step: number])[]> = {
  'h264-aac': [
    ['h264', 3600],
    ['aac', 1920],
  ],
  'h264-aac-8m': [
    ['h264', 3600],
    ['aac', 1920],
  ],
  'hevc-aac': [
    ['hevc', 3600],
    ['aac', 1920],
  ],
  'radio-aac': [['aac', 1920]],
};

describeWithTools(describe, ['ffmpeg', 'ffprobe'], 'ffmpeg takes a playout for one endless clean stream', (paths) => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'playout-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function decode(bytes: Uint8Array): Promise<string> {
    const file = join(folder, 'decode.mpegts');
    await writeFile(file, bytes);
    const { stdout, stderr, exitCode } = await runProcess(paths.ffmpeg, ['-v', 'error', '-i', file, '-f', 'null', '-']);
    return exitCode === 0 ? stdout + stderr : `exit code ${exitCode}: ${stderr}`;
  }

  describe.each(Object.keys(MEDIA_LOOPS) as LoopName[])('%s', (media) => {
    const channel = CHANNELS.find((candidate) => candidate.media === media)!;
    const playout = openPlayout(channel);
    const loops = Math.ceil(60_000 / MEDIA_LOOPS[media].durationMs);
    const loopStart = (wallMs: number): number =>
      Math.floor(playout.offsetAt(wallMs) / playout.loopBytes) * playout.loopBytes;
    const minute = playout.read(loopStart(NOW_MS), loops * playout.loopBytes);

    test('a minute and its seams decode without a word', async () => {
      expect(await decode(minute)).toBe('');
    });

    test('streams are as the table says, and timestamps run evenly over every seam', async () => {
      const file = join(folder, 'probe.mpegts');
      await writeFile(file, minute);
      const show = 'program_tags=service_name:stream=index,codec_name:packet=stream_index,pts,dts';
      const { stdout } = await runProcess(paths.ffprobe, ['-v', 'error', '-show_entries', show, '-of', 'json', file]);
      const probe = JSON.parse(stdout) as {
        programs: { tags: { service_name: string } }[];
        streams: { codec_name: string }[];
        packets: { stream_index: number; pts: number; dts: number }[];
      };
      expect(probe.programs[0]!.tags.service_name).toBe(channel.name);
      expect(probe.streams.map((stream) => stream.codec_name)).toEqual(STREAMS[media].map(([codec]) => codec));
      for (const [index, [, step]] of STREAMS[media].entries()) {
        const packets = probe.packets.filter((packet) => packet.stream_index === index);
        expect(packets.length).toBe((loops * MEDIA_LOOPS[media].durationMs * 90) / step);
        const steps = packets.slice(1).map((packet, at) => packet.dts - packets[at]!.dts);
        expect(new Set(steps)).toEqual(new Set([step]));
        const shown = packets.map((packet) => packet.pts).sort((a, b) => a - b);
        expect(shown.at(-1)! - shown[0]!).toBe((packets.length - 1) * step);
      }
    });

    test('it decodes over the wrap of the clock', async () => {
      const start = loopStart(WRAP_MS) - 2 * playout.loopBytes;
      expect(await decode(playout.read(start, 5 * playout.loopBytes))).toBe('');
    });

    if (MEDIA_LOOPS[media].radio) return;

    test('it decodes from every keyframe on', async () => {
      const { keyframes } = analyseTs(minute.subarray(0, playout.loopBytes));
      const tables = minute.subarray(PACKET, 3 * PACKET);
      expect(keyframes.length).toBeGreaterThan(1);
      for (const { offset } of keyframes) {
        const rest = minute.subarray(offset, playout.loopBytes);
        expect(await decode(Buffer.concat([tables, rest]))).toBe('');
      }
    });
  });
});
