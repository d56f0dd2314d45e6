import { randomBytes } from 'node:crypto';
import { describeWithTools, runProcess, simulatorImage } from '@acestream-orchestrator/engine-simulator/testing';
import { describe, expect, test } from 'vitest';
import { runExample } from './run-example.ts';

describeWithTools(describe, ['docker', 'ldd', 'tar'], 'keep-containers', () => {
  test('three containers run, one that is killed is replaced, and none is left in the end', async () => {
    const instance = `test-${randomBytes(4).toString('hex')}`;
    const running = async (all = false): Promise<string[]> => {
      const filter = `label=ondemand.app=${instance}`;
      const { stdout } = await runProcess('docker', [
        'ps',
        ...(all ? ['-a'] : []),
        '-q',
        '--no-trunc',
        '--filter',
        filter,
      ]);
      return stdout
        .toString()
        .split('\n')
        .filter((id) => id !== '');
    };
    const path = '/webui/api/service?method=get_version';
    // Any program that listens will do.
    const example = runExample('keep-containers.ts', await simulatorImage(), '6878', path, instance);
    const answering = (): readonly string[] => example.lines.filter((line) => line.includes(' answers at http://'));
    try {
      await expect.poll(() => answering().length, { timeout: 60_000 }).toBe(3);
      for (const line of answering()) expect((await fetch(new URL(path, line.split(' ').at(-1)))).status).toBe(200);
      const before = await running();
      expect(before).toHaveLength(3);
      await runProcess('docker', ['kill', before[0]!]);
      await expect.poll(() => answering().length, { timeout: 60_000 }).toBe(4);
      const after = await running(true);
      expect(after).toHaveLength(3);
      expect(after).not.toContain(before[0]);
    } finally {
      await example.stop();
      const left = await running(true);
      if (left.length > 0) await runProcess('docker', ['rm', '-fv', ...left]);
      expect(left).toEqual([]);
    }
  }, 180_000);
});
