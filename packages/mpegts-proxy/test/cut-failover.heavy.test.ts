import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyseTs, describeWithTools, runProcess } from '@acestream-orchestrator/engine-simulator/testing';
import { describe, expect, test } from 'vitest';
import { Swarm } from './swarm.ts';
import { until } from './until.ts';

/** What the second engine sends in place of the broadcast, so that there is nothing to overlap. */
const STRANGERS: readonly (readonly [string, string, object])[] = [
  ['another channel', 'notification-clip', { channel: '2'.repeat(40) }],
  ['another channel of another kind', 'notification-clip', { channel: '5'.repeat(40) }],
  ['the same with a clock far away', 'timestamp-jump', { jumpMs: 3_600_000 }],
];

describeWithTools(describe, ['ffmpeg'], 'a recovery without an overlap', ({ ffmpeg }) => {
  test.each(STRANGERS)(
    'onto %s is a flagged cut at a keyframe that damages nothing else',
    async (_what, fault, parameters) => {
      await using swarm = await Swarm.start([[], []]);
      await swarm.fault(1, fault, parameters);
      const recording = swarm.record();
      await until(() => recording.bytes > 500_000, 'playing');
      await swarm.kill(0);
      await until(() => swarm.splices.length === 1, 'the splice', 25_000);
      const spliced = recording.bytes;
      await until(() => recording.bytes > spliced + 600_000, 'it to go on', 25_000);
      expect(recording.ended).toBe(false);
      expect(swarm.splices[0]!.splice).not.toBe('exact');
      const media = recording.media();
      const report = await analyseTs(media);
      expect(report.syncLosses).toEqual([]);
      expect(report.leadingBytes + report.trailingBytes).toBe(0);
      expect(report.continuityErrors.filter(({ flagged }) => !flagged)).toEqual([]);
      expect(report.timestampErrors.filter(({ flagged }) => !flagged)).toEqual([]);
      expect([...report.pids.values()].reduce((sum, { discontinuities }) => sum + discontinuities, 0)).toBeGreaterThan(
        2,
      );
      const folder = await mkdtemp(join(tmpdir(), 'cut-'));
      try {
        await writeFile(join(folder, 'recording.mpegts'), media);
        const decoded = await runProcess(ffmpeg, [
          '-v',
          'error',
          '-i',
          join(folder, 'recording.mpegts'),
          '-f',
          'null',
          '-',
        ]);
        expectDamageOnlyAtTheBreaks(decoded.stderr);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  );
});

/**
 * A picture and a sound frame are damaged where the old source broke off, and again where the recording ends. The null
 * muxer's own complaint that two pictures round to the same time, where ffmpeg moves the new clock behind the old one,
 * says nothing of the bytes.
 */
function expectDamageOnlyAtTheBreaks(stderr: string): void {
  const lines = stderr.split('\n').filter((line) => line !== '' && !line.includes('increasing dts to muxer'));
  const of = (pattern: RegExp): number => lines.filter((line) => pattern.test(line)).length;
  const pictures = of(/^\[h264 .*error while decoding MB/);
  const sounds = of(/^\[aac /);
  const summaries = of(/^Error while decoding stream/);
  expect(pictures).toBeLessThanOrEqual(2);
  expect(sounds).toBeLessThanOrEqual(2);
  expect(lines.length).toBe(pictures + sounds + summaries);
}
