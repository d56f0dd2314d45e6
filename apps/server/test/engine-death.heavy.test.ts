import { setTimeout as delay } from 'node:timers/promises';
import { describeWithTools, runProcess, spawnSimulator } from '@acestream-orchestrator/engine-simulator/testing';
import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { meteringRelay } from './metering-relay.ts';
import { channel } from './serve.ts';
import { spawnServer } from './server-process.ts';

const readers = 4;

interface Stream {
  readonly container_id: string;
  readonly clients: number;
  readonly recoveries: number;
}

describeWithTools(describe, ['ffmpeg'], 'an engine process that is killed', ({ ffmpeg }) => {
  it('under four ffmpeg readers: all play on over the same connections and never run dry', async () => {
    // Engines of one swarm are not equally far behind the broadcast.
    await using one = await spawnSimulator({ args: ['--lag-ms', '2000'] });
    await using two = await spawnSimulator({ args: ['--lag-ms', '3500'] });
    await using server = await spawnServer({ ENGINE_URLS: `${one.url},${two.url}` });
    await using relay = await meteringRelay(server.origin);
    const url = `${relay.origin}/ace/getstream?id=${channel(1)}`;
    const args = ['-v', 'error', '-i', url, '-t', '45', '-f', 'null', '-'];
    const ends = Array.from({ length: readers }, () => runProcess(ffmpeg, args, { timeoutMs: 120_000 }));

    const stream = async (): Promise<Stream | undefined> =>
      ((await (await fetch(`${server.origin}/streams?status=started`)).json()) as Stream[])[0];
    const before = await eventually(async () => {
      const now = await stream();
      return now?.clients === readers && now;
    }, 20_000);
    await delay(5_000);
    for (const { meter } of relay.passages) meter.resetMinimum();

    const [victim, heir] = one.url.endsWith(before.container_id) ? [one, two] : [two, one];
    victim.kill('SIGKILL');
    await victim.exited;
    const after = await eventually(async () => {
      const now = await stream();
      return now !== undefined && now.recoveries > 0 && now;
    }, 20_000);
    expect(after).toMatchObject({ clients: readers, recoveries: 1 });
    expect(heir.url.endsWith(after.container_id)).toBe(true);

    const results = await Promise.all(ends);
    expect(results.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(results.map(() => [0, '']));
    expect(relay.passages).toHaveLength(readers);
    for (const passage of relay.passages) {
      expect(passage.endedByServer).toBe(false);
      expect(passage.meter.finish(performance.now())).toBeGreaterThan(0);
      expect(passage.meter.jumps).toBe(0);
    }
  });
});
