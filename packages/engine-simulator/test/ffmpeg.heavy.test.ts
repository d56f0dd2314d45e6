import { describe, expect, test } from 'vitest';
import { CHANNELS } from '../src/index.ts';
import { describeWithTools, runProcess } from '../src/testing/index.ts';
import { testEngine } from './test-engine.ts';

const KINDS = CHANNELS.filter(({ media }, index) => CHANNELS.findIndex((other) => other.media === media) === index);

/** What ffmpeg printed, but for its note on each body that ends by closing: it says so of any without Content-Length. */
function withoutCloseNotes(output: string): string[] {
  const isNote = (line: string): boolean =>
    /Stream ends prematurely at \d+, should be 18446744073709551615|Last message repeated/.test(line);
  return output.split('\n').filter((line) => line !== '' && !isNote(line));
}

describeWithTools(describe, ['ffmpeg', 'ffprobe'], 'ffmpeg plays an engine', (paths) => {
  test.each(KINDS.map(({ name, contentId }) => [name, contentId!]))(
    '%s as MPEG-TS: ffprobe shows its streams',
    async (name, contentId) => {
      const engine = await testEngine();
      const { stdout, exitCode } = await runProcess(
        paths.ffprobe,
        [
          '-v',
          'error',
          '-show_entries',
          'stream=codec_type:program_tags=service_name',
          '-of',
          'json',
          `${engine.url}/ace/getstream?id=${contentId}`,
        ],
        { timeoutMs: 60_000 },
      );
      expect(exitCode).toBe(0);
      const { programs } = JSON.parse(stdout);
      expect(programs[0].tags.service_name).toBe(name);
      const types = programs[0].streams.map(({ codec_type }: { codec_type: string }) => codec_type).toSorted();
      expect(types).toEqual(name.includes('Radio') ? ['audio'] : ['audio', 'video']);
    },
  );

  test.each(KINDS.map(({ name, contentId }) => [name, contentId!]))(
    '%s as HLS: twenty seconds decode without a word',
    async (_name, contentId) => {
      const engine = await testEngine();
      const { stdout, stderr, exitCode } = await runProcess(
        paths.ffmpeg,
        [
          '-v',
          'error',
          '-live_start_index',
          '0',
          '-i',
          `${engine.url}/ace/manifest.m3u8?id=${contentId}`,
          '-t',
          '20',
          '-f',
          'null',
          '-',
        ],
        { timeoutMs: 90_000 },
      );
      expect({ exitCode, output: withoutCloseNotes(stdout + stderr) }).toEqual({ exitCode: 0, output: [] });
    },
  );
});
